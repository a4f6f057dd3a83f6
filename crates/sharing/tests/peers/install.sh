#!/usr/bin/env bash
# Installs an independent private set intersection, for the private check to compare with: openmined-psi from PyPI.
# Prints what is missing and why when it cannot be installed; the test then says so, too.
set -u

cd "$(dirname "$0")/../../../.."
venv="target/peers/sharing/venv"

if "$venv/bin/python" -c 'import private_set_intersection.python' 2>/dev/null; then
    echo "peers: openmined-psi ready"
    exit 0
fi
mkdir -p "$(dirname "$venv")"
if python3 -m venv --clear "$venv" && "$venv/bin/python" -m pip install --quiet \
    --disable-pip-version-check "openmined-psi==2.0.6"; then
    echo "peers: openmined-psi ready"
else
    echo "peers: install python3-venv (as root: apt-get install python3-venv); pip then installs openmined-psi"
fi
exit 0
