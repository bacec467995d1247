#!/usr/bin/env bash
# Each header of src/ compiles alone, in C and with the strict flags, so that including it never depends on what came before.
set -euo pipefail
cd "$(dirname "$0")/.."

alone() {
    for header in "$@"; do
        printf '#include "%s"\n' "${header#src/}" |
            gcc -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -Wundef -Wstrict-prototypes -Isrc -fsyntax-only -x c - ||
            { echo "$header: does not compile alone" >&2 && false; }
    done
}
export -f alone
find src -name '*.h' -print0 | sort -z | xargs -0 -r -P "$(nproc)" -n 8 bash -c 'set -e; alone "$@"' alone
