#!/usr/bin/env bash
# Each step of a message's way alone: scripts/bench-micro.sh [pattern of names]. Writes tables in Markdown: the time of one step, in percentiles
# of a thousand in a row. What else runs shows in the high ones.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh

say "building the micro-benchmarks"
arguments=()
[[ -z ${1:-} ]] || arguments=(--filter "$1")
swift package --package-path Benchmarks/micro benchmark --no-progress --format markdown "${arguments[@]}" ||
    fail "the micro-benchmarks did not run: what is above says why"
