#!/usr/bin/env bash
# Compares the public API of the libraries with the last release: scripts/check-api.sh [tag, the last version reachable unless told]
#
# Ends non-zero where what compiled against that release may not compile any more. Builds the release too, so the first run takes long.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh

baseline=${1:-$(git describe --tags --abbrev=0 --match '[0-9]*.[0-9]*.[0-9]*' 2>/dev/null || true)}
if [[ -z $baseline ]]; then
    say "no release is tagged yet: there is no API to keep before 0.1.0, and nothing was compared"
    exit 0
fi
git rev-parse --quiet --verify "$baseline^{commit}" >/dev/null || fail "$baseline is not a commit of this clone: fetch its tags"
say "comparing the public API with $baseline"
swift package diagnose-api-breaking-changes "$baseline" ||
    fail "the API differs from $baseline, or could not be compared: what a break asks for is in CONTRIBUTING.md, Versions"
