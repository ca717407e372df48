#!/usr/bin/env bash
# Prints the path of a Chromium; installs Debian's or Ubuntu's where there is none and that is allowed.
set -euo pipefail

find_chromium() {
    local name
    for name in "${EVENTHUB_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        [ -n "$name" ] && command -v "$name" && return
    done
    return 1
}

find_chromium && exit

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
    {
        "${as_root[@]}" apt-get update -q &&
            DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -q -y --no-install-recommends chromium
    } >&2
    find_chromium && exit
fi
echo "The browser tests need Chromium: install it (sudo apt-get install chromium, or brew install --cask chromium), or name one with EVENTHUB_CHROMIUM=/path/to/chromium." >&2
exit 1
