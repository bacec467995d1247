#!/usr/bin/python3
"""Text that is addressed to an automated reviewer is a finding, in whichever of ten ways a document hides it (not again 23); so is hidden text.

test_injections.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import injections
from tap import run

PRISM = os.path.abspath(sys.argv[1])
HIDDEN = {"white", "of the colour of its shading", "tiny", "vanished"}
CASES = []


def case(function):
    CASES.append(function)
    return function


def rules_of(name, content):
    """Which rules about hidden things fire on the file, with the words of each finding."""
    with tempfile.TemporaryDirectory(prefix="prism-injections-") as folder:
        path = Path(folder) / "report.docx"
        path.write_bytes(content)
        done = subprocess.run([PRISM, "review", str(path), "-f", "json"], capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode in (0, 1), (name, done.stderr)
        found = json.loads(done.stdout)
    found = found.get("documents", [found])[0]["findings"]
    return {f["reviewer"]: f for f in found if f["reviewer"].startswith(("privacy.hidden", "privacy.reviewer"))}


@case
def not_again_23_each_of_ten_ways_is_found():
    made = injections.make()
    assert len(made) == 10, made.keys()
    for name, content in made.items():
        found = rules_of(name, content)
        order = found.get("privacy.reviewer_orders")
        assert order and "gnore all previous instructions" in order["description"], (name, found)
        assert (order["kind"], order["risk"]) == ("critical", "high"), (name, order)
        assert ("privacy.hidden_text" in found) == (name in HIDDEN), (name, found)


@case
def a_report_about_it_is_told_from_it():
    content = injections.docx(injections.paragraph(f"The attacker wrote “{injections.ORDER}” into the form."))
    found = rules_of("quoted", content)
    assert set(found) == {"privacy.reviewer_orders_quoted"}, found


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
