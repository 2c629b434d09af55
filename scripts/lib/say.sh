# shellcheck shell=bash
# How the scripts talk: one line for each step, one clear line where something cannot be had.

say() { printf '• %s\n' "$*"; }
warn() { printf '! %s\n' "$*" >&2; }
fail() {
    printf '✗ %s\n' "$*" >&2
    exit 1
}
