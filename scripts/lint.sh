#!/usr/bin/env bash
# Runs the checks whose tools a machine may lack: spelling, licences and sources of dependencies, dependencies that nothing uses.
set -euo pipefail
cd "$(dirname "$0")/.."

# Runs a command if its tool is there: lint TOOL COMMAND...
lint() {
    local tool=$1
    shift
    if command -v "$tool" >/dev/null; then
        echo "check: $*"
        "$@"
    else
        echo "check: skipped: $tool is not installed"
    fi
}

lint typos typos
lint cargo-deny cargo deny --offline check licenses bans sources
lint cargo-machete cargo machete
lint shellcheck shellcheck scripts/*.sh .ci/run
