#!/usr/bin/env bash
# Installs Debian packages that are missing: `scripts/apt.sh PACKAGE...`. Prints the command before it runs it. As root
# it goes on; with sudo on a terminal it asks first; else it says what to run.
set -euo pipefail

missing=()
for package in "$@"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [[ $status == "install ok installed" ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
    echo "setup: there is no apt-get here; install by hand what these Debian packages hold: ${missing[*]}" >&2
    exit 1
fi

root=()
((EUID == 0)) || root=(sudo)
update=("${root[@]}" apt-get update)
install=("${root[@]}" apt-get install --yes --no-install-recommends "${missing[@]}")

# Whether installing is agreed to.
agreed() {
    ((EUID == 0)) && return
    command -v sudo >/dev/null || return
    if [[ -t 0 && -t 2 ]]; then
        local answer
        read -r -p "setup: run it? [y/N] " answer
        [[ $answer == [yY]* ]]
    else
        sudo --non-interactive true 2>/dev/null
    fi
}

echo "setup: ${install[*]}"
agreed || {
    echo "setup: ${missing[*]} is not installed; run this as root, then try again: apt-get install ${missing[*]}" >&2
    exit 1
}

# No package asks anything. `env`, because sudo keeps no variables.
quietly() {
    local command=("$@")
    [[ ${command[0]} == sudo ]] && command=(sudo env DEBIAN_FRONTEND=noninteractive "${command[@]:1}")
    DEBIAN_FRONTEND=noninteractive "${command[@]}" </dev/null >"$log" 2>&1
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly "${install[@]}" && exit
# The lists of a fresh image are absent or old.
echo "setup: ${update[*]}"
quietly "${update[@]}" && quietly "${install[@]}" && exit
tail -n 20 "$log" >&2
echo "setup: apt-get could not install ${missing[*]} (its last words are above)" >&2
exit 1
