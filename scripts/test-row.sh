#!/usr/bin/env bash
# Runs the suites of `make test` again and again, a line for each run: scripts/test-row.sh [runs, 20 unless told] [unit] [e2e]
#
# A test that misses once in twenty runs is a defect, of the test or of what it tests. A run that failed does not end the row, since how often that
# happens says much about why; what it printed stays in .build/test-row, and the script ends with 1. Nothing else should be running: waits in tests are
# long, not endless.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh

runs=${1:-20}
[[ $runs =~ ^[1-9][0-9]*$ ]] || fail "usage: scripts/test-row.sh [runs] [unit] [e2e]"
suites=("${@:2}")
((${#suites[@]} > 0)) || suites=(unit e2e)
for suite in "${suites[@]}"; do
    [[ $suite == unit || $suite == e2e ]] || fail "there is no suite $suite: unit and e2e are known"
done

readonly logs=.build/test-row
mkdir -p "$logs"
trap 'exit 130' INT TERM

# What a suite says of itself at its end, without the ornament.
summary() { grep -E 'Test run with [0-9]+ tests|[0-9]+ (passed|failed|errors?).* in [0-9.]+s' "$1" | tail -n 1 | sed -E 's/^[^A-Za-z0-9]*//; s/ *=+$//'; }

say "the first run builds what is not built; the output of a run goes to $logs"
failed=0
for ((number = 1; number <= runs; number++)); do
    for suite in "${suites[@]}"; do
        log=$logs/$number-$suite.log
        status=0
        make --no-print-directory "$suite" >"$log" 2>&1 </dev/null || status=$?
        if ((status == 0)); then
            say "$(date +%H:%M:%S) run $number of $runs, $suite: $(summary "$log")"
            rm "$log"
        else
            failed=$((failed + 1))
            warn "$(date +%H:%M:%S) run $number of $runs, $suite: failed, see $log: $(summary "$log")"
        fi
    done
done
total=$((runs * ${#suites[@]}))
((failed == 0)) || fail "$failed of $total runs failed"
say "$total of $total runs passed"
