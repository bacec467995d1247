#!/usr/bin/python3
"""Personal data are replaced before anything is sent to a model, in a review through the real server, and stand in its findings again.

test_redact.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. Every answer is held to docs/openapi.yaml (contract.py).
"""
import json
import os
import re
import sys

import injections
from contract import Visitor
from fakes import Fake
from serve_util import Server
from tap import run

PRISM = os.path.abspath(sys.argv[1])
WHOLE = {"when": {"text": "This is the document as a whole"}, "findings": {"oracle": "lazy"}, "times": "always"}
REPORT = (
    "Prepared by: Erika Muster",
    "Erika Muster told MUSTER's manager, Dr. Roe, to write to erika.muster@contoso.com or call +49 170 1234567.",
    "Refund to DE89 3704 0044 0532 0130 00. Roe saw the zebra team.",
)
PERSONAL = ("muster", "erika", "roe", "muster@", "1234567", "0532")
CASES = []


def case(function):
    CASES.append(function)
    return function


def docx():
    return injections.docx("".join(injections.paragraph(text) for text in REPORT))


def reviewed(server):
    person = Visitor(server.port)
    made = person.upload("a.docx", docx())
    done = person.wait(f"/api/v1/reviews/{made['review']['id']}")
    return done, [f for f in person.findings(done["id"]) if f["reviewer"]["kind"] == "model"]


@case
def nothing_personal_is_sent_and_findings_stand_on_the_real_words():
    with Fake("anthropic") as fake, Server(PRISM, **fake.settings(PRISM_REDACT="true")) as server:
        fake.script(WHOLE, {"findings": {"find": [{"pattern": "\\[PERSON_[0-9_]+\\] saw the zebra team"}]}, "times": "always"})
        done, found = reviewed(server)
        assert done["model"]["state"] == "done", done["model"]
        sent = json.dumps([r["body"] for r in fake.seen()["requests"]]).lower()
        assert sent and "[person_" in sent and "[email_1]" in sent and "[account_1]" in sent, sent[:2000]
        for word in PERSONAL:
            assert not re.search(rf"\b{word}", sent), (word, sent[max(0, sent.find(word) - 80) :][:200])
        assert [f["anchor"]["quote"] for f in found] == ["Roe saw the zebra team"], found


@case
def a_placeholder_that_is_made_up_refuses_its_finding_alone():
    item = {"block": 4, "quote": "saw the zebra team", "title": "Who", "category": "Terms", "kind": "important", "risk": "medium",
            "confidence": 0.9, "description": "The zebra team is named nowhere.", "suggestion": "Say who that is."}  # fmt: skip
    items = [{**item, "description": "[PERSON_77] is nobody."}, item]
    with Fake("anthropic") as fake, Server(PRISM, **fake.settings(PRISM_REDACT="true")) as server:
        fake.script(WHOLE, {"tool": {"name": "report_findings", "input": {"findings": items}}, "times": "always"})
        done, found = reviewed(server)
        assert [f["description"] for f in found] == [item["description"]], found
        assert done["coverage"]["findings"]["refused_invalid"] == 1, done["coverage"]


@case
def what_cannot_be_replaced_surely_is_not_sent():
    with Fake("anthropic") as fake, Server(PRISM, **fake.settings(PRISM_REDACT="true")) as server:
        fake.script(WHOLE)
        person = Visitor(server.port)
        made = person.upload("a.docx", injections.docx(injections.paragraph("Log in as admin, password: a1!?")))
        done = person.wait(f"/api/v1/reviews/{made['review']['id']}")
        assert not fake.seen()["requests"], fake.seen()["requests"]
        assert done["model"]["problem"]["reason"] == "cannot_redact" and done["state"] == "done", done["model"]


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
