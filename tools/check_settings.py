#!/usr/bin/env python3
"""Every setting that is declared is read: each row of src/conf/settings.h has a field that some file of src/ outside conf/ uses.

While there is no src/cmd/serve.c, which hands the settings on, nothing is asked.
check_settings.py [ROOT]: prints what is wrong, one line each, and ends with 1 if anything is.
"""
import re
import sys
from pathlib import Path

ROW = re.compile(r'^\s*[NCPTLDS]\((\w+),\s*"(\w+)"', re.MULTILINE)
# what conf itself reads: where the file is, and that no other server is asked for
IN_CONF = {"conf_file", "database_url", "redis_url"}


def main(root):
    if not (root / "src/cmd/serve.c").is_file():
        return 0
    rows = ROW.findall((root / "src/conf/settings.h").read_text(encoding="utf-8"))
    texts = [p.read_text(encoding="utf-8") for p in (root / "src").rglob("*.[ch]") if p.parent.name != "conf"]
    wrong = [f"src/conf/settings.h: {name} is declared, and nothing reads conf.{field}" for field, name in rows
             if field not in IN_CONF and not any(re.search(rf"\b(?:c|conf)(?:->|\.){field}\b", text) for text in texts)]  # fmt: skip
    if not rows:
        wrong.append("src/conf/settings.h: no rows were found")
    print("\n".join(wrong), end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent))
