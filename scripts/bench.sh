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

# shellcheck source=scripts/lib/bench.sh
source scripts/lib/bench.sh

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

find_moonx
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
    bench loop echo --connections 100 | figure perServerSecond >>"$work/figure.echo-loop"
done
row "ping → pong, 100 connections" "$(median "$work/figure.echo")" "$(median "$work/figure.echo-loop")" \
    "$(ratio "$(median "$work/figure.echo")" "$(median "$work/figure.echo-loop")")" >>"$work/table"

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
