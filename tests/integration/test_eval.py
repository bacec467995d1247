#!/usr/bin/python3
"""The evaluation (tests/eval): the scorer is right about reviewers that are known, and the rules reach what they must.

test_eval.py PRISM: prints TAP; ends with 1 when a case failed.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from fakes import Fake
from tap import run

sys.dont_write_bytecode = True
SOURCE = Path(os.environ.get("TEST_SOURCE", Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(SOURCE / "tests" / "eval"))

import documents  # noqa: E402  pylint: disable=wrong-import-position
import evaluate  # noqa: E402  pylint: disable=wrong-import-position
import oracles  # noqa: E402  pylint: disable=wrong-import-position
import scoring  # noqa: E402  pylint: disable=wrong-import-position

PRISM = os.path.abspath(sys.argv[1])
REACHED = 0.9  # recall and precision that the rules must have
CASES = []


def case(function):
    CASES.append(function)
    return function


def oracle(name):
    """The numbers of an oracle, and its score."""
    docs = documents.load()
    made = scoring.score(docs, oracles.ORACLES[name](docs))
    return scoring.numbers(made), made


@case
def the_documents_are_thirty_and_have_each_kind_of_defect():
    docs = documents.load()
    assert len(docs) == 30
    planted = [defect.kind for document in docs for defect in document.defects]
    for kind in documents.KINDS:
        assert planted.count(kind) >= 5, f"{kind}: {planted.count(kind)}"
    assert any(not document.defects for document in docs), "a document without a defect is needed"
    assert sum(len(document.tempting) for document in docs) >= 30


@case
def a_perfect_reviewer_scores_one():
    numbers, made = oracle("perfect")
    assert numbers == {**numbers, "recall": 1, "recall_seen": 1, "precision": 1, "precision_hard": 1, "overlap": 1, "invented": 0}
    assert not made.missed and made.count("found") == made.total().planted


@case
def a_lazy_reviewer_has_low_recall_and_full_precision():
    numbers, _ = oracle("lazy")
    assert numbers["recall"] < 0.3 and numbers["precision"] == 1, numbers


@case
def a_silent_reviewer_has_no_recall():
    numbers, made = oracle("silent")
    assert numbers["recall"] == 0 and len(made.missed) == made.total().planted


@case
def every_invented_quote_of_a_liar_counts_as_not_anchored():
    for name in ("liar", "forger"):
        numbers, made = oracle(name)
        assert numbers["invented"] == len(made.findings) == made.total().planted, (name, numbers)
        assert numbers["recall"] == 0 and numbers["precision"] == 0, (name, numbers)


@case
def a_flooder_finds_nearly_everything_at_low_precision():
    numbers, _ = oracle("flooder")
    assert numbers["recall"] > 0.95 and numbers["precision"] < 0.1, numbers
    assert numbers["overlap"] < 0.8, numbers


@case
def saying_it_three_times_finds_it_once():
    numbers, made = oracle("echo")
    assert numbers["recall"] == 1 and numbers["precision"] == 1
    assert made.count("double") == 2 * made.total().planted


@case
def the_right_words_with_the_wrong_kind_are_false():
    numbers, _ = oracle("confused")
    assert numbers["recall"] < 0.1 and numbers["precision"] < 0.1, numbers


@case
def marking_whole_blocks_costs_overlap():
    blunt, _ = oracle("blunt")
    assert blunt["recall"] == 1 and blunt["overlap"] < 0.8, blunt


PLANTED = """title: A test
saved: 2026-03-01

# Héad 𝒳

We told {1:12 sellers} and \U0001f600 {2:15 sellers}. {t1:It was all} right, perhaps. Twice, twice.

== defects
1 contradiction rules Twelve.
2 wrong_total reader Fifteen.
== tempting
t1 It was.
== accepted
language.weasel "perhaps" It was unsure.
"""


@case
def offsets_are_utf_16_and_quotes_must_be_found_once():
    document = documents.parse("test", PLANTED)
    text = document.blocks[1]
    place = document.defects[1].places[0]
    assert text == "We told 12 sellers and \U0001f600 15 sellers. It was all right, perhaps. Twice, twice."
    assert (place.block, place.start, place.end) == (1, 26, 36)
    assert scoring.anchored(document, {"quote": "15 sellers"}) == [(1, 26, 36)]
    assert scoring.anchored(document, {"quote": "wice,"}) == [(1, 66, 71)]
    assert scoring.anchored(document, {"quote": "wice"}) is None, "it stands there twice"
    assert scoring.anchored(document, {"quote": ""}) is None
    anchor = {"start": {"block": 0, "offset": 5}, "end": {"block": 1, "offset": 7}}
    assert scoring.anchored(document, {"quote": "𝒳\nWe told", "anchor": anchor}) == [(0, 5, 7), (1, 0, 7)]
    assert scoring.anchored(document, {"quote": "𝒳 We told", "anchor": anchor}) is None
    assert scoring.anchored(document, {"quote": "𝒳\nWe told", "anchor": anchor, "located": False}) is None
    anchor["end"]["block"] = 9
    assert scoring.anchored(document, {"quote": "𝒳\nWe told", "anchor": anchor}) is None


@case
def each_finding_gets_its_verdict():
    document = documents.parse("test", PLANTED)
    findings = [
        {"quote": "12 sellers", "defect": "contradiction"},
        {"quote": "12", "defect": "contradiction"},
        {"quote": "perhaps", "source": "rule", "reviewer": "language.weasel"},
        {"quote": "perhaps", "source": "rule", "reviewer": "language.absolute"},
        {"quote": "It was all", "defect": "pii"},
        {"quote": "nobody", "defect": "pii"},
        {"quote": "15 sellers", "defect": "pii"},
    ]
    made = scoring.score([document], {"test": findings})
    assert [f.verdict for f in made.findings] == ["found", "double", "accepted", "false", "false", "invented", "false"]
    assert len(made.tempted) == 1 and [d.mark for _, d in made.missed] == ["2"]
    numbers = scoring.numbers(made)
    assert numbers["recall"] == 0.5 and numbers["recall_seen"] == 1 and numbers["precision"] == 1 / 5
    assert numbers["precision_hard"] == 1 / 6


@case
def one_finding_counts_for_one_defect_and_pairs_are_as_many_as_can_be():
    document = documents.parse("test", PLANTED.replace("wrong_total", "contradiction"))
    both = {"quote": document.blocks[1]}
    made = scoring.score([document], {"test": [both, {"quote": "12 sellers"}]})
    assert made.count("found") == 2, "the wide finding must take what the narrow one leaves"
    made = scoring.score([document], {"test": [both]})
    assert made.count("found") == 1 and len(made.missed) == 1


@case
def a_document_that_is_written_wrongly_is_refused():
    wrong = {
        "marked and not listed": PLANTED.replace("1 contradiction rules Twelve.\n", ""),
        "listed and not marked": PLANTED.replace("{1:12 sellers}", "12 sellers"),
        "unknown kind": PLANTED.replace("wrong_total", "wrong_sum"),
        "accepted words that are not in": PLANTED.replace('"perhaps"', '"maybe"'),
        "no list is called": PLANTED.replace("== tempting", "== teasing"),
    }
    for what, text in wrong.items():
        try:
            documents.parse("test", text)
        except documents.DocumentError as why:
            assert what in str(why), why
        else:
            raise AssertionError(f"{what}: not refused")


@case
def the_rules_reach_recall_and_precision_and_every_anchor_holds():
    docs = documents.load()
    reviews = evaluate.review(PRISM, docs)
    made = scoring.score(docs, evaluate.findings_of(reviews))
    numbers = scoring.numbers(made)
    print("\n".join("# " + line for line in scoring.table(made)), flush=True)
    assert numbers["recall_seen"] >= REACHED, f"recall {numbers['recall_seen']:.2f}: see \"make eval\""
    assert numbers["precision"] >= REACHED, f"precision {numbers['precision']:.2f}: see \"make eval\""
    assert numbers["invented"] == 0, "a finding of the program stands on words that are not there"
    assert made.findings and {review["file"] for review in reviews["documents"]} == {f"{d.name}.docx" for d in docs}


@case
def the_command_scores_a_file_and_refuses_what_is_no_findings():
    command = ["/usr/bin/python3", "-B", SOURCE / "tests" / "eval" / "evaluate.py", "score"]
    with tempfile.TemporaryDirectory(prefix="prism-eval-test-") as folder:
        path = Path(folder) / "findings.json"
        path.write_text(json.dumps(oracles.perfect(documents.load())), encoding="utf-8")
        done = subprocess.run([*command, path], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0 and "precision                      1.00" in done.stdout, done.stdout + done.stderr
        for text in ("[]", "{", '{"no-such-document": []}', '{"01-late-parcels": {}}'):
            path.write_text(text, encoding="utf-8")
            done = subprocess.run([*command, path], capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 1 and done.stderr.startswith("evaluate.py: "), (text, done.stderr)


@case
def a_configured_model_is_measured_through_the_server():
    with Fake("openai") as fake:
        fake.script({"findings": {"find": [{"pattern": "soon", "confidence": 0.9, "description": "When is that?"}]}, "times": "always"})
        env = {**os.environ, **fake.settings()}
        done = subprocess.run([SOURCE / "tests/eval/evaluate.py", "model", PRISM], env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    together, alone = done.stdout.split("the model alone")
    assert "openai: local-model" in together and "not whole" not in together, together[:500]
    counts = [int(re.search(r"^findings (\d+):", part, re.M).group(1)) for part in (together, alone)]
    assert counts[0] > counts[1] > 0, counts
    without = subprocess.run([SOURCE / "tests/eval/evaluate.py", "model", PRISM], env={**os.environ, "PRISM_MODEL_PROVIDER": "none"}, capture_output=True, text=True, timeout=120, check=False)
    assert without.returncode == 1 and "no model is configured" in without.stderr, without


if __name__ == "__main__":
    sys.exit(run(CASES))
