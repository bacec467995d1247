#!/usr/bin/env python3
"""Two checks over the symbols of a debug build's objects (unoptimized, so calls stand as they were written).

- A banned function is called: the table says what to use instead.
- A function or object of src/ is not static, yet no other file uses it. One that only the tests use is listed, not refused.

check_symbols.py BUILD_DIR: prints what is wrong, one line each, and ends with 1 if anything is.
"""
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

BANNED = {
    "strcpy": "sb, or memcpy with a length", "stpcpy": "sb, or memcpy with a length", "strcat": "sb", "strncpy": "sb",
    "strncat": "sb", "sprintf": "snprintf, sb_printf", "vsprintf": "vsnprintf", "strtok": "str_split", "strtok_r": "str_split",
    "gets": "fgets, fs_read", "atoi": "str_to_i64", "atol": "str_to_i64", "atoll": "str_to_i64", "atof": "str_to_double",
    "strtol": "str_to_i64", "strtoul": "str_to_u64", "strtoll": "str_to_i64", "strtoull": "str_to_u64",
    "localtime": "localtime_r, base/time.h", "gmtime": "gmtime_r, base/time.h", "ctime": "base/time.h", "asctime": "base/time.h",
    "alloca": "an arena", "system": "posix_spawn", "popen": "posix_spawn", "rand": "base/random.h", "srand": "base/random.h",
    "mktemp": "mkstemp", "tmpnam": "mkstemp", "tempnam": "mkstemp",
}  # fmt: skip
# C libraries give some of them other names
ALIAS = re.compile(r"^__(?:isoc99_|isoc23_|builtin_)?(\w+?)(?:_chk)?$")

ENTRY_POINTS = {"main", "_start", "LLVMFuzzerTestOneInput", "LLVMFuzzerInitialize", "LLVMFuzzerCustomMutator"}


def symbols(objects):
    """Yields (object, kind letter, name) for all external symbols."""
    out = subprocess.run(["nm", "-A", "-g", *map(str, objects)], check=True, capture_output=True, text=True).stdout
    for line in out.splitlines():
        path, rest = line.split(":", 1)
        fields = rest.split()
        yield path, fields[-2], fields[-1]


def source_of(path, build):
    """build/asan/src/base/libbase.a.p/arena.c.o -> src/base/arena.c"""
    return re.sub(r"[^/]+\.p/", "", Path(path).relative_to(build).as_posix()).removesuffix(".o")


def main(build):
    objects = sorted(p for p in build.rglob("*.c.o") if "meson-private" not in p.parts)
    if not objects:
        print(f"{build}: no objects; build it first")
        return 1
    defined, users, wrong = {}, defaultdict(set), []
    for path, kind, name in symbols(objects):
        source = source_of(path, build)
        if kind == "U":
            users[name].add(source)
            alias = ALIAS.match(name)
            plain = alias.group(1) if alias else name
            if plain in BANNED and source.startswith("src/"):
                wrong.append(f"{source}: calls {plain}(); use {BANNED[plain]}")
        elif kind in "TDBRCVW" and source.startswith("src/") and "meson-generated" not in source:
            defined[name] = source
    only_tests = []
    for name, source in sorted(defined.items(), key=lambda item: item[::-1]):
        if name in ENTRY_POINTS or name.startswith(("__asan", "__odr_asan")):
            continue
        others = users[name] - {source}
        if not others:
            wrong.append(f"{source}: {name} is used by no other file: make it static, or remove it")
        elif not any(other.startswith("src/") for other in others):
            only_tests.append(name)
    if only_tests:
        print(f"used by tests only ({len(only_tests)}): {', '.join(only_tests)}")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
