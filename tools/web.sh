#!/usr/bin/env bash
# web.sh FOLDER OUTPUT DEPFILE: builds the pages of web/ into FOLDER and makes OUTPUT, a C table of them (tools/embed_pages.py). Run by the build.
# What the pages are made with comes from the lock file, once (web/node_modules); several builds at a time wait for each other.
set -euo pipefail
web=$(cd "$(dirname "$0")/../web" && pwd)
tools=$(cd "$(dirname "$0")" && pwd)
folder=$1 output=$2 depfile=$3

command -v node >/dev/null && command -v npm >/dev/null || {
    echo "web.sh: node and npm are missing; the pages are built with them. \"make deps\" installs them (Debian: nodejs, npm)." >&2
    exit 1
}
exec 9>"$web/.build.lock"
flock 9
if [ ! -e "$web/node_modules/.package-lock.json" ] || [ "$web/package-lock.json" -nt "$web/node_modules/.package-lock.json" ]; then
    (cd "$web" && npm ci --no-audit --no-fund --loglevel=error >&2) || {
        echo "web.sh: npm could not install what web/package-lock.json names (see above; it needs the network once)." >&2
        exit 1
    }
    touch "$web/node_modules/.package-lock.json"
fi
node "$web/build.mjs" "$folder"
"$tools/embed_pages.py" "$folder" "$output"
{
    printf '%s:' "$output"
    find "$web/src" "$web/../samples/report" -type f -printf ' %p'
    printf ' %s %s %s\n' "$web/build.mjs" "$web/zip.mjs" "$web/package-lock.json"
} >"$depfile"
