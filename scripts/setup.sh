#!/usr/bin/env bash
# Installs what is missing and can be installed, else says in a sentence what to do.
#   scripts/setup.sh build      what the program and the page need
#   scripts/setup.sh browser    what the browser's tests need on top
#   scripts/setup.sh bf16       what bf16 on the processor needs on top
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "setup: $*" >&2
    exit 1
}

has() { command -v "$1" >/dev/null; }

# Whether version $1 is at least $2.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

compiler() {
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    if ! has cargo && has apt-get; then
        # What builds the page with Debian's compiler comes along, so that one command does it.
        echo "setup: there is no cargo; trying Debian's rustc-web"
        scripts/apt.sh rustc-web cargo-web rust-web-src lld-22 || true
    fi
    has cargo || fail "there is no cargo: install Rust $wanted or newer from https://rustup.rs and try again"
    have=$(rustc --version | awk '{ print $2 }')
    at_least "$have" "$wanted" || fail "Rust is $have and must be $wanted or newer: run \`rustup update stable\`"
    has cc || scripts/apt.sh gcc libc6-dev || fail "there is no C compiler, which SQLite needs: install gcc or clang"
    has c++ || scripts/apt.sh g++ || fail "there is no C++ compiler, which the tests' GPU emulator needs: install g++ or clang"
    echo "setup: Rust $have"
}

node() {
    local wanted=20.11 have
    has npm || scripts/apt.sh nodejs npm || fail "there is no npm: install Node.js $wanted or newer and try again"
    have=$(command node --version | tr -d v)
    at_least "$have" "$wanted" || fail "Node.js is $have and must be $wanted or newer"
    echo "setup: Node.js $have"
}

browser() {
    local found
    found=$(scripts/chromium.sh) || {
        scripts/apt.sh chromium fonts-liberation ||
            fail "there is no Chromium: install it, or name one by CHROMIUM=/path/to/chrome"
        found=$(scripts/chromium.sh) || fail "chromium is installed but not on the path"
    }
    echo "setup: $found"
}

bf16() {
    local found
    found=$(scripts/onednn.sh)
    [[ -n $found ]] || scripts/apt.sh libdnnl-dev || true
    found=$(scripts/onednn.sh)
    [[ -n $found ]] && echo "setup: $found" && return
    # Nothing else needs it.
    echo "setup: skipped: there is no oneDNN, so bf16 on the processor is neither built nor tested; install libdnnl-dev for it"
}

case ${1:-} in
build) compiler ;;
browser)
    node
    browser
    ;;
bf16) bf16 ;;
*) fail "usage: scripts/setup.sh build|browser|bf16" ;;
esac
