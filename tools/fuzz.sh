#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET…]: runs each fuzz target that long, starting from its seeds and, where it is there, the corpus beside the
# project. What it learns stays in build/fuzz/corpus; an input that breaks something is kept in build/fuzz/crashes and ends this with 1.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
tools/build.sh fuzz
mkdir -p build/fuzz/crashes

targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(find build/fuzz/tests/fuzz -maxdepth 1 -type f -executable -name 'fuzz_*' -printf '%f\n' | sort)
[ ${#targets[@]} -gt 0 ] || {
    echo "no fuzz targets" >&2
    exit 1
}

one() {
    local target=$1 seconds=$2 name=${1#fuzz_} learnt=build/fuzz/corpus/$1 folders options
    mkdir -p "$learnt"
    folders=("$learnt")
    [ ! -d "tests/fuzz/seeds/$name" ] || folders+=("tests/fuzz/seeds/$name")
    # targets that take whole documents start from real ones
    case $name in package | document) [ ! -d ../shared/corpus ] || folders+=(../shared/corpus) ;; esac
    options=(-max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=262144 -print_final_stats=1
        -artifact_prefix="build/fuzz/crashes/$name-")
    [ ! -f "tests/fuzz/$name.dict" ] || options+=(-dict="tests/fuzz/$name.dict")
    if "build/fuzz/tests/fuzz/$target" "${options[@]}" "${folders[@]}" >"build/fuzz/$target.log" 2>&1; then
        echo "ok    $target: $(grep -o 'number_of_executed_units: *[0-9]*' "build/fuzz/$target.log" | grep -o '[0-9]*$') inputs"
    else
        echo "WRONG $target: see build/fuzz/$target.log and build/fuzz/crashes/$name-*"
        tail -n 30 "build/fuzz/$target.log"
        return 1
    fi
}
export -f one
printf '%s\0' "${targets[@]}" | xargs -0 -P "$(nproc)" -I '{}' bash -c 'set -uo pipefail; one "$1" "$2"' one '{}' "$seconds" || exit 1
