#!/usr/bin/env bash
# clang-format, clang-tidy (.clang-tidy) and cppcheck over all C code; prints what they say and ends with 1 if they say anything.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
tools/check_format.sh || status=1

# clang's own compile commands: gcc's warning flags would be unknown to clang-tidy
tools/build.sh lint
mapfile -t sources < <(python3 -c '
import json, os
rows = json.load(open("build/lint/compile_commands.json"))
print("\n".join(sorted({os.path.relpath(os.path.join(r["directory"], r["file"])) for r in rows})))')
printf '%s\0' "${sources[@]}" | xargs -0 -P "$(nproc)" -n 1 clang-tidy -p build/lint --quiet 2>/dev/null || status=1

cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --language=c -j "$(nproc)" -Isrc -D_GNU_SOURCE \
    --enable=warning,performance,portability --suppress=missingIncludeSystem \
    src tools || status=1
[ $status -eq 0 ] && echo "lint: clean"
exit $status
