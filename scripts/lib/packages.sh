# shellcheck shell=bash
# What comes with the system: the Swift toolchain and Debian's packages.

readonly oldest_swift=6.2

require_swift() {
    local version
    command -v swift >/dev/null || fail "Swift $oldest_swift or newer is needed and there is no swift here: install it from swift.org/install"
    version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
    [[ "$(printf '%s\n' "$oldest_swift" "$version" | sort -V | head -n 1)" == "$oldest_swift" ]] ||
        fail "Swift $oldest_swift or newer is needed, this is ${version:-unknown}: install a newer one from swift.org/install"
}

is_installed() {
    [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "these need root and there is no sudo; run as root: $*"
    fi
}

install_packages() {
    local missing=() package
    command -v dpkg-query >/dev/null || {
        warn "not a Debian system: install the equivalents of these yourself: $*"
        return
    }
    for package in "$@"; do
        is_installed "$package" || missing+=("$package")
    done
    ((${#missing[@]} == 0)) && return
    say "installing Debian packages: ${missing[*]}"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -o Dpkg::Use-Pty=0 --no-install-recommends)
    as_root "${apt[@]}" update -qq || warn "the package lists could not be refreshed; trying with those at hand"
    as_root "${apt[@]}" install "${missing[@]}" </dev/null || fail "could not install ${missing[*]}: install them by hand, then run this again"
}
