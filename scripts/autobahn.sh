#!/usr/bin/env bash
# Runs the Autobahn test suite against the WebSocket stack: all 517 cases, or with AUTOBAHN_QUICK=1 those without performance (9.*) and
# compression (12.*, 13.*). Ends non-zero where a case failed. AUTOBAHN_CASES='7.* 9.1.1' runs these alone, PORT=9001 is where.
#
# The suite runs on Python 2.7 only: PYTHON2=/path/to/python2.7 names one, else pyenv's 2.7 or a python2.7 in the path is taken.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh
# shellcheck source=scripts/lib/packages.sh
source scripts/lib/packages.sh

readonly requirements=scripts/autobahn-requirements.txt
readonly suite=.cache/autobahn
readonly reports=.cache/autobahn-reports
port=${PORT:-9001}

is_python2() {
    [[ "$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" == 2.7 ]]
}

find_python2() {
    local candidate
    for candidate in "${PYTHON2:-}" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/2.7*/bin/python python2.7; do
        if [[ -n "$candidate" ]] && is_python2 "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    fail "the Autobahn test suite needs Python 2.7 and there is none here: install one (pyenv install 2.7.18) or name it with PYTHON2"
}

install_suite() {
    cmp -s "$requirements" "$suite/requirements.txt" && return
    say "fetching the Autobahn test suite (once)"
    "$python" -m pip --version >/dev/null 2>&1 || fail "$python has no pip: python -m ensurepip installs it"
    rm -rf "$suite"
    mkdir -p "$suite"
    "$python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$suite/packages" --requirement "$requirements" 2>&1 |
        grep -v DEPRECATION || true
    is_complete || fail "pip could not install $requirements: are the package index, gcc and Python's headers there? Then run this again"
    # Written last, so that an interrupted installation starts anew.
    cp "$requirements" "$suite/requirements.txt"
}

# The folder is added as a site: zope.interface is found through a .pth file.
wstest() {
    "$python" -c 'import site, sys; site.addsitedir(sys.argv.pop(1)); from autobahntestsuite.wstest import run; run()' "$suite/packages" "$@"
}

is_complete() { wstest --help >/dev/null 2>&1; }

start_server() {
    local log=$reports/server.log
    "Examples/.build/$configuration/ConformanceServer" autobahn 2 "$port" >"$log" 2>&1 &
    server=$!
    trap 'kill "$server" 2>/dev/null || true' EXIT
    for _ in {1..100}; do
        sleep 0.1
        kill -0 "$server" 2>/dev/null || break
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
    done
    cat "$log" >&2
    fail "the echo server did not start on port $port"
}

require_swift
python=$(find_python2)
# Parts of the suite are compiled when they are installed.
install_packages python3 gcc libc6-dev zlib1g-dev
install_suite

cases='"*"' excluded='' expected=517 configuration=release complete=--complete
if [[ -n "${AUTOBAHN_QUICK:-}" ]]; then
    # Without the large messages a debug build is fast enough, and is built faster.
    excluded='"9.*", "12.*", "13.*"' expected=247 configuration=debug complete=''
fi
if [[ -n "${AUTOBAHN_CASES:-}" ]]; then
    # shellcheck disable=SC2086
    cases=$(printf '"%s",' $AUTOBAHN_CASES) cases=${cases%,} expected=1
fi
say "building the echo server ($configuration)"
scripts/swift-build.sh -c "$configuration" --package-path Examples --product ConformanceServer

rm -rf "$reports"
mkdir -p "$reports"
cat >"$reports/spec.json" <<JSON
{
  "outdir": "$reports",
  "servers": [{ "agent": "moonx", "url": "ws://127.0.0.1:$port" }],
  "cases": [$cases],
  "exclude-cases": [$excluded],
  "exclude-agent-cases": {}
}
JSON
start_server
say "running the suite"
wstest --mode fuzzingclient --spec "$reports/spec.json" >"$reports/suite.log" 2>&1 || {
    tail -n 20 "$reports/suite.log" >&2
    fail "the suite itself failed: see $reports/suite.log"
}
python3 scripts/check-autobahn.py "$reports/index.json" --expect "$expected" $complete
