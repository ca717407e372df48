#!/usr/bin/env bash
# Prints the path of wrk, which measures answers per second; installs Debian's or Ubuntu's where there is none and that is allowed.
set -euo pipefail

command -v "${EVENTHUB_WRK:-wrk}" && exit

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo -n)
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
    {
        "${as_root[@]}" apt-get update -q &&
            DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -q -y --no-install-recommends wrk
    } >&2
    command -v wrk && exit
fi
echo "The measurements need wrk: install it (sudo apt-get install wrk, or brew install wrk), or name one with EVENTHUB_WRK=/path/to/wrk." >&2
exit 1
