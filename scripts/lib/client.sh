# shellcheck shell=bash
# The official JavaScript client and Vue, as they are packed in a wheel of NiceGUI: the one form of them that a Python index carries.

readonly client_version=4.8.1
readonly client_sha256=b0e735814f8dcfecd6cdb8a7ce95a297a7e1e5f2727a29e6f5901801d52fa0c5
readonly client_file=.cache/client/socket.io.min.js
readonly vue_sha256=f1dfbe4ca6bdc0f8eac639eea8652654a073433018be9bfd1cc55e75574b78f0
readonly vue_file=.cache/client/vue.esm-browser.prod.js
readonly wheel=nicegui==3.18.0

has_sum() {
    [[ -f "$2" ]] && sha256sum --check --status <<<"$1  $2"
}

fetch_client() {
    has_sum "$client_sha256" "$client_file" && return
    fetch_from_the_wheel "the Socket.IO client $client_version" "$client_sha256" "$client_file"
}

# For the tests that run the Vue example of the integration guide.
fetch_vue() {
    has_sum "$vue_sha256" "$vue_file" && return
    fetch_from_the_wheel "Vue 3" "$vue_sha256" "$vue_file"
}

fetch_from_the_wheel() {
    local what=$1 sum=$2 file=$3
    say "fetching $what (8 MB, once)"
    local folder=.cache/client.partial name
    name=$(basename "$file")
    rm -rf "$folder" && mkdir -p "$folder" "$(dirname "$file")"
    python3 -m venv .cache/pip ||
        { warn "python3 -m venv failed: is the package python3-venv installed?" && return 1; }
    .cache/pip/bin/python -m pip download --disable-pip-version-check --progress-bar off --no-deps --only-binary=:all: --dest "$folder" "$wheel" ||
        { warn "the wheel $wheel cannot be had: is the package index reachable?" && return 1; }
    python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("nicegui/static/" + sys.argv[2]))' \
        "$folder"/*.whl "$name" >"$folder/$name" ||
        { warn "the wheel $wheel holds no $name" && return 1; }
    has_sum "$sum" "$folder/$name" ||
        { warn "$name in $wheel is not the expected one (SHA-256 differs): not used" && return 1; }
    mv "$folder/$name" "$file"
    rm -rf "$folder"
}
