# shellcheck shell=bash
# Running one libFuzzer program. Takes what it needs by arguments, so that `scripts/fuzz.sh self-test` runs it on a program that crashes.

# fuzz_one <folder> <program> <target> <longest input> <seconds>: 0 where nothing was found. In the folder are Corpus/<target> with the
# seeds, .build/corpus/<target> with what libFuzzer found on the way, and FailCases/<target> with the inputs that broke the decoder.
fuzz_one() (
    local folder=$1 program=$2 target=$3 longest=$4 seconds=$5
    cd "$folder" || return 1
    local found=.build/corpus/$target log=.build/$target.log status=0
    mkdir -p "$found" "FailCases/$target"
    # A backtrace would take longer than the run; the time limit outlives libFuzzer's own.
    SWIFT_BACKTRACE=enable=no timeout --kill-after=10 $((seconds + 120)) "$program" \
        "$found" "Corpus/$target" -max_total_time="$seconds" -max_len="$longest" -timeout=10 -rss_limit_mb=1024 \
        -artifact_prefix="FailCases/$target/" -print_final_stats=1 >"$log" 2>&1 || status=$?
    if ((status == 0)); then
        sed -nE 's/^Done ([0-9]+) runs in ([0-9]+) second.*/\1 runs in \2 s/p' "$log"
        minimize "$program" "$target" "$found" >>"$log" 2>&1 || status=$?
    fi
    if ((status != 0)); then
        tail -n 40 "$log" >&2
        printf 'ended with status %s; %s\n' "$status" "$(find "FailCases/$target" -type f -printf 'kept: %p\n' | head -n 5)" >&2
    fi
    rmdir "FailCases/$target" 2>/dev/null || true
    return "$status"
)

# Leaves in <found> only what the seeds do not cover.
minimize() {
    local program=$1 target=$2 found=$3
    rm -rf "$found.smaller" && mkdir -p "$found.smaller"
    SWIFT_BACKTRACE=enable=no "$program" -merge=1 -timeout=10 "$found.smaller" "Corpus/$target" "$found" || return
    local seed
    for seed in "Corpus/$target"/*; do
        rm -f "$found.smaller/$(sha1sum <"$seed" | cut -d ' ' -f 1)"
    done
    rm -rf "$found" && mv "$found.smaller" "$found"
}
