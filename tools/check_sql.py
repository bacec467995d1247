#!/usr/bin/env python3
"""SQL stands in string constants of src/store/ alone, and no text is ever put into it: values come in as parameters.

- A string literal of src/ outside of src/store/ that reads like SQL is an error.
- So is one in src/store/ that has a conversion for text in it ("%s"), and a statement that is prepared from anything but the table of
  store/sql.c or a literal's table beside the call.

check_sql.py [ROOT]: prints what is wrong, one line each, and ends with 1 if anything is.
"""
import re
import sys
from pathlib import Path

SQL = re.compile(
    r"\bSELECT\b.*\bFROM\b|\bSELECT (?:\w+\(|\d)|\bINSERT INTO\b|\bDELETE FROM\b|\bUPDATE \w+ SET\b|\bREPLACE INTO\b|\bPRAGMA \w"
    r"|\b(?:CREATE|DROP|ALTER) (?:TABLE|INDEX|VIEW|TRIGGER)\b|\bBEGIN IMMEDIATE\b|\bSAVEPOINT \w|\bROLLBACK TO\b",
    re.DOTALL,
)
TEXT = re.compile(r"%[-0-9.*]*s")
# comments are kept apart from literals; neighbouring literals are one
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|\'(?:\\.|[^\'\\])+\'|((?:"(?:\\.|[^"\\\n])*"\s*)+)', re.DOTALL)
PREPARE = re.compile(r"store__drv_(?:prepare|script)\([^,]+,\s*([^,)]+)")
PREPARED = re.compile(r"(?:const char \*|store__sql\[|sql\[|sql$|sql\.p$|steps\[|\")")


def literals(text):
    """Yields (line, joined text) of each string literal."""
    for match in TOKEN.finditer(text):
        if match.group(1):
            yield text.count("\n", 0, match.start()) + 1, "".join(re.findall(r'"((?:\\.|[^"\\])*)"', match.group(1)))


def main(root):
    wrong = []
    for path in sorted((root / "src").rglob("*.[ch]")):
        name, text = path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")
        store = name.startswith("src/store/")
        for line, literal in literals(text):
            if not SQL.search(literal):
                continue
            if not store:
                wrong.append(f'{name}:{line}: SQL outside of src/store/: "{literal[:60]}"')
            elif TEXT.search(literal):
                wrong.append(f'{name}:{line}: text is put into SQL: "{literal[:60]}"; bind it as a parameter')
        for match in PREPARE.finditer(text) if store else ():
            if not PREPARED.match(match.group(1).strip()):
                line = text.count("\n", 0, match.start()) + 1
                wrong.append(f"{name}:{line}: a statement is prepared from {match.group(1).strip()}; it must be a constant")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent))
