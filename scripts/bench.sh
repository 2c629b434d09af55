#!/usr/bin/env bash
# Measures the gateway on this machine and prints a markdown table: fan-out against the kernel's limit, connections a second, memory.
#
#   scripts/bench.sh [--rounds 5] [--members 1000] [--messages 300] [--idle 5000]
#
# MOONX=path measures that executable instead of building one.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh

rounds=5 members=1000 messages=300 idle=5000
while (($# > 0)); do
    [[ $# -ge 2 && $2 =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a positive number"
    case $1 in
        --rounds) rounds=$2 ;;
        --members) members=$2 ;;
        --messages) messages=$2 ;;
        --idle) idle=$2 ;;
        *) fail "unknown option $1" ;;
    esac
    shift 2
done

work=$(mktemp -d)
server=
stop_server() {
    [[ -n $server ]] || return 0
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
}
finish() {
    stop_server
    rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

free_port() {
    local port
    for _ in {1..50}; do
        port=$((20000 + RANDOM % 10000))
        answers "$port" || {
            echo "$port"
            return
        }
    done
    fail "no free port"
}

start_server() {
    port=$(free_port)
    "$moonx" up --host 127.0.0.1 --port "$port" --auth-port "$(free_port)" --data-dir "$work/data" --limits off --event-loops 1 \
        --no-feed --log-level error >"$work/server.log" 2>&1 &
    server=$!
    for _ in {1..300}; do
        kill -0 "$server" 2>/dev/null || fail "the gateway ended: $(tail -n 3 "$work/server.log")"
        answers "$port" && [[ -s $work/data/service-token ]] && return
        sleep 0.1
    done
    fail "the gateway did not start within 30 s"
}

bench() {
    local measurement=$1
    shift
    "$moonx" bench "$measurement" --json --url "http://127.0.0.1:$port" --token-file "$work/token" --server-pid "$server" "$@"
}

fanout() {
    bench fanout --connections "$members" --in-flight "$1" --messages "$2" --service-token-file "$work/data/service-token" |
        figure perServerSecond
}

bare_loop() { "$work/bare_loop" -j -n "$members" -k "$1" -m "$2" | figure perServerSecond; }

# The figure of that name in one line of JSON, as a whole number.
figure() { sed -nE "s/.*\"$1\":(-?[0-9]+).*/\1/p"; }

# The middle one of the numbers in a file.
median() { sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }

row() { printf '| %s | %s | %s | %s |\n' "$@"; }

fanout_row() {
    local ours theirs
    ours=$(median "$work/gateway.$1")
    theirs=$(median "$work/loop.$1")
    row "$2" "$ours" "$theirs" "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }')"
}

moonx=${MOONX:-}
if [[ -z $moonx ]]; then
    say "building the release executable" >&2
    swift build -c release --product moonx >&2
    moonx=$(swift build -c release --show-bin-path)/moonx
fi
cc -O2 -Wall -Wextra -o "$work/bare_loop" Benchmarks/bare-loop/bare_loop.c

start_server
"$moonx" token --user bench-user-0001 --ttl 4h --data-dir "$work/data" >"$work/token"

for ((round = 1; round <= rounds; round++)); do
    say "fan-out, round $round of $rounds" >&2
    fanout 1 "$messages" >>"$work/gateway.1"
    bare_loop 1 "$messages" >>"$work/loop.1"
    fanout 16 "$((messages * 16))" >>"$work/gateway.16"
    bare_loop 16 "$((messages * 16))" >>"$work/loop.16"
done

say "connections" >&2
bench connect --connections "$idle" >"$work/connect"

# In a process of its own: what the fan-out has left behind does not count.
stop_server
start_server
say "memory of $idle idle connections" >&2
bench idle --connections "$idle" >"$work/idle"

printf '\n%s, %s cores, %s\n\n' "$(uname -sr)" "$(nproc)" "$(date -u +%F)"
row "fan-out to $members members, 180 bytes" "deliveries per server CPU-second" "bare send() loop in C" "ratio"
row --- ---: ---: ---:
fanout_row 1 "one message at a time"
fanout_row 16 "16 in flight"
printf '\n'
row "connections: $idle" "" "" ""
row --- ---: ---: ---:
row "opened per second" "$(figure perSecond <"$work/connect")" "" ""
row "opened per server CPU-second" "$(figure perServerSecond <"$work/connect")" "" ""
row "bytes of memory per idle connection" "$(figure bytesPerConnection <"$work/idle")" "" ""
