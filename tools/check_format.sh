#!/usr/bin/env bash
# Names the C files that clang-format would change; "clang-format -i FILE" mends one.
set -euo pipefail
cd "$(dirname "$0")/.."

wrong=$(find * -path build -prune -o -name '*.[ch]' -print0 | xargs -0 -r clang-format --dry-run 2>&1 |
    sed -n 's/^\([^: ]*\):[0-9]*:[0-9]*: warning.*/\1: clang-format -i would change it/p' | sort -u)
[ -z "$wrong" ] || { echo "$wrong" && exit 1; }
