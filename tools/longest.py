#!/usr/bin/env python3
"""Prints the ten longest functions and files of src/, and refuses what is past the limits of CONTRIBUTING.md.

Relies on clang-format's output: a function's braces stand alone in the first column.
"""
import sys
from pathlib import Path

FUNCTION_LINES = 60
FILE_LINES = 800
SHOWN = 10


def functions(path):
    """Yields (lines, name) of each function in a formatted C file; a signature counts as its first line only."""
    lines = path.read_text(encoding="utf-8").splitlines()
    start = None
    for i, line in enumerate(lines):
        if line == "{" and i > 0:
            start = i
        elif line == "}" and start is not None:
            first = start - 1
            while first > 0 and lines[first].startswith((" ", "\t")):
                first -= 1
            yield i - start + 2, lines[first].split("(")[0].split()[-1].lstrip("*")
            start = None


def main(root):
    sources = sorted((root / "src").rglob("*.[ch]"))
    files = sorted(((len(p.read_text(encoding="utf-8").splitlines()), p) for p in sources), reverse=True)
    found = sorted(((n, name, p) for p in sources for n, name in functions(p)), reverse=True)
    print("longest functions: " + ", ".join(f"{name} {n}" for n, name, _ in found[:SHOWN]))
    print("longest files: " + ", ".join(f"{p.relative_to(root / 'src')} {n}" for n, p in files[:SHOWN]))
    wrong = [f"{p.relative_to(root)}: {name} has {n} lines; the limit is {FUNCTION_LINES}" for n, name, p in found if n > FUNCTION_LINES]
    wrong += [f"{p.relative_to(root)} has {n} lines; the limit is {FILE_LINES}" for n, p in files if n > FILE_LINES]
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
