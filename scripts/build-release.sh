#!/usr/bin/env bash
# Builds the release executable, .build/release/moonx.
#
# Swift's runtime and Foundation are linked into it: it runs where no Swift is installed, and each call of the runtime is a jump less
# (docs/performance.md, Build settings).
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/swift-build.sh -c release --static-swift-stdlib --product moonx
