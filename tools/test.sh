#!/usr/bin/env bash
# Everything that must hold: the quick rules, a clang build beside the gcc one, and every test under AddressSanitizer and UBSan.
# The last line printed is the count of cases.
set -euo pipefail
cd "$(dirname "$0")/.."

status=0
tools/check.sh || status=1

tools/setup.sh clang
ninja -C build/clang --quiet && echo "ok    clang build" || status=1

tools/setup.sh asan
ninja -C build/asan --quiet
rm -f build/asan/meson-logs/testlog.json
meson test -C build/asan --no-rebuild --print-errorlogs || status=1
[ $status -eq 0 ] || echo "something above went wrong"
tools/test-summary build/asan/meson-logs/testlog.json || status=1
exit $status
