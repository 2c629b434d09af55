# shellcheck shell=bash
# The Python environment of the end-to-end tests, at pinned versions.

readonly requirements=scripts/requirements.txt

install_python_environment() {
    local stamp=.venv/requirements.txt
    cmp -s "$requirements" "$stamp" && return
    say "preparing .venv with the packages of $requirements"
    python3 -m venv .venv || fail "python3 -m venv failed: is the package python3-venv installed?"
    .venv/bin/python -m pip install --disable-pip-version-check --progress-bar off --requirement "$requirements" ||
        fail "pip could not install $requirements: is the package index reachable? Then run this again"
    # Written last, so that an interrupted installation starts anew.
    cp "$requirements" "$stamp"
}
