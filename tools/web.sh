#!/usr/bin/env bash
# web.sh FOLDER OUTPUT DEPFILE: builds the pages of web/ into FOLDER and makes OUTPUT, a C table of them (tools/embed_pages.py). Run by the build.
# What the pages are made with comes from the lock file, once (web/node_modules); several builds at a time wait for each other.
set -euo pipefail
web=$(cd "$(dirname "$0")/../web" && pwd)
tools=$(cd "$(dirname "$0")" && pwd)
folder=$1 output=$2 depfile=$3

exec 9>"$web/.build.lock"
flock 9
"$tools/npm_install.sh" "$web"
node "$web/build.mjs" "$folder"
"$tools/embed_pages.py" "$folder" "$output"
{
    printf '%s:' "$output"
    find "$web/src" "$web/../samples/report" -type f -printf ' %p'
    printf ' %s %s %s\n' "$web/build.mjs" "$web/zip.mjs" "$web/package-lock.json"
} >"$depfile"
