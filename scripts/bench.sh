#!/usr/bin/env bash
# Measures the gateway on this machine and prints a markdown table: fan-out against the kernel's limit, round trips, connections, memory.
#
#   scripts/bench.sh [--rounds 5] [--members 1000] [--messages 300] [--idle 15000] [--many 19000]
#
# MOONX=path measures that executable instead of building one.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh

rounds=5 members=1000 messages=300 idle=15000 many=19000
while (($# > 0)); do
    [[ $# -ge 2 && $2 =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a positive number"
    case $1 in
        --rounds) rounds=$2 ;;
        --members) members=$2 ;;
        --messages) messages=$2 ;;
        --idle) idle=$2 ;;
        --many) many=$2 ;;
        *) fail "unknown option $1" ;;
    esac
    shift 2
done

work=$(mktemp -d)
pids=()
stop_servers() {
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    pids=()
}
finish() {
    stop_servers
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

# gateway NAME DIRECTORY [option…]: starts one, and sets port_NAME and pid_NAME.
gateway() {
    local name=$1 data=$2 port
    shift 2
    port=$(free_port)
    "$moonx" up --host 127.0.0.1 --port "$port" --auth-port "$(free_port)" --data-dir "$data" --limits off --no-feed --log-level error "$@" \
        >"$work/$name.log" 2>&1 &
    started "$name" "$port" $!
}

# bare NAME: the same for the loop in C that speaks to the load tool.
bare() {
    local port
    port=$(free_port)
    "$work/bare_server" -p "$port" &
    started "$1" "$port" $!
}

started() {
    pids+=("$3")
    declare -g "port_$1=$2" "pid_$1=$3"
    for _ in {1..300}; do
        kill -0 "$3" 2>/dev/null || fail "$1 ended: $(tail -n 3 "$work/$1.log" 2>/dev/null)"
        answers "$2" && return
        sleep 0.1
    done
    fail "$1 did not start within 30 s"
}

# bench NAME MEASUREMENT [option…]: measures the server of that name.
bench() {
    local port=port_$1 pid=pid_$1 measurement=$2
    shift 2
    "$moonx" bench "$measurement" --json --url "http://127.0.0.1:${!port}" --server-pid "${!pid}" "$@"
}

tokens() { "$moonx" token --user bench-user --ttl 4h --data-dir "$@"; }

# The figure of that name in one line of JSON, as a whole number.
figure() { sed -nE "s/.*\"$1\":(-?[0-9]+).*/\1/p"; }

# The middle one of the numbers in a file.
median() { sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }

row() { printf '| %s | %s | %s | %s |\n' "$@"; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", (b > 0 ? a / b : 0) }'; }

# alternate LABEL connections rooms in-flight messages: rounds of the gateway and of the bare loop, one after the other; a row of the table.
alternate() {
    local label=$1 connections=$2 rooms=$3 at_once=$4 count=$5 name
    rm -f "$work"/figure.*
    say "$label" >&2
    for ((round = 1; round <= rounds; round++)); do
        for name in one loop; do
            bench "$name" fanout --connections "$connections" --rooms "$rooms" --in-flight "$at_once" --messages "$count" \
                --token-file "$work/token" --service-token-file "$work/data/service-token" | figure perServerSecond >>"$work/figure.$name"
        done
        [[ $rooms -gt 1 ]] || "$work/bare_loop" -j -n "$connections" -k "$at_once" -m "$count" | figure perServerSecond >>"$work/figure.c"
    done
    local ours theirs
    ours=$(median "$work/figure.one")
    theirs=$(median "$work/figure.loop")
    row "$label" "$ours" "$theirs" "$(ratio "$ours" "$theirs")" >>"$work/table"
    [[ $rooms -gt 1 ]] || row "— against bare_loop with readers of its own" "" "$(median "$work/figure.c")" \
        "$(ratio "$ours" "$(median "$work/figure.c")")" >>"$work/table"
}

# connections LABEL NAME [option…]: opens some of them, and a row of the table.
connections() {
    local label=$1 name=$2
    shift 2
    say "connections: $label" >&2
    rm -f "$work/figure.connect"
    for ((round = 1; round <= rounds; round++)); do
        bench "$name" connect --connections 5000 "$@" | figure perServerSecond >>"$work/figure.connect"
    done
    row "connections, $label" "$(median "$work/figure.connect")" "" "" >>"$work/table"
}

moonx=${MOONX:-}
if [[ -z $moonx ]]; then
    say "building the release executable" >&2
    swift build -c release --product moonx >&2
    moonx=$(swift build -c release --show-bin-path)/moonx
fi
for program in bare_loop bare_server; do cc -O2 -Wall -Wextra -o "$work/$program" "Benchmarks/bare-loop/$program.c"; done

gateway one "$work/data" --event-loops 1 --allow-guests
bare loop
tokens "$work/data" >"$work/token"

alternate "$members members, one message at a time" "$members" 1 1 "$messages"
alternate "$members members, 16 in flight" "$members" 1 16 "$((messages * 16))"
alternate "100 rooms of 10, 100 in flight" 1000 100 100 20000
alternate "1,000 rooms of one, 100 in flight" 1000 1000 100 20000

say "round trips" >&2
for ((round = 1; round <= rounds; round++)); do
    bench one echo --connections 100 --token-file "$work/token" | figure perServerSecond >>"$work/figure.echo"
done
row "ping → pong, 100 connections" "$(median "$work/figure.echo")" "" "" >>"$work/table"

connections "no token" one
connections "ES256, the same token" one --token-file "$work/token"
tokens "$work/data" --count 5000 >"$work/tokens"
# A verified token is remembered: each round needs a gateway that has not seen them.
for ((round = 1; round <= rounds; round++)); do
    stop_servers
    gateway fresh "$work/data" --event-loops 1
    bench fresh connect --connections 5000 --token-file "$work/tokens" | figure perServerSecond >>"$work/figure.es256"
done
row "connections, ES256, a token for each" "$(median "$work/figure.es256")" "" "" >>"$work/table"
head -c 48 /dev/urandom | base64 >"$work/secret"
tokens "$work/data" --jwt-secret-file "$work/secret" --count 5000 >"$work/tokens"
for ((round = 1; round <= rounds; round++)); do
    stop_servers
    gateway fresh "$work/data" --event-loops 1 --jwt-secret-file "$work/secret"
    bench fresh connect --connections 5000 --token-file "$work/tokens" | figure perServerSecond >>"$work/figure.hs256"
done
row "connections, HS256, a token for each" "$(median "$work/figure.hs256")" "" "" >>"$work/table"

stop_servers
gateway fresh "$work/data" --event-loops 1
say "memory of $idle idle connections" >&2
row "bytes of memory per idle connection, $idle" "$(bench fresh idle --connections "$idle" --token-file "$work/token" | figure bytesPerConnection)" \
    "" "" >>"$work/table"

stop_servers
gateway one "$work/data" --event-loops 1
bare loop
rounds=3 alternate "$many members, one message at a time" "$many" 1 1 20

stop_servers
gateway one "$work/data" --event-loops 1
gateway loop "$work/data-two" --event-loops 2
cp "$work/data-two/service-token" "$work/service-token-two"
tokens "$work/data-two" >"$work/token-two"
say "two event loops" >&2
rm -f "$work"/figure.*
for ((round = 1; round <= rounds; round++)); do
    bench one fanout --connections "$members" --messages "$messages" --token-file "$work/token" \
        --service-token-file "$work/data/service-token" | figure perServerSecond >>"$work/figure.one"
    bench loop fanout --connections "$members" --messages "$messages" --token-file "$work/token-two" \
        --service-token-file "$work/service-token-two" | figure perServerSecond >>"$work/figure.two"
done
row "two event loops (beside it: one)" "$(median "$work/figure.two")" "$(median "$work/figure.one")" \
    "$(ratio "$(median "$work/figure.two")" "$(median "$work/figure.one")")" >>"$work/table"

printf '\n%s, %s cores, %s\n\n' "$(uname -sr)" "$(nproc)" "$(date -u +%F)"
row "for each CPU-second of the server" gateway "bare loop" ratio
row --- ---: ---: ---:
cat "$work/table"
