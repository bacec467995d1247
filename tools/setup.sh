#!/usr/bin/env bash
# setup.sh TYPE [MESON OPTION…]: configures build/TYPE if it is not there yet, or configures it again with other options.
# The one place that says what a build type is. (meson's own "release" would be -O3 without debug information.)
set -euo pipefail
cd "$(dirname "$0")/.."

type=$1
shift
case $type in
release) cc=gcc opts=(--buildtype=debugoptimized -Dhardened=true -Dtests=false) ;;
clang) cc=clang opts=(--buildtype=debugoptimized -Dhardened=true) ;;
asan) cc=gcc opts=(--buildtype=debug -Db_sanitize=address,undefined) ;;
# optimized and instrumented, gcc sees null pointers behind cmocka's assertions
tsan) cc=gcc opts=(--buildtype=debugoptimized -Db_sanitize=thread -Dc_args=-Wno-null-dereference) ;;
fuzz) cc=clang opts=(--buildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false -Dfuzz=true -Dtests=false) ;;
lint) cc=clang opts=(--buildtype=debug) ;;
*)
    echo "setup.sh: no build type \"$type\"" >&2
    exit 2
    ;;
esac

dir=build/$type
if [ ! -f "$dir/build.ninja" ]; then
    mkdir -p build
    CC=$cc meson setup "$dir" "${opts[@]}" "$@" >"build/$type.log" 2>&1 || {
        cat "build/$type.log" >&2
        exit 1
    }
elif [ $# -gt 0 ]; then
    meson configure "$dir" "$@" >/dev/null
fi
