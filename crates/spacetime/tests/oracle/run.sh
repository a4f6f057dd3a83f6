#!/bin/sh
# Writes the oracle's cases: run.sh OUTPUT [COUNT] [SEED]
# Packages go to a virtual environment under target/, pinned in requirements.txt; nothing else is touched.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
output=$1
target=${CARGO_TARGET_DIR:-"$here/../../../../target"}
venv="$target/oracle-venv"
mkdir -p "$target" "$(dirname "$output")"
if ! cmp -s "$here/requirements.txt" "$venv/installed.txt"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$here/requirements.txt"
    cp "$here/requirements.txt" "$venv/installed.txt"
fi
exec "$venv/bin/python" -B "$here/cases.py" --output "$output" --count "${2:-100000}" --seed "${3:-20261122}"
