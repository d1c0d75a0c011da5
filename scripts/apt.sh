#!/usr/bin/env bash
# Installs Debian packages that are missing: `scripts/apt.sh PACKAGE...`. Says what it does; never asks.
set -euo pipefail

missing=()
for package in "$@"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [[ $status == "install ok installed" ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

root=()
if ! command -v apt-get >/dev/null; then
    echo "setup: there is no apt-get here; install by hand what these Debian packages hold: ${missing[*]}" >&2
    exit 1
elif ((EUID != 0)); then
    if command -v sudo >/dev/null && { [[ -t 0 ]] || sudo -n true 2>/dev/null; }; then
        root=(sudo --preserve-env=DEBIAN_FRONTEND)
    else
        echo "setup: run this as root, then try again: apt-get install ${missing[*]}" >&2
        exit 1
    fi
fi

export DEBIAN_FRONTEND=noninteractive
echo "setup: apt-get install ${missing[*]}"
install() {
    "${root[@]}" apt-get install --yes --quiet --no-install-recommends "${missing[@]}" </dev/null >"$log" 2>&1
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The lists of a fresh image may be absent or old: fetch them only where the first try fails.
install || { "${root[@]}" apt-get update --quiet </dev/null >"$log" 2>&1 && install; } || {
    tail -n 20 "$log" >&2
    echo "setup: apt-get could not install ${missing[*]} (its last words are above)" >&2
    exit 1
}
