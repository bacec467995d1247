#!/usr/bin/python3
"""Documents that we wrote comments into, as other programs see them.

For every document of the shared corpus that we read: write_corpus puts comments at places of all kinds into it; then python-docx opens the output
wherever it opens the input, with the same paragraphs; and LibreOffice opens the output wherever it opens the input (as far as the time goes), and sees each comment with its
author and text, on exactly the words that were meant wherever these are plain text (formulas, controls, fields and tracked changes are shown otherwise there;
white space is folded). What is missing on this machine is skipped in words.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import lo_judge  # noqa: E402
import pydocx_judge  # noqa: E402


def fold(text):
    text = text.replace("\u2011", "-").replace("\u00ad", "").replace("\ufffc", "").replace("\u200b", "").replace("\ufeff", "")
    return re.sub(r"\s+", "", text)


def write_all(program, corpus, folder):
    """[(name, input, output, expected comments)], and what failed."""
    written, failures = [], []
    for name in sorted(os.listdir(corpus)):
        if not name.lower().endswith((".docx", ".docm", ".dotx")):
            continue
        out, expected = os.path.join(folder, name), os.path.join(folder, name + ".json")
        run = subprocess.run([program, os.path.join(corpus, name), out, expected], capture_output=True, text=True, errors="replace", timeout=120)
        if run.returncode == 0:
            with open(expected, encoding="utf-8") as file:
                written.append((name, os.path.join(corpus, name), out, json.load(file)["comments"]))
        elif run.returncode != 2:
            failures.append(f"{name}: {run.stdout}{run.stderr}"[:500])
    return written, failures


def judge_python_docx(written):
    judge, failures, opened = pydocx_judge.Judge(), [], 0
    for name, before, after, _ in written:
        old = judge.paragraphs(before)
        if old is None:
            continue
        opened += 1
        if judge.paragraphs(after) != old:
            failures.append(f"{name}: does not open any more, or has other paragraphs")
    return failures, f"{opened} outputs"


def match(name, expected, before, after):
    """What LibreOffice does not see as it was meant: failures, and how many comments were on exactly their words."""
    failures, exact = [], 0
    old = [(c["author"], fold(c["text"]), fold(c["words"])) for c in before]
    seen = [(c["author"], fold(c["text"]), fold(c["words"])) for c in after]
    for comment in old:
        if comment not in seen:
            failures.append(f"{name}: a comment that was there is gone: {comment}")
        else:
            seen.remove(comment)
    want = sum(1 + c["replies"] for c in expected)
    if len(seen) != want:
        failures.append(f"{name}: {len(seen)} new comments for {want}")
    for comment in expected:
        words = fold(comment["words"])
        mine = [s for s in seen if s[0] == comment["author"] and fold(comment["text"]) in s[1]]
        if any(s[2] == words for s in mine):
            exact += 1
        elif comment["plain"]:
            failures.append(f"{name}: no comment on {comment['words'][:80]!r} ({comment['outcome']}); there are {[s[2][:60] for s in mine][:12]}")
    return failures, exact


def judge_libreoffice(written):
    judge, failures, exact, total = lo_judge.Judge(), [], 0, 0
    try:
        old, _ = judge.comments([before for _, before, _, _ in written], 240)
        new, untried = judge.comments([after for _, before, after, _ in written if before in old], 240)
    finally:
        judge.close()
    for name, before, after, expected in written:
        if before not in old or after in untried:
            continue
        if after not in new:
            failures.append(f"{name}: does not open any more")
            continue
        more, on_words = match(name, expected, old[before], new[after])
        failures += more
        exact += on_words
        total += len(expected)
    if not new:
        raise lo_judge.Unavailable("LibreOffice opened nothing in the time there was")
    late = f", no time for {len(untried)}" if untried else ""
    return failures, f"{len(new)} of {len(old)} outputs{late}, {exact} of {total} comments on exactly their words"


def report(number, what, failures, note):
    print(f"{'not ok' if failures else 'ok'} {number} - {what} ({note})")
    for failure in failures:
        print("# " + failure.replace("\n", "\n# "))
    return bool(failures)


def main():
    program = sys.argv[1]
    corpus = os.path.join(os.environ.get("TEST_SHARED", "../shared"), "corpus")
    print("1..3")
    if not os.path.isdir(corpus):
        for i in range(1, 4):
            print(f"ok {i} - documents with comments # SKIP the shared corpus is not beside the source tree")
        return 0
    with tempfile.TemporaryDirectory(prefix="written-") as folder:
        written, failures = write_all(program, corpus, folder)
        bad = report(1, "every readable document takes comments", failures, f"{len(written)} documents")
        for number, what, judge in ((2, "python-docx opens what it opened before", judge_python_docx), (3, "LibreOffice sees each comment on its words", judge_libreoffice)):
            try:
                failures, note = judge(written)
                bad = report(number, what, failures, note) or bad
            except (lo_judge.Unavailable, pydocx_judge.Unavailable) as error:
                print(f"ok {number} - {what} # SKIP {error}")
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
