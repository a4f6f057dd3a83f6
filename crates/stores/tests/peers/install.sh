#!/usr/bin/env bash
# Installs PostgreSQL from Debian's packages, for the tests of the store that keeps ledgers in it.
# Prints what is missing and why when it cannot be installed; the tests then say so, too.
set -u

programs() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }

install_postgresql() {
    [ -x "$(programs)/initdb" ] && return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "peers: as root run: apt-get install postgresql"
        return 1
    fi
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends postgresql \
        >/dev/null || {
        echo "peers: apt-get could not install postgresql"
        return 1
    }
}

install_postgresql && echo "peers: PostgreSQL ready in $(programs)"
exit 0
