#!/usr/bin/python3
"""The command line as a user meets it: every command, option and exit code of the built program.

test_cli.py PRISM: prints TAP; ends with 1 when a case failed. Documents are made here; the corpus beside the checkout is used when it
is there.
"""
import csv
import hashlib
import html.parser
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
SOURCE = Path(os.environ.get("TEST_SOURCE", Path(__file__).resolve().parents[2]))
SHARED = Path(os.environ.get("TEST_SHARED", SOURCE.parent / "shared"))
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
WORK = Path(tempfile.mkdtemp(prefix="prism-cli-"))
CASES = []


def case(function):
    CASES.append(function)
    return function


class Ran:
    def __init__(self, done):
        self.code, self.out_bytes = done.returncode, done.stdout
        self.out, self.err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.out)


def prism(*words, code=None, stdin=b"", cwd=None, env=None, stdout=subprocess.PIPE):
    done = subprocess.run(
        [PRISM, *map(str, words)], input=stdin, stdout=stdout, stderr=subprocess.PIPE, cwd=cwd or WORK, timeout=900,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
    if stdout is not subprocess.PIPE:
        done.stdout = b""
    ran = Ran(done)
    for trace in ("AddressSanitizer", "LeakSanitizer", "runtime error:"):
        assert trace not in ran.err, ran.err[:4000]
    if code is not None:
        assert ran.code == code, f"exit {ran.code}, expected {code}\n{ran.err[:1500]}\n{ran.out[:500]}"
    return ran


# --- documents ---


def make_docx(path, paragraphs, extra=()):
    """A small document; a paragraph is a text, or (style, text)."""
    body = ""
    for paragraph in paragraphs:
        style, text = paragraph if isinstance(paragraph, tuple) else (None, paragraph)
        props = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        text = text.replace("&", "&amp;").replace("<", "&lt;")
        body += f'<w:p>{props}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    headings = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{i}"><w:name w:val="heading {i}"/><w:pPr><w:outlineLvl w:val="{i - 1}"/></w:pPr></w:style>'
        for i in (1, 2, 3)
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{kind}.styles+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{rel}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/_rels/document.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{rel}/styles" Target="styles.xml"/></Relationships>',
        "word/styles.xml": f'<w:styles xmlns:w="{W}">{headings}</w:styles>',
        "word/document.xml": f'<w:document xmlns:w="{W}"><w:body>{body}</w:body></w:document>',
        **dict(extra),
    }
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return path


def make_sample(path):
    """The sample report, zipped from its parts."""
    root = SOURCE / "samples" / "report"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
        for name in sorted(names, key=lambda n: n != "[Content_Types].xml"):
            package.write(root / name, name)
    return Path(path)


CLEAN = [
    ("Heading1", "Introduction"),
    "The team met on 4 March 2026 and agreed on the plan for the new hall. Anna Berg leads the work.",
    ("Heading1", "Plan"),
    "Anna Berg orders the shelves by 20 March 2026. Tom Reed builds them by 10 April 2026 and reports the result to the team.",
]
DIRTY = [*CLEAN, ("Heading1", "Costs"), "The price of the shelves is TBD."]


def clean(name="clean.docx"):
    return make_docx(WORK / name, CLEAN)


def dirty(name="dirty.docx"):
    return make_docx(WORK / name, DIRTY)


def sample(name="report.docx"):
    return make_sample(WORK / name)


def sha(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def part(path, name):
    with zipfile.ZipFile(path) as package:
        return package.read(name).decode()


def comment_count(path):
    with zipfile.ZipFile(path) as package:
        return package.read("word/comments.xml").decode().count("<w:comment ") if "word/comments.xml" in package.namelist() else 0


def findings(*words, **more):
    return prism("review", *words, "--format", "json", **more).json()["documents"][0]["findings"]


def folder(name):
    path = WORK / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return path


# --- help ---


@case
def help_lists_the_commands():
    for words in (["--help"], ["-h"], ["help"]):
        ran = prism(*words, code=0)
        for command in ("review", "serve", "conf", "check", "health", "rules", "framework", "logs", "help", "version"):
            assert f"\n  {command} " in ran.out, ran.out


@case
def every_command_has_help():
    for command in ("review", "serve", "conf", "check", "health", "rules", "framework", "logs", "help", "version"):
        ran = prism("help", command, code=0)
        assert ran.out.startswith(f"Usage: prism {command}")
        assert ran.out == prism(command, "--help", code=0).out == prism(command, "-h", code=0).out
        assert all(len(line) <= 80 for line in ran.out.splitlines()), ran.out


@case
def version_is_printed():
    assert re.fullmatch(r"prism \d+\.\d+\.\d+\n", prism("--version", code=0).out)
    assert prism("version", code=0).out == prism("--version", code=0).out


@case
def nothing_at_all_is_wrong_usage():
    ran = prism(code=2)
    assert ran.out == "" and "Usage: prism" in ran.err


@case
def wrong_words_name_the_closest():
    ran = prism("reviw", "x.docx", code=2)
    assert 'unknown command "reviw"' in ran.err and 'Did you mean "prism review"?' in ran.err
    ran = prism("review", "x.docx", "--sumary", code=2)
    assert 'unknown option "--sumary"' in ran.err and "Did you mean --summary?" in ran.err
    ran = prism("review", "x.docx", "--format", "jsn", code=2)
    assert "text, json, sarif, html, csv" in ran.err and 'Did you mean "json"?' in ran.err
    prism("review", "x.docx", "--out", code=2)
    prism("help", "nonsense", code=2)


@case
def review_needs_a_document():
    assert "no document named" in prism("review", code=2).err


@case
def the_manual_has_every_option():
    manual = (SOURCE / "docs" / "prism.1").read_text().replace("\\-", "-")
    options = re.findall(r"--[a-z-]+", prism("help", "review", code=0).out.split("Options:")[1].split("Examples:")[0])
    options += re.findall(r"^ +(--[a-z-]+)", prism("help", "rules", code=0).out.split("Options:")[1], re.M)
    options += re.findall(r"(--[a-z]+)", prism("help", "bundle", code=0).out.split("Options:")[1].split("Examples:")[0])
    options += re.findall(r"(--[a-z0-9]+)", prism("help", "export", code=0).out.split("Options:")[1].split("Examples:")[0])
    assert len(set(options)) >= 17
    for option in set(options):
        assert option in manual, f"{option} is not in docs/prism.1"
    known = set(options) | {"--help", "--version"}
    for option in re.findall(r"--[a-z0-9-]+", manual):
        assert option in known, f"docs/prism.1 speaks of {option}"


@case
def the_manual_is_clean():
    if not shutil.which("groff"):
        raise Skip("groff is not installed")
    done = subprocess.run(["groff", "-ww", "-man", "-z", str(SOURCE / "docs" / "prism.1")], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr


# --- findings and exit codes ---


@case
def exit_0_when_nothing_is_found():
    ran = prism("review", clean(), code=0)
    assert "0 findings" in ran.out or "no findings" in ran.out.lower(), ran.out


@case
def exit_1_when_something_is_found():
    ran = prism("review", dirty(), code=1)
    assert "TBD" in ran.out and "structure.placeholder" in ran.out, ran.out
    assert re.search(r"^dirty\.docx: 1 finding ", ran.out, re.M), ran.out


@case
def exit_2_for_a_missing_file():
    ran = prism("review", "nowhere.docx", code=2)
    assert ran.err.startswith("prism: nowhere.docx: ")
    report = prism("review", "nowhere.docx", folder("nothing"), "no*.docx", "--format", "json", code=2).json()
    assert [f["reason"] for f in report["failed"]] == ["file_not_found", "no_documents", "no_documents"]


@case
def exit_2_for_a_broken_file_and_the_others_are_done():
    broken = WORK / "broken.docx"
    broken.write_bytes(b"PK\x03\x04 this is no zip at all")
    ran = prism("review", broken, dirty(), clean(), "--format", "json", code=2)
    report = ran.json()
    assert [d["file"] for d in report["documents"]] == ["dirty.docx", "clean.docx"]
    assert len(report["failed"]) == 1 and report["failed"][0]["reason"] and report["failed"][0]["message"]
    assert f"prism: {broken}: " in ran.err


@case
def not_again_13_a_corrupt_file_is_an_error_and_no_document():
    data = bytearray(dirty("torn.docx").read_bytes())
    (WORK / "torn.docx").write_bytes(data[: len(data) // 2])
    ran = prism("review", WORK / "torn.docx", "-o", WORK / "torn-out.docx", code=2)
    assert ran.out.strip() == "" or "0 reviewed" in ran.out, ran.out
    assert not (WORK / "torn-out.docx").exists()


@case
def exit_3_when_the_output_cannot_be_written():
    with open("/dev/full", "wb") as full:
        ran = prism("review", dirty(), code=3, stdout=full)
    assert "standard output" in ran.err


@case
def min_risk_is_what_the_exit_code_asks():
    all_of_it = prism("review", sample(), "--format", "json", code=1).json()["documents"][0]
    high = prism("review", sample(), "--format", "json", "--min-risk", "high", code=1).json()["documents"][0]
    assert all(f["risk"] == "high" for f in high["findings"]) and high["findings"]
    assert len(high["findings"]) == sum(f["risk"] == "high" for f in all_of_it["findings"])
    assert high["coverage"]["below_min_risk"] == len(all_of_it["findings"]) - len(high["findings"])
    low_only = make_docx(WORK / "low.docx", [*CLEAN, "The the shelves stand in the hall."])
    prism("review", low_only, "--min-risk", "low", code=1)
    prism("review", low_only, "--min-risk", "high", code=0)


PLANTED = [  # in samples/report, as samples/README.md lists them: the rule, and words that its finding quotes
    ("language.acronym_undefined", "QRD"),
    ("structure.missing_reference", "Section 9"),
    ("time.weekday_mismatch", "3 March 2026"),
    ("time.unexplained_gap", "8 March 2026"),
    ("time.out_of_order", "8 March 2026"),
    ("time.mixed_formats", "03/11/2026"),
    ("time.ambiguous_date", "03/11/2026"),
    ("privacy.phone", "+44 20 7946 0812"),
    ("links.text_differs", "https://templates.example.com"),
    ("structure.skipped_heading_level", "Causes and the actions"),
    ("cause.cause_without_action", "accepts a file with an empty column"),
    ("cause.human_error", "human error"),
    ("cause.action_without_owner", "The training log will be made easier"),
    ("cause.action_without_due_date", "The training log will be made easier"),
    ("evidence.total_mismatch", "2,698"),
    ("evidence.percent_sum", "58% professional sellers"),
    ("evidence.quantity_conflict", "1,126"),
    ("evidence.vague_quantity", "A number of"),
    ("structure.open_comments", "1,126 seller contacts"),
    ("structure.placeholder", "TBD"),
    ("language.spelling", "recieved"),
    ("language.repeated_word", "was was"),
    ("language.long_sentence", "The damage to the trust"),
    ("structure.duplicate_paragraph", "The sellers were offered a fee credit"),
    ("language.blame", "careless"),
    ("links.plain_http", "http://wiki.brightlane.test"),
]


@case
def the_planted_defects_of_the_sample_are_found():
    found = findings(sample())
    for rule, words in PLANTED:
        assert any(f["reviewer"] == rule and words in f["quote"] for f in found), f"{rule} on {words!r}: not found"
    page = (SOURCE / "samples" / "README.md").read_text()
    assert all(f"`{rule}`" in page for rule, _ in PLANTED)


@case
def the_good_text_of_the_sample_is_spared():
    """Whatever is found beside the planted defects is a false alarm."""
    others = [f for f in findings(sample()) if not any(f["reviewer"] == rule and words in f["quote"] for rule, words in PLANTED)]
    others = [f for f in others if f["reviewer"] != "time.unexplained_gap"]  # a second gap, of two days, is real
    assert others == [], [(f["reviewer"], f["quote"]) for f in others]


@case
def the_sample_s_quoted_mail_is_left_out_unless_asked_for():
    mail = "TBD for the two accounts"
    report = prism("review", sample(), "--format", "json").json()["documents"][0]
    assert any("Funds released" in left["what"] for left in report["coverage"]["left_out"]), report["coverage"]["left_out"]
    sections = {f["section"] for f in report["findings"]}
    whole = prism("review", sample(), "--format", "json", "--all").json()["documents"][0]
    assert whole["coverage"]["blocks_reviewed"] > report["coverage"]["blocks_reviewed"]
    assert len(whole["findings"]) > len(report["findings"]), mail
    assert {f["section"] for f in whole["findings"]} - sections


@case
def every_finding_quotes_the_document():
    text = ""
    for run in re.findall(r"<w:p>.*?</w:p>", part(sample(), "word/document.xml"), re.S):
        text += "".join(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", run)) + "\n"
    for f in findings(sample()):
        assert f["located"] is True
        if f["quote"] and "Audit log of the enforcement" not in f["quote"]:
            assert f["quote"].replace("&", "&amp;") in text, f


@case
def a_second_review_finds_the_same():
    assert findings(sample()) == findings(sample())


# --- the reviewed document ---


@case
def the_reviewed_document_has_the_comments():
    before = sha(sample())
    ran = prism("review", sample(), "-o", WORK / "reviewed.docx", "--format", "json", code=1)
    count = len(ran.json()["documents"][0]["findings"])
    assert count > 5 and comment_count(WORK / "reviewed.docx") == count + 1  # one was there
    assert sha(WORK / "report.docx") == before


@case
def python_docx_opens_it():
    try:
        import docx
    except ImportError:
        raise Skip("python-docx is not installed")
    prism("review", sample(), "-o", WORK / "reviewed.docx", code=1)
    texts = [[p.text for p in docx.Document(str(WORK / name)).paragraphs] for name in ("report.docx", "reviewed.docx")]
    assert texts[0] == texts[1]


@case
def a_reviewed_document_can_be_reviewed_again():
    prism("review", sample(), "-o", WORK / "once.docx", code=1)
    prism("review", WORK / "once.docx", "-o", WORK / "twice.docx", code=1)
    assert comment_count(WORK / "twice.docx") > comment_count(WORK / "once.docx")


@case
def a_document_without_findings_is_written_too():
    prism("review", clean(), "-o", WORK / "clean-out.docx", code=0)
    assert part(WORK / "clean-out.docx", "word/document.xml") == part(WORK / "clean.docx", "word/document.xml")


@case
def summary_is_added_at_the_end():
    prism("review", sample(), "-o", WORK / "plain.docx")
    prism("review", sample(), "-o", WORK / "summary.docx", "--summary")
    assert "Review summary" not in part(WORK / "plain.docx", "word/document.xml")
    text = part(WORK / "summary.docx", "word/document.xml")
    assert "Review summary" in text and "By framework point" in text and "Root Cause Analysis" in text


@case
def track_changes_only_when_asked():
    path = make_docx(WORK / "twice-word.docx", [*CLEAN, "They moved the the shelves into the hall."])
    prism("review", path, "-o", WORK / "no-changes.docx", code=1)
    prism("review", path, "-o", WORK / "changes.docx", "--track-changes", code=1)
    assert "<w:del " not in part(WORK / "no-changes.docx", "word/document.xml")
    assert "<w:del " in part(WORK / "changes.docx", "word/document.xml")


@case
def author_and_initials():
    prism("review", dirty(), "-o", WORK / "a.docx", code=1)
    comments = part(WORK / "a.docx", "word/comments.xml")
    assert 'w:author="AI-Prism"' in comments and 'w:initials="AP"' in comments
    prism("review", dirty(), "-o", WORK / "a.docx", "--author", 'Ä & "Q" Team', code=1)
    comments = part(WORK / "a.docx", "word/comments.xml")
    assert 'w:author="Ä &amp; &quot;Q&quot; Team"' in comments and 'w:initials="Ä&amp;' in comments, comments[:600]


# --- where results go ---


@case
def the_input_is_never_written_over():
    path, before = dirty("own.docx"), sha(dirty("own.docx"))
    (WORK / "link.docx").unlink(missing_ok=True)
    (WORK / "link.docx").symlink_to(path)
    for out in (path, WORK / "." / "own.docx", WORK / "link.docx"):
        assert "not written over" in prism("review", path, "-o", out, code=2).err
    prism("review", path, "--report", path, code=2)
    prism("review", path, "-o", "x.docx", "--report", "x.docx", code=2)
    assert sha(path) == before


@case
def several_documents_go_to_a_folder():
    out = folder("out") / "new" / "deep"
    prism("review", dirty("one.docx"), clean("two.docx"), "-o", out, code=1)
    assert sorted(p.name for p in out.iterdir()) == ["one-reviewed.docx", "two-reviewed.docx"]


@case
def one_document_into_a_folder_that_is_there():
    out = folder("there")
    prism("review", dirty("one.docx"), "-o", out, code=1)
    prism("review", dirty("one.docx"), "-o", f"{WORK}/slash/", code=1)
    assert (out / "one-reviewed.docx").exists() and (WORK / "slash" / "one-reviewed.docx").exists()


@case
def names_that_meet_are_numbered():
    folder("a"), folder("b")
    out = folder("meet")
    prism("review", dirty("a/same.docx"), dirty("b/same.docx"), "-o", out, code=1)
    assert sorted(p.name for p in out.iterdir()) == ["same-reviewed-2.docx", "same-reviewed.docx"]


@case
def a_result_never_takes_the_place_of_an_input():
    place = folder("place")
    dirty("place/x.docx"), dirty("place/x-reviewed.docx")
    before = sha(place / "x-reviewed.docx")
    prism("review", place, "-o", place, code=1)
    assert sha(place / "x-reviewed.docx") == before and (place / "x-reviewed-2.docx").exists()


@case
def not_again_36_names_in_any_script_stay():
    names = ["日本.docx", "Отчёт № 5.docx", "تقرير.docx", "a b's (1).docx"]
    source, out = folder("names"), folder("names-out")
    for name in names:
        dirty(f"names/{name}")
    prism("review", source, "-o", out, code=1)
    assert sorted(p.name for p in out.iterdir()) == sorted(n.replace(".docx", "-reviewed.docx") for n in names)


@case
def standard_input_and_output():
    data = dirty().read_bytes()
    assert prism("review", "-", stdin=data, code=1).out
    ran = prism("review", "-", "-o", "-", stdin=data, code=1)
    assert zipfile.ZipFile(io.BytesIO(ran.out_bytes)).testzip() is None
    assert "TBD" in ran.err  # the report
    ran = prism("review", "-", "--format", "json", stdin=b"", code=2)
    assert ran.json()["failed"][0]["reason"] == "empty_file"
    prism("review", dirty("one.docx"), dirty("two.docx"), "-o", "-", code=2)


@case
def output_that_cannot_be_made():
    (WORK / "file").write_text("x")
    prism("review", dirty("one.docx"), clean("two.docx"), "-o", WORK / "file", code=2)
    prism("review", dirty("one.docx"), "-o", WORK / "file" / "x.docx", code=2)


# --- which documents ---


@case
def a_folder_with_all_below_it():
    tree = folder("tree")
    dirty("tree/a.docx"), dirty("tree/sub/b.DOCX"), make_docx(tree / "c.dotx", DIRTY)
    (tree / "~$a.docx").write_bytes(b"\x04User")
    (tree / "notes.txt").write_text("TBD")
    ran = prism("review", tree, "--format", "json")
    report = ran.json()
    assert {d["file"] for d in report["documents"]} | {os.path.basename(f["file"]) for f in report["failed"]} == {"a.docx", "b.DOCX", "c.dotx"}
    assert "~$a.docx" in ran.err and "lock file" in ran.err


@case
def a_folder_without_documents():
    assert "no Word documents" in prism("review", folder("empty"), code=2).err


@case
def a_pattern_in_quotes():
    folder("pattern")
    dirty("pattern/a.docx"), dirty("pattern/b.docx"), dirty("pattern/c.docm")
    report = prism("review", "pattern/*.docx", "--format", "json", code=1).json()
    assert [d["file"] for d in report["documents"]] == ["a.docx", "b.docx"]
    assert "no file matches" in prism("review", "pattern/*.doc", code=2).err


@case
def a_document_named_twice_is_reviewed_once():
    dirty("one.docx")
    report = prism("review", "one.docx", "./one.docx", "one.doc*", "--format", "json", code=1).json()
    assert len(report["documents"]) == 1


@case
def two_hyphens_end_the_options():
    dirty("--odd.docx")
    prism("review", "--", "--odd.docx", code=1)


@case
def totals_of_several():
    ran = prism("review", dirty("one.docx"), clean("two.docx"), code=1)
    last = ran.out.strip().splitlines()[-1]
    assert last.startswith("2 documents: 2 reviewed") and "1 document" in last, last


# --- reports ---


def schema_check(report):
    try:
        import jsonschema
    except ImportError:
        raise Skip("python3-jsonschema is not installed")
    one, run = (json.loads((SOURCE / "docs" / f"{name}.schema.json").read_text()) for name in ("review", "reviews"))
    run["properties"]["documents"]["items"] = {}
    jsonschema.validate(report, run)
    for document in report["documents"]:
        jsonschema.validate(document, one)


@case
def json_is_what_it_says():
    report = prism("review", sample(), "--format", "json", code=1).json()
    document = report["documents"][0]
    assert document["file"] == "report.docx" and document["sha256"] == sha(WORK / "report.docx")
    for f in document["findings"]:
        assert {"id", "anchor", "quote", "risk", "kind", "category", "confidence", "title", "description", "points"} <= f.keys()
    assert len({f["id"] for f in document["findings"]}) == len(document["findings"])


@case
def json_holds_its_schema():
    schema_check(prism("review", sample(), dirty(), WORK / "nowhere.docx", "--format", "json", code=2).json())


@case
def json_without_documents_is_still_json():
    (WORK / "bad.docx").write_bytes(b"%PDF-1.7")
    report = prism("review", WORK / "bad.docx", "--format", "json", code=2).json()
    assert report["documents"] == [] and report["failed"][0]["reason"] == "unsupported_type"
    assert "PDF" in report["failed"][0]["message"]


@case
def sarif_is_one_run():
    report = prism("review", sample(), dirty(), "--format", "sarif", code=1).json()
    assert report["version"] == "2.1.0" and len(report["runs"]) == 1
    run = report["runs"][0]
    rules = [r["id"] for r in run["tool"]["driver"]["rules"]]
    for result in run["results"]:
        assert result["message"]["text"] and result["locations"]
        assert result["ruleId"] in rules and rules[result.get("ruleIndex", rules.index(result["ruleId"]))] == result["ruleId"]


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.loads = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        attrs = dict(attrs)
        if tag in ("script", "link", "iframe", "object", "embed") or attrs.get("src", "data:").split(":")[0] not in ("data",):
            self.loads.append((tag, attrs))


@case
def html_stands_alone():
    ran = prism("review", sample(), "--format", "html", code=1)
    page = Page()
    page.feed(ran.out)
    assert page.loads == [], page.loads
    assert "mark" in page.tags and "html" in page.tags and "@import" not in ran.out and "url(http" not in ran.out


@case
def html_escapes_the_document():
    path = make_docx(WORK / "html.docx", [*DIRTY, "<script>alert(1)</script> & <img src=x> is TBD."])
    page = Page()
    page.feed(prism("review", path, "--format", "html", code=1).out)
    assert page.loads == []


@case
def html_of_several_needs_a_folder():
    assert "folder" in prism("review", dirty("one.docx"), clean("two.docx"), "--format", "html", code=2).err
    out = folder("pages")
    prism("review", dirty("one.docx"), clean("two.docx"), "--format", "html", "--report", out, code=1)
    assert sorted(p.name for p in out.iterdir()) == ["one.html", "two.html"]


@case
def csv_has_one_header_and_no_formulas():
    path = make_docx(WORK / "formula.docx", [*CLEAN, "=cmd|' /C calc'!A0 is TBD"])
    ran = prism("review", path, dirty(), "--format", "csv", code=1)
    rows = list(csv.reader(io.StringIO(ran.out_bytes.decode("utf-8-sig"), newline="")))
    assert len({len(row) for row in rows}) == 1
    assert sum(row == rows[0] for row in rows) == 1
    assert {row[0] for row in rows[1:]} == {"formula.docx", "dirty.docx"}
    assert not any(cell[:1] in "=+-@" for row in rows for cell in row if cell)


@case
def report_file_by_its_name():
    for name, sign in (("r.json", "{"), ("r.sarif", "{"), ("r.html", "<!"), ("r.csv", "\ufeff"), ("r.txt", "")):
        ran = prism("review", dirty(), "--report", WORK / name, code=1)
        assert re.search(r"dirty\.docx: \d+ finding", ran.out) and len(ran.out.splitlines()) == 1, ran.out
        assert (WORK / name).read_text(encoding="utf-8").lower().startswith(sign)
    prism("review", dirty(), "--report", WORK / "r.txt", "--format", "json", code=1)
    json.loads((WORK / "r.txt").read_text())


@case
def color_only_where_wanted():
    assert "\x1b[" not in prism("review", dirty(), code=1).out
    assert "\x1b[" in prism("review", dirty(), "--color", "always", code=1).out
    assert "\x1b[" not in prism("review", dirty(), "--color=never", code=1).out


@case
def a_file_name_cannot_drive_the_terminal():
    ran = prism("review", "\x1b[2J.docx", code=2)
    assert "\x1b" not in ran.err


# --- frameworks, guidelines, rules ---


@case
def the_framework_fits_or_is_named():
    report = prism("review", sample(), "--format", "json").json()["documents"][0]
    assert report["framework"]["id"] == "hawkeye" and report["framework"]["why"]
    assert len(report["framework"]["points"]) == 20
    assert prism("review", dirty(), "--format", "json").json()["documents"][0]["framework"]["id"] == "general"
    named = prism("review", sample(), "--format", "json", "--framework", "general").json()["documents"][0]
    assert named["framework"]["id"] == "general" and named["framework"]["why"] == ""
    ran = prism("review", sample(), "--framework", "hawkye", code=2)
    assert "hawkeye" in ran.err and "general" in ran.err
    file = prism("review", sample(), "--format", "json", "--framework", SOURCE / "frameworks" / "general.json").json()
    assert file["documents"][0]["framework"]["id"] == "general"


GUIDELINES = [
    ("Heading1", "Shelves"),
    "Every plan must name the person who orders the shelves. The price shall be given in euros.",
    ("Heading1", "Dates"),
    "The report should state the date of delivery.",
]


@case
def guidelines_beside_and_instead_of_a_framework():
    guide = make_docx(WORK / "guide.docx", GUIDELINES)
    both = prism("review", dirty(), "--format", "json", "--guidelines", guide).json()["documents"][0]["framework"]
    alone = prism("review", dirty(), "--format", "json", "--guidelines", guide, "--framework", "none").json()["documents"][0]["framework"]
    assert len(both["points"]) > len(alone["points"]) >= 1
    assert any("Shelves" in point["name"] for point in alone["points"]), alone
    prism("review", dirty(), "--framework", "none", code=2)
    nothing = make_docx(WORK / "nothing.docx", ["Good morning."])
    assert "nothing.docx" in prism("review", dirty(), "--guidelines", nothing, code=2).err
    assert "gone.docx" in prism("review", dirty(), "--guidelines", "gone.docx", code=2).err


@case
def settings_of_the_rules():
    settings = WORK / "rules.json"
    settings.write_text('{"rules": {"structure.placeholder": {"enabled": false}}}')
    assert any(f["reviewer"] == "structure.placeholder" for f in findings(dirty()))
    assert not any(f["reviewer"] == "structure.placeholder" for f in findings(dirty(), "--rules", settings))
    settings.write_text('{"rules": {"structure.placeholdr": {"enabled": false}}}')
    assert "structure.placeholdr" in prism("review", dirty(), "--rules", settings, code=2).err
    settings.write_text('{"rules": ')
    assert "rules.json" in prism("review", dirty(), "--rules", settings, code=2).err
    prism("review", dirty(), "--rules", WORK / "none.json", code=2)


@case
def the_rules_are_listed():
    ran = prism("rules", code=0)
    rules = json.loads(prism("rules", "--json", code=0).out)["rules"]
    assert len(rules) >= 40 and f"{len(rules)} rules" in ran.out
    assert {rule["family"] for rule in rules} == {"structure", "time", "cause", "evidence", "language", "privacy", "links"}
    for rule in rules:
        assert rule["id"] in ran.out and rule["title"] and rule["why"] and rule["fires"] and rule["spares"], rule
        assert rule["points"]["hawkeye"] and rule["points"]["general"], f"{rule['id']}: no point speaks of it"
    one = prism("rules", "time", code=0).out
    assert "time." in one and "\nstructure." not in one
    assert "Did you mean" in prism("rules", "time.weekday_mismach", code=2).err
    prism("rules", "--json", "--markdown", code=2)


@case
def the_rules_page_is_in_step():
    assert prism("rules", "--markdown", code=0).out == (SOURCE / "docs" / "rules.md").read_text()


@case
def frameworks_are_listed_shown_and_checked():
    out = prism("framework", "list", code=0).out
    assert "hawkeye" in out and "general" in out
    shown = prism("framework", "show", "hawkeye", code=0).out
    assert all(f"\n{n}. " in shown for n in range(1, 21)) and "20. New Service Launch Considerations" in shown
    for name in ("hawkeye", "general"):
        prism("framework", "check", SOURCE / "frameworks" / f"{name}.json", code=0)
    prism("framework", "show", "nothing", code=2)
    prism("framework", code=2)
    prism("framework", "destroy", code=2)


@case
def a_wrong_framework_names_path_and_reason():
    framework = json.loads((SOURCE / "frameworks" / "general.json").read_text())
    wrong = WORK / "wrong.json"
    framework["points"][3]["questions"] = "why?"
    wrong.write_text(json.dumps(framework))
    assert "points[3].questions" in prism("framework", "check", wrong, code=2).err
    assert "points[3].questions" in prism("review", dirty(), "--framework", wrong, code=2).err
    framework["points"][3]["questions"] = []
    framework["points"][2]["rules"] = ["cause.nonsense"]
    wrong.write_text(json.dumps(framework))
    ran = prism("framework", "check", SOURCE / "frameworks" / "hawkeye.json", wrong, code=2)
    assert "points[2].rules[0]" in ran.err and "cause.nonsense" in ran.err and "right" in ran.out


# --- the corpus ---


@case
def the_whole_corpus_in_one_run():
    corpus = SHARED / "corpus"
    if not corpus.is_dir():
        raise Skip(f"no corpus at {corpus}")
    files = sorted(p for p in corpus.iterdir() if p.suffix != ".tsv")
    ran = prism("review", *files, "--format", "json", "-o", folder("corpus-out"), code=2)
    report = ran.json()
    assert len(report["documents"]) + len(report["failed"]) == len(files)
    for failure in report["failed"]:
        assert failure["code"] != "internal", failure
        assert failure["message"] and failure["reason"], failure
        assert f"prism: {failure['file']}: {failure['message']}" in ran.err
        print(f"# refused: {os.path.basename(failure['file'])}: {failure['reason']}: {failure['message']}")
    written = len(list((WORK / "corpus-out").iterdir()))
    assert written == len(report["documents"]), (written, len(report["documents"]))
    print(f"# {len(report['documents'])} documents reviewed, {sum(len(d['findings']) for d in report['documents'])} findings")


status = run(CASES, sys.argv[2:])
shutil.rmtree(WORK, ignore_errors=True)
sys.exit(status)
