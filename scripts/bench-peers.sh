#!/usr/bin/env bash
# Measures the gateway beside other servers, each behind a Redis of its own and under the same clients, and prints a markdown table: uWebSockets
# (its Python binding), a minimal Socket.IO server on Node's `ws`, python-socketio on uvloop. Rounds alternate; figures are medians.
#
#   scripts/bench-peers.sh [--rounds 5] [--members 1000] [--messages 300] [--idle 5000] [--seconds 10]
#                          [--only throughput|deflate|latency]
#
# Events compressed (permessage-deflate) follow, beside `ws`, which compresses them for each client.
# Last comes the latency from publication to the clients, of the gateway, as it is and with --busy-poll, and of uWebSockets at the same rate, open
# loop: half of the most that the gateway does one message at a time, measured first. --seconds is for how long each round publishes.
# --only leaves out all else.
#
# MOONX=path measures that executable instead of building one. Installs Debian's node-ws and libuv1, and the peers of
# Benchmarks/peers/requirements.txt into .cache/peers.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh
# shellcheck source=scripts/lib/packages.sh
source scripts/lib/packages.sh
# shellcheck source=scripts/lib/python.sh
source scripts/lib/python.sh

rounds=5 members=1000 messages=300 idle=5000 seconds=10 only=
while (($# > 0)); do
    if [[ $1 == --only ]]; then
        [[ ${2:-} =~ ^(throughput|deflate|latency)$ ]] || fail "--only takes: throughput, deflate, latency"
        only=$2
        shift 2
        continue
    fi
    [[ $# -ge 2 && $2 =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a positive number"
    case $1 in
        --rounds) rounds=$2 ;;
        --members) members=$2 ;;
        --messages) messages=$2 ;;
        --idle) idle=$2 ;;
        --seconds) seconds=$2 ;;
        *) fail "unknown option $1" ;;
    esac
    shift 2
done

install_packages redis-server nodejs node-ws libuv1 python3-venv
install_packages_into .cache/peers Benchmarks/peers/requirements.txt

# shellcheck source=scripts/lib/bench.sh
source scripts/lib/bench.sh

readonly python=.cache/peers/bin/python
names=(moonx uws ws pysio)

# Sets redis_port to that of a new Redis, for the server NAME. With one for all, each would work on what is published to another: uWebSockets
# keeps a core busy as soon as anything comes.
redis() {
    redis_port=$(free_port)
    redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --dir "$work" >"$work/redis_$1.log" 2>&1 &
    started "redis_$1" "$redis_port" $!
}

# peer NAME command…: starts a server that takes its port and that of Redis as its last arguments.
peer() {
    local name=$1 port
    shift
    redis "$name"
    port=$(free_port)
    NODE_PATH=/usr/share/nodejs "$@" "$port" "$redis_port" >"$work/$name.log" 2>&1 &
    started "$name" "$port" $!
}

# ours NAME [option…]: the gateway.
ours() {
    local name=$1
    shift
    redis "$name"
    gateway "$name" "$work/data-$name" --event-loops 1 --allow-guests --redis "redis://127.0.0.1:$redis_port" "$@"
}

# through NAME measurement [option…]: publishes to the server's Redis.
through() {
    local port=port_redis_$1
    bench "$@" --connections "$members" --redis "redis://127.0.0.1:${!port}" --timeout 60
}

start_all() {
    ours moonx
    peer uws "$python" Benchmarks/peers/uws.py
    peer ws node Benchmarks/peers/ws.js
    peer pysio "$python" Benchmarks/peers/socketio_server.py
}

start_deflating() {
    ours moonx --per-message-deflate on
    peer ws node Benchmarks/peers/ws.js deflate
}

# measure LABEL FIGURE by measurement [option…]: alternating rounds of all, `by` bench or through; a row of the table.
measure() {
    local label=$1 wanted=$2 by=$3 measurement=$4 name ours cells=()
    shift 4
    say "$label" >&2
    rm -f "$work"/figure.*
    for ((round = 1; round <= rounds; round++)); do
        for name in "${names[@]}"; do
            "$by" "$name" "$measurement" "$@" | figure "$wanted" >>"$work/figure.$name"
        done
    done
    ours=$(median "$work/figure.moonx")
    for name in "${names[@]:1}"; do
        cells+=("$(median "$work/figure.$name") ($(ratio "$ours" "$(median "$work/figure.$name")"))")
    done
    {
        printf '| %s | %s' "$label" "$ours"
        printf ' | %s' "${cells[@]}"
        printf ' |\n'
    } >>"$work/table"
}

fanout() {
    local label=$1 rooms=$2 at_once=$3 count=$4
    shift 4
    measure "$label" perServerSecond through fanout --rooms "$rooms" --in-flight "$at_once" --messages "$count" "$@"
}

# latencies: all at half of our maximum rate, alternating; rows of a table of their own.
latencies() {
    local name rate figure line cells names=(moonx awake uws)
    say "latency at half of our maximum rate" >&2
    for ((round = 1; round <= rounds; round++)); do
        through moonx fanout --messages "$messages" | figure perSecond >>"$work/figure.maximum"
    done
    # Deliveries a second; half of it, in messages.
    rate=$(($(median "$work/figure.maximum") / 2 / members))
    ((rate > 0)) || fail "less than two messages a second is no rate to measure at"
    for ((round = 1; round <= rounds; round++)); do
        for name in "${names[@]}"; do
            line=$(through "$name" fanout --messages $((rate * seconds)) --rate "$rate")
            for figure in p50 p99 max; do figure "$figure" <<<"$line" >>"$work/latency.$figure.$name"; done
        done
    done
    for figure in p50 p99 max; do
        cells=()
        for name in "${names[@]}"; do
            cells+=("$(median "$work/latency.$figure.$name") ($(ratio "$(median "$work/latency.$figure.$name")" "$(median "$work/latency.$figure.uws")"))")
        done
        row "$figure, µs, at $rate messages a second to $members members" "${cells[@]}" >>"$work/latencies"
    done
    cells=()
    for name in "${names[@]}"; do cells+=("$(paste -s -d ' ' "$work/latency.p99.$name")"); done
    row "p99 of each round" "${cells[@]}" >>"$work/latencies"
}

# compressed: rows of the table for events that are compressed, once by the gateway, for each client by `ws`.
compressed() {
    local bytes names=(moonx ws)
    for bytes in 1230 2400 9300; do
        fanout "$members members, $bytes B, one message at a time" 1 1 "$((messages / 4 + 1))" --deflate --payload-bytes "$bytes"
    done
    fanout "$members members, 1230 B, 16 in flight" 1 16 "$((messages / 4 + 16))" --deflate --payload-bytes 1230
}

throughput() {
    fanout "$members members, one message at a time" 1 1 "$messages"
    fanout "$members members, 16 in flight" 1 16 "$messages"
    fanout "100 rooms of $((members / 100)), 100 in flight" 100 100 5000
    fanout "$members rooms of one, 100 in flight" "$members" 100 5000
    measure "ping → pong, 100 connections" perServerSecond bench echo --connections 100 --seconds 3
    measure "connections, no token" perServerSecond bench connect --connections 2000
}

includes() { [[ -z $only || $only == "$1" ]]; }

find_moonx
if includes throughput; then
    start_all
    throughput
    # In processes of their own: what the fan-out has left behind does not count.
    stop_servers
    start_all
    rounds=1 measure "bytes of memory per idle connection, $idle (smaller is better)" bytesPerConnection bench idle --connections "$idle"
    mv "$work/table" "$work/throughput"
    stop_servers
fi
if includes deflate; then
    start_deflating
    compressed
    mv "$work/table" "$work/deflate"
    stop_servers
fi
if includes latency; then
    ours moonx
    ours awake --busy-poll 100ms
    peer uws "$python" Benchmarks/peers/uws.py
    latencies
fi

printf '\n%s, %s cores, %s, load %s\n' "$(uname -sr)" "$(nproc)" "$(date -u +'%F %H:%M')" "$(cut -d ' ' -f 1 /proc/loadavg)"
if includes throughput; then
    printf '\nFor each CPU-second of the server; in brackets: ours divided by theirs\n\n'
    printf '| work | gateway | uWebSockets (socketify) | ws on Node %s | python-socketio |\n' "$(node --version)"
    printf '| --- | ---: | ---: | ---: | ---: |\n'
    cat "$work/throughput"
fi
if includes deflate; then
    printf '\npermessage-deflate, deliveries for each CPU-second of the server; in brackets: ours divided by theirs\n\n'
    printf '| work | gateway | ws on Node %s |\n' "$(node --version)"
    printf '| --- | ---: | ---: |\n'
    cat "$work/deflate"
fi
if includes latency; then
    printf '\nLatency from publication to the clients, medians of %s rounds of %s s; in brackets: divided by theirs\n\n' "$rounds" "$seconds"
    row "" gateway "gateway, --busy-poll 100ms" "uWebSockets (socketify)"
    row --- ---: ---: ---:
    cat "$work/latencies"
fi
