#!/usr/bin/env bash
# Fuzzes every decoder with libFuzzer: scripts/fuzz.sh [seconds for each target, 60 unless told] [target…]
#                                      scripts/fuzz.sh self-test
#
# Seeds are read from FuzzTesting/Corpus; what libFuzzer finds on the way stays in FuzzTesting/.build, without what the seeds cover. Of long
# runs one input for each edge is committed among the seeds, named by its hash: `PROGRAM -merge=1 -use_counters=0 NEW Corpus/T .build/corpus/T`. An
# input that breaks a decoder is kept in FuzzTesting/FailCases, where FuzzCoreTests runs it from then on, and the script ends non-zero.
# The self-test shows that it does: it fuzzes a program with a mistake in it, outside the repository.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh
# shellcheck source=scripts/lib/fuzz.sh
source scripts/lib/fuzz.sh

self_test() {
    local folder output
    folder=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$folder'" EXIT
    mkdir -p "$folder/Corpus/mistake" "$folder/.build"
    printf 'BU' >"$folder/Corpus/mistake/seed"
    cat >"$folder/mistake.swift" <<'SWIFT'
@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    // Reads past the end of what begins with BUG.
    if bytes.starts(with: Array("BUG".utf8)) { return CInt([0, 1][bytes.count]) }
    return 0
}
SWIFT
    swiftc -O -parse-as-library -sanitize=fuzzer -use-ld=lld "$folder/mistake.swift" -o "$folder/mistake"
    output=$(fuzz_one "$folder" "$folder/mistake" mistake 64 30 2>&1) && fail "self-test: a program with a mistake passed: $output"
    compgen -G "$folder/FailCases/mistake/crash-*" >/dev/null || fail "self-test: the input was not kept: $output"
    [[ $(head -c 3 "$folder"/FailCases/mistake/crash-*) == BUG ]] || fail "self-test: another input was kept: $output"
    grep -q 'kept: FailCases/mistake/crash-' <<<"$output" || fail "self-test: the input was not named: $output"
    say "self-test: a crash fails the run, its input is kept and named"
}

if [[ ${1:-} == self-test ]]; then
    self_test
    exit
fi
seconds=${1:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || fail "usage: scripts/fuzz.sh [seconds for each target] [target…], or scripts/fuzz.sh self-test"
shift $(($# > 0))
wanted=" $* "

# A flag for all modules: a package's own settings would leave the gateway's without coverage. Testing: MessageAssembler is internal.
(cd FuzzTesting && swift build -c release -Xswiftc -sanitize=fuzzer -Xswiftc -parse-as-library -Xswiftc -enable-testing -Xswiftc -use-ld=lld)

failed=()
fuzz() {
    local program=$1 target=$2 longest=$3
    [[ $wanted == "  " || $wanted == *" $target "* ]] || return 0
    say "$target: $seconds s"
    fuzz_one FuzzTesting ".build/release/$program" "$target" "$longest" "$seconds" || failed+=("$target")
}

fuzz FuzzJSON json 4096
fuzz FuzzPolling polling 4096
fuzz FuzzPolling3 polling3 4096
fuzz FuzzPackets packets 2048
fuzz FuzzQuery query 1024
fuzz FuzzOpening opening 1024
fuzz FuzzWebSocket websocket 700
fuzz FuzzMessagePack msgpack 2048
fuzz FuzzMessagePackPackets msgpack-packets 2048
fuzz FuzzProxyHeader proxy-header 4200
fuzz FuzzRESP resp 1024

((${#failed[@]} == 0)) || fail "failed: ${failed[*]}; the inputs are in FuzzTesting/FailCases"
