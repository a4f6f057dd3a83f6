#!/usr/bin/env bash
# A PostgreSQL server of one's own, for as long as somebody wants it.
#
#   postgres.sh start FOLDER   makes a cluster in FOLDER, starts it, prints its connection string
#   postgres.sh stop FOLDER    stops it at once, as a crash would
#
# It listens on a socket in FOLDER and on nothing else, unless FOLDER holds `server.crt`, `server.key`
# and `port`: then on that port of localhost as well, for connections by TLS only. Exit code 69: PostgreSQL is not installed.
set -euo pipefail

verb="${1:?start or stop}"
folder="${2:?a folder}"
programs="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"
[ -x "$programs/initdb" ] || exit 69

# PostgreSQL refuses to run as root; Debian's packages bring an account for it.
as_account() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

case "$verb" in
start)
    mkdir -p "$folder"
    chmod 755 "$folder"
    if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; fi
    if [ ! -d "$folder/data" ]; then
        as_account "$programs/initdb" --auth=trust --encoding=UTF8 --locale=C \
            --username=postgres --pgdata="$folder/data" >/dev/null
    fi
    options="-k $folder -c listen_addresses=''"
    if [ -f "$folder/server.key" ]; then
        if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder/server.key" "$folder/server.crt"; fi
        chmod 600 "$folder/server.key"
        printf 'local all all trust\nhostssl all all localhost trust\n' >"$folder/data/pg_hba.conf"
        options="-k $folder -c listen_addresses=localhost -p $(cat "$folder/port") -c ssl=on \
            -c ssl_cert_file=$folder/server.crt -c ssl_key_file=$folder/server.key"
    fi
    as_account "$programs/pg_ctl" start --wait --silent --pgdata="$folder/data" \
        --log="$folder/log" --options="$options" >/dev/null
    echo "host=$folder user=postgres dbname=postgres"
    ;;
stop)
    as_account "$programs/pg_ctl" stop --wait --silent --mode=immediate \
        --pgdata="$folder/data" >/dev/null
    ;;
*)
    echo "postgres.sh: start or stop" >&2
    exit 2
    ;;
esac
