#!/usr/bin/env bash
# Holds many connections over several gateways on one Redis, while every few seconds a message goes to everyone and others to rooms, and prints a
# markdown table: what was lost and dropped, and what each process took. Status 1 where a connection has missed anything or was lost.
#
#   scripts/bench-hold.sh [--connections 100000] [--gateways 6] [--rooms 1000] [--rate 50] [--alert-every 5] [--seconds 600] [--users 10000]
#
# As many processes hold the connections as there are gateways, each from an address of its own (127.0.0.2 and on) and each to all gateways: a pair of
# addresses has some 28,000 ports, and a process here may have 20,000 files open. Limits are on with their defaults, but for those on one address:
# here some 17,000 users come from each. Connections are authenticated, those of a user at most 20.
#
# MOONX=path measures that executable instead of building one.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh

connections=100000 gateways=6 rooms=1000 rate=50 alert_every=5 seconds=600 users=10000
while (($# > 0)); do
    [[ $# -ge 2 && $2 =~ ^[1-9][0-9]*$ ]] || fail "$1 needs a positive number"
    case $1 in
        --connections) connections=$2 ;;
        --gateways) gateways=$2 ;;
        --rooms) rooms=$2 ;;
        --rate) rate=$2 ;;
        --alert-every) alert_every=$2 ;;
        --seconds) seconds=$2 ;;
        --users) users=$2 ;;
        *) fail "unknown option $1" ;;
    esac
    shift 2
done

# Time to open connections, and to notice that something does not come to its end.
readonly opening=$((60 + connections / 200)) grace=30
readonly share=$(((connections + gateways - 1) / gateways))
files=$(ulimit -Hn)
[[ $files == unlimited ]] || ((files >= share + 200)) || fail "$share connections a process need more than $files open files: give more --gateways"
((share <= 28000)) || fail "$share connections from one address are more than it has ports: give more --gateways"
((connections <= users * 20)) || fail "more than 20 connections a user: give more --users"

# shellcheck source=scripts/lib/bench.sh
source scripts/lib/bench.sh

redis() {
    redis_port=$(free_port)
    redis-server --port "$redis_port" --bind 127.0.0.1 --save '' --dir "$work" >"$work/redis.log" 2>&1 &
    started redis "$redis_port" $!
}

# node NAME: one gateway.
node() {
    local port
    port=$(free_port)
    "$moonx" gateway --host 127.0.0.1 --port "$port" --redis "redis://127.0.0.1:$redis_port" --event-loops 1 --jwt-secret-file "$work/secret" \
        --jwt-issuer moonx-auth --jwt-audience moonx-gateway --connections-per-address "$connections" --handshakes "$connections/$connections" \
        --drain-time 0s --log-level warning >"$work/$1.log" 2>&1 &
    started "$1" "$port" $!
}

# pages FILE: the metrics of all gateways.
pages() {
    local number port
    for ((number = 1; number <= gateways; number++)); do
        port=port_gateway$number
        exec 3<>"/dev/tcp/127.0.0.1/${!port}"
        printf 'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >&3
        cat <&3
        exec 3>&-
    done | tr -d '\r' >"$work/pages.$1"
}

# metric FILE NAME: the sum of a metric over all gateways, by its name with its labels.
metric() { awk -v name="$2" 'index($0, name " ") == 1 { sum += $NF } END { print sum + 0 }' "$work/pages.$1"; }

# more NAME: by how much it has grown under load.
more() { echo $(($(metric after "$1") - $(metric before "$1"))); }

# sample FILE: CPU time in ticks and the most resident memory in KiB so far, of each process that still runs.
sample() {
    local name pid ticks resident
    for name in "${names[@]}"; do
        pid=pid_$name
        ticks=$(sed 's/.*) //' "/proc/${!pid}/stat" 2>/dev/null | cut -d ' ' -f 12,13 | tr ' ' '+') || continue
        resident=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${!pid}/status" 2>/dev/null) || continue
        [[ -z $ticks || -z $resident ]] || echo "$((ticks)) $resident" >"$work/$1.$name"
    done
}

# The last words of all processes.
last_words() { tail -qn 3 "$work"/*.log | sort -u | tail -n 20; }

running() { kill -0 "$1" 2>/dev/null; }

# total FIGURE: the sum of a figure over the holding processes.
total() { cat "$work"/held.* | figure "$1" | awk '{ sum += $1 } END { print sum + 0 }'; }

# worst FIGURE: the highest of it.
worst() { cat "$work"/held.* | figure "$1" | sort -n | tail -n 1; }

least() { cat "$work"/held.* | figure "$1" | sort -n | head -n 1; }

find_moonx
head -c 48 /dev/urandom | base64 >"$work/secret"
redis
names=(redis) urls=()
for ((number = 1; number <= gateways; number++)); do
    node "gateway$number"
    names+=("gateway$number")
    port=port_gateway$number
    urls+=(--url "http://127.0.0.1:${!port}")
done
tokens "$work/data" --jwt-secret-file "$work/secret" --count "$users" >"$work/tokens"

say "opening $connections connections" >&2
start=$SECONDS first=0 servers=("${pids[@]}")
for ((number = 1; number <= gateways; number++)); do
    count=$(((connections - first + gateways - number) / (gateways - number + 1)))
    "$moonx" bench hold "${urls[@]}" --connections "$count" --first "$first" --rooms "$rooms" --token-file "$work/tokens" \
        --source "127.0.0.$((number + 1))" --ready-file "$work/ready.$number" --seconds $((opening + seconds + grace)) --grace "$grace" --json \
        >"$work/held.$number" 2>"$work/holder$number.log" &
    declare "pid_holder$number=$!"
    pids+=($!)
    names+=("holder$number")
    first=$((first + count))
done
for ((number = 1; number <= gateways; number++)); do
    pid=pid_holder$number
    until [[ -e $work/ready.$number ]]; do
        running "${!pid}" || fail "a process that holds connections has ended: $(last_words)"
        ((SECONDS - start < opening)) || fail "the connections are not open after $opening s: $(last_words)"
        sleep 0.2
    done
done
opened=$((SECONDS - start))
pages opened
held=$(metric opened 'moonx_sessions{transport="websocket"}')
say "$held connections open after $opened s; publishing for $seconds s" >&2

# What presence and recovery have to write is written by then.
sleep 5
pages before
sample before
load_before=$(cut -d ' ' -f 1 /proc/loadavg)
"$moonx" bench feed --redis "redis://127.0.0.1:$redis_port" --rooms "$rooms" --rate "$rate" --alert-every "$alert_every" --seconds "$seconds" --json \
    >"$work/feed" 2>"$work/feed.log" &
pid_feed=$!
pids+=("$pid_feed")
names+=(feed)
echo "0 0" >"$work/before.feed"
start=$SECONDS counted=0
while true; do
    sample after
    # Before the connections end, all at once: that is none of what is measured.
    if ((counted == 0)) && ! running "$pid_feed"; then
        counted=1
        pages after
    fi
    alive=0
    for ((number = 1; number <= gateways; number++)); do
        pid=pid_holder$number
        ! running "${!pid}" || alive=1
    done
    ((alive == 1)) || break
    ((SECONDS - start < seconds + 2 * grace)) || fail "the connections' processes do not end"
    sleep 1
done
load_after=$(cut -d ' ' -f 1 /proc/loadavg)
elapsed=$((SECONDS - start))
wait "$pid_feed" || fail "nothing more could be published: $(tail -n 3 "$work/feed.log")"
status=0
for ((number = 1; number <= gateways; number++)); do
    pid=pid_holder$number
    wait "${!pid}" || {
        status=1
        warn "process $number: $(tail -n 3 "$work/holder$number.log")"
    }
done
# These have ended: their numbers may be those of others by now.
pids=("${servers[@]}")
dropped="slow consumers $(more 'moonx_sessions_closed_total{reason="slow consumer"}'), short writes $(more moonx_short_writes_total), \
conflated $(more moonx_conflated_total), bus gaps $(more moonx_bus_gaps_total), overflows $(more moonx_bus_overflows_total), \
cut or not heard $(more moonx_bus_cuts_total) (before: $(metric before moonx_bus_cuts_total))"

pair() { printf '| %s | %s |\n' "$@"; }
printf '\n%s, %s cores, %s; load %s before, %s after\n\n' "$(uname -sr)" "$(nproc)" "$(date -u +'%F %H:%M')" "$load_before" "$load_after"
pair "held" "$held connections on $gateways gateways"
pair --- ---:
pair "opened within" "$opened s"
pair "held for" "$(least heldSeconds) s, of which $seconds s under load"
pair "published: prices over $rooms rooms; alerts to everyone" "$(worst pricesPublished); $(worst alertsPublished)"
pair "received: prices; alerts" "$(total prices); $(total alerts)"
pair "by one connection, fewest to most: prices; alerts" \
    "$(least pricesFewest) to $(worst pricesMost); $(least alertsFewest) to $(worst alertsMost)"
pair "lost; repeated or out of order; breaks of \`seq\`" "$(total lost); $(total repeated); $(total outOfSequence)"
pair "connections ended; without everything" "$(total ended); $(total unfinished)"
pair "by the gateways' metrics" "$dropped"
pair "pings answered" "$(total pings)"
pair "prices, from when they were due: median; 99 %, of the process with the highest" "$(worst priceP50) µs; $(worst priceP99) µs"
pair "alerts to everyone: median; 99 %; most" "$(worst alertP50) µs; $(worst alertP99) µs; $(worst alertMax) µs"

printf '\n| process | CPU seconds in %s s | most resident memory, MiB |\n| --- | ---: | ---: |\n' "$elapsed"
ticks=$(getconf CLK_TCK)
for name in "${names[@]}"; do
    paste -d ' ' "$work/before.$name" "$work/after.$name" |
        awk -v name="$name" -v ticks="$ticks" '{ printf "| %s | %.1f | %.0f |\n", name, ($3 - $1) / ticks, $4 / 1024 }'
done
exit "$status"
