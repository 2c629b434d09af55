# shellcheck shell=bash
# The Python environments of the end-to-end tests, at pinned versions.

install_python_environment() {
    install_packages_into .venv scripts/requirements.txt
    # Clients of Socket.IO 2, in a folder of their own: they are older versions of packages in .venv.
    install_packages_into .cache/socketio2 scripts/requirements-socketio2.txt
}

install_packages_into() {
    local folder=$1 requirements=$2 stamp=$1/requirements.txt
    cmp -s "$requirements" "$stamp" && return
    say "preparing $folder with the packages of $requirements"
    python3 -m venv "$folder" || fail "python3 -m venv failed: is the package python3-venv installed?"
    "$folder/bin/python" -m pip install --disable-pip-version-check --progress-bar off --requirement "$requirements" ||
        fail "pip could not install $requirements: is the package index reachable? Then run this again"
    # Written last, so that an interrupted installation starts anew.
    cp "$requirements" "$stamp"
}
