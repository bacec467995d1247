#!/usr/bin/env bash
# The quick rules of the code, all of them even when one fails. Ends with 1 if any did.
set -uo pipefail
cd "$(dirname "$0")/.."

failed=0
step() { # step NAME COMMAND…
    local name=$1 out status=0
    shift
    out=$("$@" 2>&1) || status=$?
    if [ $status -eq 0 ]; then
        printf 'ok    %s\n' "$name"
    else
        printf 'WRONG %s\n' "$name"
        failed=1
    fi
    [ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/      /'
}

# The table in the program is the source; the page is what it prints.
page() { # page FILE COMMAND
    [ -x build/asan/src/prism ] || { echo "the program is not built" && return 1; }
    build/asan/src/prism "$2" --markdown | diff -u "$1" - | head -40
    local status=("${PIPESTATUS[@]}")
    [ "${status[0]}" -eq 0 ] && [ "${status[1]}" -eq 0 ] || {
        echo "$1 is not what \"prism $2 --markdown\" prints; write it again with that command"
        return 1
    }
}

step "formatting" tools/check_format.sh
step "include directions" tools/check_includes.py
step "settings are read" tools/check_settings.py
step "SQL in the store alone" tools/check_sql.py
step "headers alone" tools/check_headers.sh
step "debug objects" tools/build.sh asan
step "banned and single-use symbols" tools/check_symbols.py build/asan
step "docs/rules.md in step" page docs/rules.md rules
step "docs/configuration.md in step" page docs/configuration.md conf
step "lengths" tools/longest.py
exit $failed
