#!/usr/bin/env bash
# Installs the two solvers that `detente prove` is tested with, from PyPI:
#   cvc5 1.3.1, of which only the shared library is used, and z3, of which only the program is.
# Prints what is missing and why when one cannot be installed; the tests then say so, too.
set -u

cd "$(dirname "$0")/../../../.."
target="target/peers/solvers"

ready() {
    [ -x "$target/bin/z3" ] && ls "$target"/cvc5.libs/libcvc5parser-*.so* >/dev/null 2>&1
}

if ready; then
    echo "peers: cvc5 and z3 ready"
    exit 0
fi
# Any Python will do that pip can fetch wheels for: they are unpacked, never imported.
for python in python3 python3.13 python3.12 python3.11; do
    if "$python" -m pip --version >/dev/null 2>&1; then
        "$python" -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
            --no-deps --upgrade --target "$target" "cvc5==1.3.1" "z3-solver==5.4.1.0" && break
    fi
done
if ready; then
    echo "peers: cvc5 and z3 ready"
else
    echo "peers: pip could not install cvc5==1.3.1 and z3-solver==5.4.1.0 into $target"
fi
exit 0
