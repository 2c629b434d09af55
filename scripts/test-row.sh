#!/usr/bin/env bash
# Runs the suites of `make test` again and again and prints a line for each run: a test that misses once in twenty runs is a defect, of the test or of
# what it tests. Status 1 where a run failed.
#
#   scripts/test-row.sh [--runs 20] [--suite all|swift|end-to-end] [--workers 4]
#
# A run that failed does not end the row, since how often it happens says much about why. What it printed stays in .build/test-row. Nothing else
# should be running: waits in tests are long, not endless.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh

runs=20 suite=all workers=4
while (($# > 0)); do
    (($# >= 2)) || fail "$1 needs a value"
    case $1 in
        --runs) runs=$2 ;;
        --suite) suite=$2 ;;
        --workers) workers=$2 ;;
        *) fail "unknown option $1: --runs, --suite and --workers are known" ;;
    esac
    shift 2
done
[[ $runs =~ ^[1-9][0-9]*$ ]] || fail "--runs needs a positive number"
[[ $workers =~ ^[0-9]+$ ]] || fail "--workers needs a number"
case $suite in
    all) suites=(swift end-to-end) ;;
    swift | end-to-end) suites=("$suite") ;;
    *) fail "--suite is all, swift or end-to-end" ;;
esac

scripts/setup.sh test
scripts/swift-build.sh --build-tests
if [[ $suite != swift ]]; then
    scripts/swift-build.sh --product moonx
    scripts/swift-build.sh --package-path Examples --product ConformanceServer
fi

readonly logs=.build/test-row
mkdir -p "$logs"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

run() {
    case $1 in
        swift) MOONX_NEED_REDIS=1 swift test --skip-build --no-parallel ;;
        end-to-end) .venv/bin/python -m pytest Tests/EndToEnd --numprocesses "$workers" --dist loadfile --no-loadscope-reorder ;;
    esac
}

# What a suite says of itself at its end, without the ornament.
summary() { grep -E 'Test run with [0-9]+ tests|[0-9]+ (passed|failed|errors?).* in [0-9.]+s' "$1" | tail -n 1 | sed -E 's/^[^A-Za-z0-9]*//; s/ *=+$//'; }

failed=0
for ((number = 1; number <= runs; number++)); do
    for each in "${suites[@]}"; do
        log=$logs/$number-$each.log
        status=0
        # A folder of its own, so that no run finds what another left.
        mkdir "$scratch/$number-$each"
        TMPDIR=$scratch/$number-$each run "$each" >"$log" 2>&1 </dev/null || status=$?
        rm -rf "${scratch:?}/$number-$each"
        if ((status == 0)); then
            say "$(date +%H:%M:%S) run $number of $runs, $each: $(summary "$log")"
            rm "$log"
        else
            failed=$((failed + 1))
            warn "$(date +%H:%M:%S) run $number of $runs, $each: status $status, see $log: $(summary "$log")"
        fi
    done
done
((failed == 0)) || fail "$failed of $((runs * ${#suites[@]})) runs failed"
say "$((runs * ${#suites[@]})) of $((runs * ${#suites[@]})) runs passed"
