#!/usr/bin/env bash
# Prints where a Chromium lies: $CHROMIUM, else the first one on the path.
set -euo pipefail

if [[ -n ${CHROMIUM:-} ]]; then
    [[ -x $CHROMIUM ]] && echo "$CHROMIUM"
    exit
fi
for name in chromium chromium-browser google-chrome-stable google-chrome; do
    command -v "$name" && exit
done
exit 1
