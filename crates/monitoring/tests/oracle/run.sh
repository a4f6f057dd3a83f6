#!/bin/sh
# Writes the oracle's crossings: run.sh OUTPUT [WORLDS] [SEGMENTS] [SEED]
# Packages are those of the geometry oracle, in the same virtual environment under target/.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
geometry="$here/../../../spacetime/tests/oracle"
output=$1
target=${CARGO_TARGET_DIR:-"$here/../../../../target"}
venv="$target/oracle-venv"
mkdir -p "$target" "$(dirname "$output")"
if ! cmp -s "$geometry/requirements.txt" "$venv/installed.txt"; then
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$geometry/requirements.txt"
    cp "$geometry/requirements.txt" "$venv/installed.txt"
fi
exec "$venv/bin/python" -B "$here/segments.py" --output "$output" \
    --worlds "${2:-40}" --segments "${3:-50000}" --seed "${4:-20261128}"
