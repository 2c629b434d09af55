# shellcheck shell=bash
# The official JavaScript client, as it is packed in a wheel of NiceGUI: the one form of it that a Python index carries.

readonly client_version=4.8.1
readonly client_sha256=b0e735814f8dcfecd6cdb8a7ce95a297a7e1e5f2727a29e6f5901801d52fa0c5
readonly client_file=.cache/client/socket.io.min.js
readonly wheel=nicegui==3.18.0

is_the_client() {
    [[ -f "$1" ]] && sha256sum --check --status <<<"$client_sha256  $1"
}

fetch_client() {
    is_the_client "$client_file" && return
    say "fetching the Socket.IO client $client_version (8 MB, once)"
    local folder=.cache/client.partial
    rm -rf "$folder" && mkdir -p "$folder" .cache/client
    python3 -m venv .cache/pip ||
        { warn "python3 -m venv failed: is the package python3-venv installed?" && return 1; }
    .cache/pip/bin/python -m pip download --disable-pip-version-check --progress-bar off --no-deps --only-binary=:all: --dest "$folder" "$wheel" ||
        { warn "the wheel $wheel cannot be had: is the package index reachable?" && return 1; }
    python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("nicegui/static/socket.io.min.js"))' \
        "$folder"/*.whl >"$folder/socket.io.min.js" ||
        { warn "the wheel $wheel holds no Socket.IO client" && return 1; }
    is_the_client "$folder/socket.io.min.js" ||
        { warn "the client in $wheel is not the expected one (SHA-256 differs): not used" && return 1; }
    mv "$folder/socket.io.min.js" "$client_file"
    rm -rf "$folder"
}
