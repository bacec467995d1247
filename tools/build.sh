#!/usr/bin/env bash
# build.sh TYPE [MESON OPTION…]: brings build/TYPE up to date (tools/setup.sh says what the types are) and is silent unless it fails.
set -euo pipefail
cd "$(dirname "$0")/.."

type=$1
tools/setup.sh "$@"
ninja -C "build/$type" --quiet >"build/$type.log" 2>&1 || {
    cat "build/$type.log" >&2
    exit 1
}
