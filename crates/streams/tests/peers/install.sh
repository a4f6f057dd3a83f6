#!/usr/bin/env bash
# Installs the NATS server from Debian's packages, for the tests of tracks that are spread over a cluster of three.
# Prints what is missing and why when it cannot be installed; the tests then say so, too.
set -u

install_nats() {
    command -v nats-server >/dev/null && return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "peers: as root run: apt-get install nats-server"
        return 1
    fi
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends nats-server \
        >/dev/null || {
        echo "peers: apt-get could not install nats-server"
        return 1
    }
}

install_nats && echo "peers: $(nats-server --version) ready"
exit 0
