# shellcheck shell=bash
# What the measurements have in common: servers that are started and ended, figures, rows of a table.

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

# Sets moonx to the executable to measure.
find_moonx() {
    moonx=${MOONX:-}
    [[ -z $moonx ]] || return 0
    say "building the release executable" >&2
    scripts/build-release.sh >&2
    moonx=.build/release/moonx
}
