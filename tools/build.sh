#!/usr/bin/env bash
# build.sh TYPE [MESON OPTION…]: brings build/TYPE up to date (tools/setup.sh says what the types are) and is silent unless it fails; then
# the end of build/TYPE.log is shown.
set -euo pipefail
cd "$(dirname "$0")/.."

type=$1
tools/setup.sh "$@"
ninja -C "build/$type" --quiet >"build/$type.log" 2>&1 || {
    grep -vE '^(Compiler for|Run-time dependency|Dependency|Found) ' "build/$type.log" | tail -n 80 >&2
    exit 1
}
