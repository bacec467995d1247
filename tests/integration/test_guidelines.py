#!/usr/bin/python3
"""Guidelines that people keep: read by their words, and by a model where there is one; looked through, changed, used in reviews.

test_guidelines.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. Every answer is held to docs/openapi.yaml (contract.py).
"""
import io
import json
import os
import sys
import time

from docx import Document

from contract import CONTRACT
from contract import Visitor as Judged
from fakes import Fake
from serve_util import MULTIPART, Server, multipart, sample
from tap import run

PRISM = os.path.abspath(sys.argv[1])
CASES = []
LINES = [
    ("Reports", None),
    (None, "Every report must name its author on the first page."),
    (None, "A report should state the cost of the incident in euros."),
    (None, "We wrote this page in a quiet week."),
]


def case(function):
    CASES.append(function)
    return function


class Visitor(Judged):
    def guidelines(self, data, expect=201, **fields):
        return self.ask("POST", "/api/v1/guidelines", multipart(fields, "guidelines.docx", data), MULTIPART, expect).json()


def docx(lines, title="House rules"):
    document, out = Document(), io.BytesIO()
    document.core_properties.title = title
    for heading, text in lines:
        if heading:
            document.add_heading(heading, 1)
        if text:
            document.add_paragraph(text)
    document.save(out)
    return out.getvalue()


@case
def without_a_model_requirements_are_found_by_their_words():
    with Server(PRISM) as server:
        person = Visitor(server.port)
        made = person.guidelines(docx(LINES))
        assert (made["name"], made["state"], made["by"], made["mine"], made["team"]) == ("House rules", "done", "words", True, False), made
        said = json.dumps(made["points"])
        assert "name its author" in said and "quiet week" not in said, made
        assert person.guidelines(docx([(None, "We wrote this in a quiet week.")]), expect=400)["reason"] == "no_requirements"
        assert person.guidelines(b"no document", expect=400)["reason"]
        assert len(person.get("/api/v1/guidelines")["guidelines"]) == 1


@case
def a_person_changes_them_and_two_people_do_not_lose_each_others_change():
    with Server(PRISM) as server:
        person, other = Visitor(server.port), Visitor(server.port)
        made = person.guidelines(docx(LINES), name="Ours", team="true")
        path = f"/api/v1/guidelines/{made['id']}"
        points = [{"name": "Author", "asks": "The author is named.", "questions": ["Who wrote it?"]}, {"name": "Cost", "asks": "The cost is stated in euros."}]
        changed = person.ask("PATCH", path, {"points": points, "version": made["version"]}, expect=200).json()
        assert [p["name"] for p in changed["points"]] == ["Author", "Cost"] and [p["number"] for p in changed["points"]] == [1, 2], changed
        assert person.ask("PATCH", path, {"name": "Late", "version": made["version"]}, expect=409).json()["reason"] == "changed_since"
        assert person.ask("PATCH", path, {"points": [{"name": " ", "asks": "x"}], "version": changed["version"]}, expect=400).json()["reason"] == "bad_text"
        # the team reads them; only their owner changes them
        other.ask("GET", "/api/v1/me")
        assert not other.get(path)["mine"]
        assert other.ask("PATCH", path, {"name": "Mine", "version": changed["version"]}, expect=409).json()["reason"] == "not_yours"
        assert other.ask("DELETE", path, expect=409).json()["reason"] == "not_yours"
        person.ask("PATCH", path, {"team": False, "version": changed["version"]}, expect=200)
        other.ask("GET", path, expect=404)
        assert other.get("/api/v1/guidelines")["guidelines"] == []
        person.ask("DELETE", path, expect=204)
        person.ask("GET", path, expect=404)
        assert not [p for p in (server.data / "files").rglob("*") if p.is_file()]


@case
def a_review_is_against_them_alone_or_beside_the_framework():
    with Server(PRISM) as server:
        person, other = Visitor(server.port), Visitor(server.port)
        made = person.guidelines(docx(LINES))
        document = person.upload("report.docx", sample(), review="false")["document"]

        def reviewed(**body):
            review = person.ask("POST", f"/api/v1/documents/{document['id']}/reviews", body, expect=202).json()
            return person.wait(f"/api/v1/reviews/{review['id']}")

        both = reviewed(framework="hawkeye", guidelines=made["id"])
        assert both["state"] == "done" and both["framework"]["title"].endswith("with House rules"), both
        alone = reviewed(guidelines=made["id"], with_framework=False)
        assert alone["state"] == "done" and alone["framework"]["title"] == "House rules", alone
        titles = {p["title"] for f in person.findings(alone["id"]) for p in f["points"]}
        assert "Root Cause Analysis" not in titles, titles
        theirs = other.upload("report.docx", sample(), review="false")["document"]
        other.ask("POST", f"/api/v1/documents/{theirs['id']}/reviews", {"guidelines": made["id"]}, expect=404)
        # a finding of one's own may name a point of the guidelines
        block = next(b for b in person.get(f"/api/v1/documents/{document['id']}/content")["blocks"] if "".join(r.get("t", "") for r in b["runs"]).strip())
        text = "".join(r.get("t", "") for r in block["runs"])
        mine = {"anchor": {"block": block["i"], "start": 0, "end": len(text), "quote": text}, "kind": "important", "risk": "low", "description": "No author.", "points": [1]}
        assert person.post(f"/api/v1/reviews/{alone['id']}/findings", mine)["points"][0]["number"] == 1
        person.ask("DELETE", f"/api/v1/guidelines/{made['id']}", expect=204)
        assert person.findings(alone["id"]) and reviewed(framework="hawkeye")["framework"]["title"] != "House rules"


REQUIREMENTS = [
    {"name": "Author", "asks": "Name the author.", "questions": ["Who wrote it?"], "block": 1, "quote": "must name its author"},
    {"name": "Invented", "asks": "Paint it green.", "questions": [], "block": 2, "quote": "must be painted green"},
    {"name": "Cost", "asks": "State the cost.", "questions": [], "block": 2, "quote": "state the cost of the incident"},
]


def settled(person, made, seconds=60):
    end = time.monotonic() + seconds
    while (now := person.get(f"/api/v1/guidelines/{made['id']}"))["state"] in ("queued", "running"):
        assert time.monotonic() < end, now
        time.sleep(0.03)
    return now


@case
def a_model_lists_the_requirements_and_none_that_is_not_there():
    with Fake("openai") as fake:
        fake.script({"tool": {"name": "list_requirements", "input": {"requirements": REQUIREMENTS}}})
        with Server(PRISM, **fake.settings()) as server:
            person = Visitor(server.port)
            made = person.guidelines(docx(LINES), expect=202)
            assert made["state"] in ("queued", "running") and made["points"], made
            now = settled(person, made)
            assert now["state"] == "done" and now["by"] == "model" and [p["name"] for p in now["points"]] == ["Author", "Cost"], now
            assert now["problem"] is None


@case
def a_stop_while_a_model_reads_them_begins_the_reading_again():
    tool = {"tool": {"name": "list_requirements", "input": {"requirements": REQUIREMENTS}}}
    with Fake("openai") as fake:
        fake.script({**tool, "firstTokenMs": 600000, "times": 1}, tool)
        with Server(PRISM, PRISM_GRACEFUL_TIMEOUT="1", **fake.settings()) as server:
            person = Visitor(server.port)
            made = person.guidelines(docx(LINES), expect=202)
            end = time.monotonic() + 60
            while not fake.seen()["requests"]:
                assert time.monotonic() < end, fake.seen()
                time.sleep(0.03)
            assert server.stop() == 0
            server.start()
            person.close()
            now = settled(person, made)
            assert (now["state"], now["by"]) == ("done", "model") and [p["name"] for p in now["points"]] == ["Author", "Cost"], now
            assert len(fake.seen()["requests"]) == 2, fake.seen()["outcomes"]


@case
def a_model_that_fails_leaves_what_the_words_gave_and_says_why():
    with Fake("openai") as fake:
        fake.script({"error": "bad_request", "times": "always"})
        with Server(PRISM, **fake.settings()) as server:
            person = Visitor(server.port)
            now = settled(person, person.guidelines(docx(LINES), expect=202))
            assert now["state"] == "done" and now["by"] == "words" and now["points"] and now["problem"]["hint"], now
            alone = settled(person, person.guidelines(docx([(None, "Nothing is asked for here.")]), expect=202))
            assert alone["state"] == "failed" and not alone["points"] and alone["problem"]["detail"], alone


@case
def what_a_person_changed_meanwhile_stays():
    with Fake("openai") as fake:
        fake.script({"tool": {"name": "list_requirements", "input": {"requirements": REQUIREMENTS}}, "firstTokenMs": 1500})
        with Server(PRISM, **fake.settings()) as server:
            person = Visitor(server.port)
            made = person.guidelines(docx(LINES), expect=202)
            path = f"/api/v1/guidelines/{made['id']}"
            for _ in range(100):
                now = person.get(path)
                answer = person.ask("PATCH", path, {"points": [{"name": "Mine", "asks": "It is mine."}], "version": now["version"]})
                if answer.status == 200:
                    break
            time.sleep(3)
            now = settled(person, made)
            assert [p["name"] for p in now["points"]] == ["Mine"] and now["by"] == "words", now


@case
def every_operation_was_asked():
    assert not CONTRACT.not_asked("guidelines"), CONTRACT.not_asked("guidelines")


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
