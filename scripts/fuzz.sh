#!/usr/bin/env bash
# Fuzzes every decoder with libFuzzer: scripts/fuzz.sh [seconds for each target, 60 unless told]
#
# Seeds are read from FuzzTesting/Corpus; what libFuzzer finds on the way stays in FuzzTesting/.build. An input that breaks a decoder is
# kept in FuzzTesting/FailCases, where FuzzCoreTests runs it from then on, and the script ends non-zero.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh

seconds=${1:-60}
[[ $# -le 1 && $seconds =~ ^[1-9][0-9]*$ ]] || fail "usage: scripts/fuzz.sh [seconds for each target]"

# A flag for all modules: a package's own settings would leave the gateway's without coverage. Testing: MessageAssembler is internal.
cd FuzzTesting
swift build -c release -Xswiftc -sanitize=fuzzer -Xswiftc -parse-as-library -Xswiftc -enable-testing -Xswiftc -use-ld=lld

failed=()
fuzz() {
    local program=$1 target=$2 longest=$3
    local found=.build/corpus/$target log=.build/$target.log
    mkdir -p "$found" "FailCases/$target"
    say "$target: $seconds s"
    # A backtrace would take longer than the run; the time limit outlives libFuzzer's own.
    if SWIFT_BACKTRACE=enable=no timeout --kill-after=10 $((seconds + 120)) ".build/release/$program" \
        "$found" "Corpus/$target" -max_total_time="$seconds" -max_len="$longest" -timeout=10 -rss_limit_mb=1024 \
        -artifact_prefix="FailCases/$target/" -print_final_stats=1 >"$log" 2>&1; then
        grep -E '^Done|number_of_executed_units|peak_rss_mb' "$log"
    else
        tail -n 40 "$log" >&2
        failed+=("$target")
    fi
    rmdir "FailCases/$target" 2>/dev/null || true
}

fuzz FuzzJSON json 4096
fuzz FuzzPolling polling 4096
fuzz FuzzPolling3 polling3 4096
fuzz FuzzPackets packets 2048
fuzz FuzzQuery query 2048
fuzz FuzzWebSocket websocket 700

((${#failed[@]} == 0)) || fail "failed: ${failed[*]}; the inputs are in FuzzTesting/FailCases"
