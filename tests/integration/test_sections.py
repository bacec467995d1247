#!/usr/bin/python3
"""Sections that a model proposes for a document that shows too few of its own: seen, used by the model itself, undone by people.

test_sections.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. Every answer is held to docs/openapi.yaml (contract.py).
"""
import io
import json
import os
import sys

from docx import Document

from contract import CONTRACT, Visitor
from fakes import Fake
from serve_util import Server
from tap import run

PRISM = os.path.abspath(sys.argv[1])
CASES = []
FILL = "The carrier took the parcels of that day from the ramp and brought them to the hub, where people sorted them by post code and by hand. "
PARTS = ["How it began: a belt stopped.", "Why it stopped: nobody had oiled it.", "What we do now: it is oiled each week."]
PROPOSAL = [
    {"block": 0, "title": "How it began", "level": 1},
    {"block": 3, "title": "Negligence", "level": 1},
    {"block": 3, "title": "Why it stopped", "level": 1},
    {"block": 6, "title": "What we do now", "level": 2},
    {"block": 999, "title": "The end", "level": 1},
]
NOTHING = {"when": {"tool": "report_findings"}, "findings": {"oracle": "lazy"}, "times": "always"}


def case(function):
    CASES.append(function)
    return function


def docx(headings=(), more=""):
    """Three parts of three paragraphs: blocks 0, 3 and 6 begin one."""
    document, out = Document(), io.BytesIO()
    for i, part in enumerate(PARTS):
        if i < len(headings):
            document.add_heading(headings[i], 1)
        document.add_paragraph(part)
        document.add_paragraph(FILL)
        document.add_paragraph(FILL + more)
    document.save(out)
    return out.getvalue()


def proposal(sections=None, **more):
    return {"when": {"tool": "propose_sections"}, "tool": {"name": "propose_sections", "input": {"sections": sections or PROPOSAL}}, **more}


def bodies(fake, tool):
    """What was asked through this tool, as sent."""
    return [json.dumps(r["body"], ensure_ascii=False) for r in fake.seen()["requests"] if f'"{tool}"' in json.dumps(r["body"].get("tools", []))]


def reviewed(person, data):
    made = person.upload("report.docx", data)
    done = person.wait(f"/api/v1/reviews/{made['review']['id']}")
    assert done["state"] == "done" and done["model"]["problem"] is None, done
    return f"/api/v1/documents/{made['document']['id']}", done


def again(person, path):
    done = person.wait(f"/api/v1/reviews/{person.post(f'{path}/reviews', {}, expect=202)['id']}")
    assert done["state"] == "done" and done["model"]["problem"] is None, done
    return done


@case
def they_are_proposed_in_the_documents_words_seen_and_used():
    with Fake("openai") as fake, Server(PRISM, **fake.settings()) as server:
        fake.script(proposal(), {"when": {"tool": "report_findings"}, "findings": {"find": [{"pattern": "oiled each week"}]}, "times": "always"})
        person = Visitor(server.port)
        path, done = reviewed(person, docx())
        outline, content = person.get(f"{path}/sections"), person.get(f"{path}/content")
        said = outline["proposed_sections"]
        assert said == content["proposed_sections"] and (said["state"], said["by"]) == ("used", "local-model"), said
        assert [(s["title"], s["level"], s["first_block"], s["last_block"]) for s in said["sections"]] == [
            ("How it began", 1, 0, 2), ("Why it stopped", 1, 3, 5), ("What we do now", 2, 6, 8),
        ], said  # fmt: skip
        # the model is shown the document by them; its findings stand in the document's own sections
        assert len(bodies(fake, "propose_sections")) == 1
        assert all("Why it stopped (blocks 3 to 5" in b for b in bodies(fake, "report_findings")), bodies(fake, "report_findings")[0]
        own = {s["id"] for s in outline["sections"]}
        found = [f for f in person.findings(done["id"]) if f["reviewer"]["kind"] == "model"]
        assert found and all(f["section"] in own and f["anchor"]["block"] == 6 for f in found), found
        assert {s["section"] for s in done["coverage"]["sections"]} <= own and done["coverage"]["complete"], done["coverage"]
        # they are asked for once
        again(person, path)
        assert len(bodies(fake, "propose_sections")) == 1
        kinds = [e["kind"] for e in person.get(f"{path}/activity")["events"]]
        assert kinds.count("document.sections") == 1, kinds


@case
def a_person_undoes_them_and_takes_them_back():
    with Fake("openai") as fake, Server(PRISM, **fake.settings()) as server:
        fake.script(proposal(times="always"), NOTHING)
        person, other = Visitor(server.port), Visitor(server.port)
        path, _ = reviewed(person, docx())
        other.ask("GET", "/api/v1/me")
        other.ask("POST", f"{path}/sections/proposal", {"use": False}, expect=404)
        person.ask("POST", f"{path}/sections/proposal", {"use": "no"}, expect=400)
        tag = person.ask("GET", f"{path}/content", expect=200).headers["ETag"]
        person.ask("GET", f"{path}/content", headers={"If-None-Match": tag}, expect=304)
        undone = person.post(f"{path}/sections/proposal", {"use": False}, expect=200)
        assert undone["state"] == "undone" and len(undone["sections"]) == 3, undone
        now = person.ask("GET", f"{path}/content", headers={"If-None-Match": tag}, expect=200).json()
        assert now["proposed_sections"] == undone
        before = len(bodies(fake, "report_findings"))
        again(person, path)
        assert len(bodies(fake, "propose_sections")) == 1  # what a person has undone is not proposed again
        assert all("(blocks 3 to 5" not in b for b in bodies(fake, "report_findings")[before:])
        assert person.post(f"{path}/sections/proposal", {"use": False}, expect=200)["state"] == "undone"
        assert person.post(f"{path}/sections/proposal", {"use": True}, expect=200)["state"] == "used"
        kinds = [(e["kind"], e["data"].get("state"), e["by"]["mine"]) for e in person.get(f"{path}/activity")["events"] if e["kind"] == "document.sections"]
        assert kinds == [("document.sections", "used", True), ("document.sections", "undone", True), ("document.sections", "used", False)], kinds


@case
def a_document_with_sections_of_its_own_or_little_text_is_not_asked_about():
    with Fake("openai") as fake, Server(PRISM, **fake.settings()) as server:
        fake.script(proposal(times="always"), NOTHING)
        person = Visitor(server.port)
        path, _ = reviewed(person, docx(headings=("Beginning", "Cause", "Measures")))
        assert person.get(f"{path}/sections")["proposed_sections"] == {"state": "none", "by": None, "sections": []}
        assert person.ask("POST", f"{path}/sections/proposal", {"use": True}, expect=409).json()["reason"] == "no_proposal"
        short, out = Document(), io.BytesIO()
        short.add_paragraph("A short note about parcels.")
        short.save(out)
        reviewed(person, out.getvalue())
        assert not bodies(fake, "propose_sections") and bodies(fake, "report_findings")
        # one heading of its own stays one
        fake.script(proposal([{"block": 2, "title": "the parcels", "level": 1}, {"block": 0, "title": "Beginning", "level": 1}, {"block": 4, "title": "Why it stopped", "level": 1}]), NOTHING)
        path, _ = reviewed(person, docx(headings=("Beginning",)))
        now = person.get(f"{path}/sections")
        assert [s["title"] for s in now["sections"] if s["title"]] == ["Beginning"], now
        assert [(s["title"], s["last_block"]) for s in now["proposed_sections"]["sections"]] == [("the parcels", 3), ("Why it stopped", 9)], now


@case
def what_fails_or_is_refused_changes_nothing():
    for step in (
        {"error": "bad_request", "when": {"tool": "propose_sections"}},
        proposal([{"block": 0, "title": "Invented", "level": 1}, {"block": 3, "title": "Also invented", "level": 1}]),
        {"when": {"tool": "propose_sections"}, "tool": {"name": "propose_sections", "raw": '{"sections": [{'}, "times": "always"},
        {"when": {"tool": "propose_sections"}, "text": "I would rather talk."},
    ):
        with Fake("openai") as fake, Server(PRISM, **fake.settings()) as server:
            fake.script(step, NOTHING)
            person = Visitor(server.port)
            path, done = reviewed(person, docx())
            assert person.get(f"{path}/content")["proposed_sections"]["state"] == "none", step
            assert done["model"]["state"] == "done" and done["coverage"]["complete"], (step, done)
            assert bodies(fake, "propose_sections"), step
            assert all(word not in server.read_log() for word in ("parcels", "Invented", "oiled")), server.read_log()


@case
def nothing_is_sent_of_a_document_that_may_not_be_and_nothing_personal():
    with Fake("openai") as fake, Server(PRISM, **fake.settings(PRISM_REDACT="true")) as server:
        fake.script(proposal([{"block": 0, "title": "How it began", "level": 1}, {"block": 2, "title": "Write to [EMAIL_1]", "level": 1}]), NOTHING)
        person = Visitor(server.port)
        path, _ = reviewed(person, docx(more="Write to anna.schmidt@example.com about it."))
        assert fake.seen()["requests"] and "anna.schmidt" not in json.dumps(fake.seen()["requests"])
        titles = [s["title"] for s in person.get(f"{path}/sections")["proposed_sections"]["sections"]]
        assert titles == ["How it began", "Write to anna.schmidt@example.com"], titles
        fake.script(proposal(times="always"), NOTHING)
        made = person.upload("report.docx", docx(), never_send="true")
        person.wait(f"/api/v1/reviews/{made['review']['id']}")
        assert not fake.seen()["requests"]


@case
def every_operation_was_asked():
    assert not CONTRACT.not_asked("sections"), CONTRACT.not_asked("sections")


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
