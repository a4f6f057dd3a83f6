#!/usr/bin/env bash
# Installs two independent verifiers of tile logs, for the tests to compare with:
#   Go's golang.org/x/mod (sumdb/note, sumdb/tlog) from Debian's packages, and
#   aics-tlog, pure Python, from PyPI (needs Python 3.12 or newer).
# Prints what is missing and why when one cannot be installed; the tests then say so, too.
set -u

cd "$(dirname "$0")/../../../.."
target="target/peers/ledger"
mkdir -p "$target"

install_go() {
    if [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb/tlog ] && command -v go >/dev/null; then
        return 0
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "peers: as root run: apt-get install golang-go golang-golang-x-mod-dev"
        return 1
    fi
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
        golang-go golang-golang-x-mod-dev >/dev/null || {
        echo "peers: apt-get could not install golang-go and golang-golang-x-mod-dev"
        return 1
    }
}

build_go() {
    local source="crates/ledger/tests/peers/goverify/main.go" binary="$target/goverify"
    [ "$binary" -nt "$source" ] && return 0
    # GOPATH mode uses Debian's sources and downloads nothing.
    GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= GOCACHE="$PWD/$target/go-cache" \
        go build -o "$binary" "$source" || {
        echo "peers: the Go verifier does not build"
        return 1
    }
}

python_312() {
    local candidate
    for candidate in python3.14 python3.13 python3.12 python3 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python3; do
        if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

install_python() {
    local venv="$target/venv" python
    if "$venv/bin/python" -c 'import aics_tlog' 2>/dev/null; then
        return 0
    fi
    python="$(python_312)" || {
        echo "peers: aics-tlog needs Python 3.12 or newer, which is not here"
        return 1
    }
    "$python" -m venv "$venv" && "$venv/bin/python" -m pip install --quiet \
        --disable-pip-version-check "aics-tlog==0.2.1" || {
        echo "peers: pip could not install aics-tlog"
        return 1
    }
}

install_go && build_go && echo "peers: Go x/mod verifier ready"
install_python && echo "peers: aics-tlog ready"
exit 0
