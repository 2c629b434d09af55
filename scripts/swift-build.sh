#!/usr/bin/env bash
# swift build, without what make adds to the environment.
#
# SwiftPM plans anew, and then builds some packages again (20 to 30 s), where the environment is another than at the last build: `make run REPLAY=…`
# after `make run`, or what make runs in a make of its own.
set -euo pipefail
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKE_TERMOUT MAKE_TERMERR
exec swift build "$@"
