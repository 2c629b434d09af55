#!/usr/bin/env bash
# Installs what is missing, and only that: `setup.sh run`, `setup.sh test`, `setup.sh fuzz` or `setup.sh check`. A second run takes no time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# shellcheck source=scripts/lib/say.sh
source scripts/lib/say.sh
# shellcheck source=scripts/lib/packages.sh
source scripts/lib/packages.sh
# shellcheck source=scripts/lib/python.sh
source scripts/lib/python.sh
# shellcheck source=scripts/lib/client.sh
source scripts/lib/client.sh

build_packages=(libsqlite3-dev zlib1g-dev)
fetch_packages=(python3 python3-venv)
# esbuild makes JavaScript of the integration guide's TypeScript, and one module of Debian's React.
test_packages=(chromium redis-server haproxy nginx esbuild node-react node-react-dom)

case "${1:-}" in
run)
    require_swift
    install_packages "${build_packages[@]}" "${fetch_packages[@]}"
    # The page says by itself what is missing: a gateway without it is still a gateway.
    fetch_client || warn "the dashboard will not connect: pass ARGS='--client-bundle PATH' with your own socket.io.min.js"
    ;;
test)
    require_swift
    install_packages "${build_packages[@]}" "${fetch_packages[@]}" "${test_packages[@]}"
    install_python_environment
    fetch_client
    fetch_vue
    ;;
fuzz)
    require_swift
    install_packages "${build_packages[@]}"
    ;;
check)
    require_swift
    install_packages python3 shellcheck
    ;;
*)
    fail "usage: scripts/setup.sh run|test|fuzz|check"
    ;;
esac
