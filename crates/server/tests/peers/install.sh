#!/usr/bin/env bash
# Installs two independent programs, for the tests of the API to meet:
#   schemathesis from PyPI, which asks a node everything its OpenAPI document allows, and more
#   (needs Python 3.10 or newer), and
#   oidc-provider from npm, a certified OpenID Connect provider (needs Node.js 18 or newer).
# Prints what is missing and why when one cannot be installed; the tests then say so, too.
set -u

cd "$(dirname "$0")/../../../.."
target="target/peers/server"
mkdir -p "$target"

SCHEMATHESIS="schemathesis==4.32.5"
OIDC_PROVIDER="oidc-provider@8.8.1"

python_310() {
    local candidate
    for candidate in python3 python3.14 python3.13 python3.12 python3.11 python3.10 "$HOME"/.pyenv/versions/3.1[0-9]*/bin/python3; do
        if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

install_schemathesis() {
    local venv="$target/venv" python
    if "$venv/bin/python" -c 'import schemathesis' 2>/dev/null; then
        return 0
    fi
    python="$(python_310)" || {
        echo "peers: schemathesis needs Python 3.10 or newer, which is not here"
        return 1
    }
    "$python" -m venv "$venv" && "$venv/bin/python" -m pip install --quiet \
        --disable-pip-version-check "$SCHEMATHESIS" || {
        echo "peers: pip could not install $SCHEMATHESIS"
        return 1
    }
}

install_provider() {
    if [ -f "$target/node_modules/oidc-provider/package.json" ]; then
        return 0
    fi
    if ! command -v npm >/dev/null && [ "$(id -u)" -eq 0 ]; then
        apt-get update -qq >/dev/null
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends nodejs npm >/dev/null
    fi
    if ! command -v npm >/dev/null; then
        echo "peers: as root run: apt-get install nodejs npm"
        return 1
    fi
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$target" "$OIDC_PROVIDER" >/dev/null || {
        echo "peers: npm could not install $OIDC_PROVIDER"
        return 1
    }
}

install_schemathesis && echo "peers: schemathesis ready in $target/venv"
install_provider && echo "peers: oidc-provider ready in $target/node_modules"
exit 0
