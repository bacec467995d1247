#!/usr/bin/env bash
# Everything that must hold: the quick rules, a clang build beside the gcc one, and every test under AddressSanitizer and UBSan.
# The last line printed is the count of cases.
set -euo pipefail
cd "$(dirname "$0")/.."

steps=build/test-steps.log
log=build/asan/meson-logs/testlog.json
mkdir -p build

build() { # build TYPE: one more step with its line
    if tools/build.sh "$1"; then echo "ok    $1 build"; else echo "WRONG $1 build"; fi
}

{
    tools/check.sh || true
    build clang
    build asan
} 2>&1 | tee "$steps"

rm -f "$log"
grep -q '^ok    asan build' "$steps" && meson test -C build/asan --no-rebuild --print-errorlogs || true
exec tools/test-summary "$log" "$steps"
