#!/usr/bin/python3
"""The server as docs/openapi.yaml describes it, asked by people with browsers of their own: the whole job, every error, and the defects of the
system that it replaces, each shown to be absent (not_again_N).

test_api.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. Every answer of every case is held to the description (contract.py).
"""
import csv
import datetime
import gzip
import io
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import zipfile
from http.client import HTTPConnection

import docx

from contract import CONTRACT
from contract import Visitor as Judged
from serve_util import BOUNDARY, DOCX, MULTIPART, SOURCE, Person, Server, corpus, free_port, multipart, sample
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
CASES = []
PROBLEMS = []  # every problem that was answered, for not_again_22
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z")
NOBODY = "0123456789abcdefghjkmnpqrs"  # an id of the right form


def case(function):
    CASES.append(function)
    return function


class Visitor(Judged):
    def asked(self, answer):
        if answer.headers["Content-Type"] == "application/problem+json":
            PROBLEMS.append(answer)

    def refused(self, method, path, status, reason, body=None, headers=None):
        answer = self.ask(method, path, body, headers, status)
        assert answer.json()["reason"] == reason, answer
        return answer.json()

    def exported(self, review, **options):
        """The export and its bytes."""
        export = self.post(f"/api/v1/reviews/{review}/exports", options, 202)
        export = self.wait(f"/api/v1/exports/{export['id']}")
        assert export["state"] == "done", export
        return export, self.ask("GET", f"/api/v1/exports/{export['id']}/file", expect=200)

    def decide(self, finding, decision, **more):
        return self.put(f"/api/v1/findings/{finding}/decision", {"decision": decision, **more})


def report(**parts):
    """The sample report, with other texts in word/document.xml: old=new."""
    source, out = io.BytesIO(sample()), io.BytesIO()
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename == "word/document.xml":
                for a, b in parts.items():
                    data = data.replace(a.encode(), b.encode())
            new.writestr(item.filename, data)
    return out.getvalue()


def document(*paragraphs):
    """A .docx of these paragraphs, made by python-docx."""
    made, out = docx.Document(), io.BytesIO()
    for text in paragraphs:
        made.add_paragraph(text)
    made.save(out)
    return out.getvalue()


def units(text, start, end):
    """text[start:end] in UTF-16 code units."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def block_text(content, i):
    return "".join(run["t"] for run in content["blocks"][i]["runs"])


def comments_of(data):
    """(author, text) of each comment of a .docx, and the words that each is on, by python-docx's own reading of the parts."""
    made = docx.Document(io.BytesIO(data))
    return [(c.author, c.text) for c in made.comments] if hasattr(made, "comments") else comments_by_parts(data)


def comments_by_parts(data):
    w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    made = docx.Document(io.BytesIO(data))
    for part in made.part.package.iter_parts():
        if str(part.partname) == "/word/comments.xml":
            root = docx.oxml.parse_xml(part.blob)
            return [(c.get(w + "author"), "\n".join("".join(t.text or "" for t in p.iter(w + "t")) for p in c.iter(w + "p"))) for c in root.iter(w + "comment")]
    return []


class Stream:
    """GET …/events, read as it comes."""

    def __init__(self, person, document_id, last=None):
        cookies = "; ".join(f"{n}={v}" for n, v in person.cookies.items())
        headers = {"Cookie": cookies, "Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.http = HTTPConnection("127.0.0.1", person.port, timeout=30)
        self.http.request("GET", f"/api/v1/documents/{document_id}/events", headers=headers)
        self.response = self.http.getresponse()
        assert self.response.status == 200, self.response.read()
        assert self.response.headers["Content-Type"].startswith("text/event-stream")

    def next(self):
        """(event, id or None, data) of the next event; None at the end."""
        event, number, data = "message", None, []
        while True:
            line = self.response.readline().decode()
            if not line:
                return None
            name, _, value = line.rstrip("\n").partition(":")
            value = value.removeprefix(" ")
            if line == "\n" and (data or event != "message"):
                return event, number, "\n".join(data)
            if name == "event":
                event = value
            elif name == "id":
                number = int(value)
            elif name == "data":
                data.append(value)

    def until(self, kind):
        """Events up to and with the first of that kind."""
        got = []
        while True:
            event = self.next()
            assert event, f"the stream ended before {kind}: {got}"
            got.append(event)
            if event[0] == kind:
                return got

    def close(self):
        self.http.close()


def live(event):
    """The data of an event, held to the description."""
    data = json.loads(event[2])
    wrong = CONTRACT.errors({"$ref": "#/components/schemas/LiveEvent"}, data)
    assert not wrong, (wrong, event)
    assert data["kind"] == event[0] and data["seq"] == event[1], event
    return data


# --- what the server says of itself ---


@case
def health_is_exactly_62_bytes():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        for _ in range(3):
            answer = visitor.ask("GET", "/health", expect=200)
            assert len(answer.body) == 62 and answer.body.endswith(b'"}\n') and not visitor.cookies, answer
            when = datetime.datetime.fromisoformat(answer.json()["timestamp"])
            assert abs((datetime.datetime.utcnow() - when).total_seconds()) < 60, when
        assert visitor.ask("HEAD", "/health", expect=200).body == b""


@case
def server_tells_what_it_is():
    with Server(PRISM, MAX_CONTENT_LENGTH="123456", PRISM_FRAMEWORK="general") as server:
        visitor = Visitor(server.port)
        about = visitor.get("/api/v1/server")
        assert about["limits"]["max_upload_bytes"] == 123456 and about["framework_default"] == "general", about
        assert about["model"] is None and about["reviewers"] == ["rules"] and about["accounts"] is False
        version = subprocess.run([PRISM, "version"], capture_output=True, text=True, check=True).stdout
        assert about["version"] in version
        ready = visitor.get("/ready")
        assert ready["status"] == "ready" and {p["name"] for p in ready["probes"]} == {"store", "files"}
        frameworks = {f["id"]: f for f in visitor.get("/api/v1/frameworks")["frameworks"]}
        assert len(frameworks["hawkeye"]["points"]) == 20 and "general" in frameworks
        rules = visitor.get("/api/v1/rules")["rules"]
        listed = subprocess.run([PRISM, "rules", "--json"], capture_output=True, text=True, check=True).stdout
        assert len(rules) > 20 and all(f'"{rule["id"]}"' in listed for rule in rules)
        assert visitor.ask("GET", "/api/v1/openapi.yaml", expect=200).body == (SOURCE / "docs/openapi.yaml").read_bytes()
        assert not visitor.cookies, "nobody has to be somebody for this"


@case
def pages_come_packed_and_are_kept():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        first = visitor.ask("GET", "/")
        if first.status == 404:
            raise Skip("this program was built without pages")
        page = first.body.decode()
        assert first.headers["Content-Type"].startswith("text/html") and "http://" not in page and "https://" not in page
        assert visitor.ask("GET", f"/documents/{NOBODY}", expect=200).body == first.body, "its script decides what it shows"
        assert visitor.ask("GET", "/", headers={"If-None-Match": first.headers["ETag"]}, expect=304).body == b""
        assets = set(re.findall(r'(?:src|href)="(/[^"]+)"', page))
        assert len(assets) >= 3, assets
        total = 0
        for path in assets:
            plain = visitor.ask("GET", path, expect=200)
            assert "immutable" in plain.headers["Cache-Control"] and plain.headers["Vary"] == "Accept-Encoding", path
            packed = visitor.ask("GET", path, headers={"Accept-Encoding": "gzip"}, expect=200)
            assert gzip.decompress(packed.body) == plain.body and packed.headers["Content-Encoding"] == "gzip", path
            small = visitor.ask("GET", path, headers={"Accept-Encoding": "gzip, deflate, br"}, expect=200)
            assert small.headers["Content-Encoding"] == "br" and len(small.body) <= len(packed.body), path
            total += len(small.body)
        assert total < 120 * 1024, total
        assert not visitor.cookies, "looking makes nobody"
        lost = Person(server.port).ask("GET", "/old/link", headers={"Accept": "text/html,*/*"}, expect=404)
        assert lost.body == first.body and lost.headers["Content-Type"].startswith("text/html")
        visitor.refused("GET", "/api/v1/old", 404, "no_such_page", None, {"Accept": "text/html,*/*"})


@case
def not_ready_is_said():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        shutil.rmtree(server.data / "files")
        (server.data / "files").write_text("in the way")
        answer = visitor.ask("GET", "/ready", expect=503).json()
        assert answer["status"] == "not_ready" and {p["name"]: p["ok"] for p in answer["probes"]} == {"store": True, "files": False}
        assert [p["reason"] for p in answer["probes"] if not p["ok"]][0]
        assert visitor.ask("GET", "/health", expect=200).body
        refused = visitor.ask("POST", "/api/v1/documents", multipart({}, "a.docx", sample()), MULTIPART)
        assert refused.status in (500, 507) and visitor.get("/api/v1/documents")["documents"] == []


# --- the whole job ---


@case
def whole_job():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        visitor.put("/api/v1/me", {"name": "Ada Lovelace"})
        made, review, findings = visitor.reviewed("report.docx", sample())
        assert made["name"] == "report.docx" and made["size_bytes"] == len(sample()) and made["blocks"] > 20
        assert review["framework"]["id"] == "hawkeye" and review["progress"] == 1 and review["counts"]["total"] == len(findings) > 10
        content = visitor.get(f"/api/v1/documents/{made['id']}/content")
        assert len(content["blocks"]) == made["blocks"] and len(content["sections"]) == made["sections"]
        for finding in findings:
            anchor = finding["anchor"]
            if finding["located"]:
                assert units(block_text(content, anchor["block"]), anchor["start"], anchor["end"]) == anchor["quote"], finding
            assert finding["decision"] == "open" and finding["version"] == 1 and finding["reviewer"]["kind"] == "rule"
        accepted = [visitor.decide(f["id"], "accepted") for f in findings[:3]]
        rejected = visitor.decide(findings[3]["id"], "rejected", note="not so")
        assert rejected["note"] == "not so" and rejected["decided_by"] == "Ada Lovelace" and TIME.match(rejected["decided_at"])
        block = next(b for b in content["blocks"] if len(block_text(content, b["i"])) > 40 and b.get("story") is None)
        text = block_text(content, block["i"])
        own = visitor.post(
            f"/api/v1/reviews/{review['id']}/findings",
            {
                "anchor": {"block": block["i"], "start": 0, "end": 10, "quote": units(text, 0, 10)},
                "kind": "important",
                "risk": "high",
                "description": "Who says so? <b>&amp; what</b> does it rest on?",
                "points": [1],
                "questions": ["Which source?"],
            },
        )
        assert own["mine"] and own["reviewer"]["kind"] == "person" and own["decision"] == "open" and own["points"][0]["number"] == 1
        own = visitor.decide(own["id"], "accepted")
        edited = visitor.ask("PATCH", f"/api/v1/findings/{findings[0]['id']}", {"description": "Said otherwise.", "version": accepted[0]["version"]}, expect=200).json()
        assert edited["edited"] and edited["original"]["description"] == findings[0]["description"] and edited["decision"] == "accepted"

        export, file = visitor.exported(review["id"], format="docx")
        assert export["name"] == "report-reviewed.docx" and export["size_bytes"] == len(file.body)
        assert file.headers["Content-Type"] == DOCX and "attachment" in file.headers["Content-Disposition"]
        comments = comments_of(file.body)
        before = len(comments_of(sample()))
        assert len(comments) == before + 4, comments
        said = [text for _, text in comments]
        for finding in [edited, *accepted[1:], own]:
            assert any(finding["description"] in text for text in said), (finding["description"], said)
        assert not any(rejected["description"] in text for text in said)
        assert any("Ada Lovelace" in author for author, text in comments if own["description"] in text), comments
        old = [p.text for p in docx.Document(io.BytesIO(sample())).paragraphs]
        assert [p.text for p in docx.Document(io.BytesIO(file.body)).paragraphs] == old, "the text is as it was"
        assert visitor.ask("GET", f"/api/v1/documents/{made['id']}/file", expect=200).body == sample()
        listed = visitor.get("/api/v1/documents")["documents"]
        assert [d["id"] for d in listed] == [made["id"]] and listed[0]["latest_review"]["counts"]["accepted"] == 4
        assert visitor.get(f"/api/v1/documents/{made['id']}")["latest_review"]["counts"]["rejected"] == 1
        sections = visitor.get(f"/api/v1/documents/{made['id']}/sections")
        assert sections["sections"] == content["sections"]


@case
def exports_of_every_format():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        _, review, findings = visitor.reviewed("report.docx", sample())
        visitor.decide(findings[0]["id"], "accepted")
        visitor.decide(findings[1]["id"], "rejected")
        for include, n in (("accepted", 1), ("open_and_accepted", len(findings) - 1), ("all", len(findings))):
            _, file = visitor.exported(review["id"], format="json", include=include)
            assert len(file.json()["findings"]) == n, (include, len(file.json()["findings"]), n)
            _, file = visitor.exported(review["id"], format="csv", include=include)
            assert len(list(csv.reader(io.StringIO(file.body.decode())))) == n + 1, include
        _, file = visitor.exported(review["id"], format="html", include="all")
        page = file.body.decode()
        assert "<script" not in page and "attachment" in file.headers["Content-Disposition"]
        export, file = visitor.exported(review["id"], format="docx", include="open_and_accepted", tracked_changes=True, summary=True)
        assert export["tracked_changes"] and export["summary"]
        assert b"w:ins" in zipfile.ZipFile(io.BytesIO(file.body)).read("word/document.xml")
        exports = visitor.get(f"/api/v1/reviews/{review['id']}/exports")["exports"]
        assert len(exports) == 8 and exports[0]["id"] == export["id"]


@case
def real_documents():
    names = [
        "UseJunior-safe-docx__common-paper-mutual-nda.docx",
        "UseJunior-safe-docx__letter-of-intent.docx",
        "apache-poi__delins.docx",
        "apache-poi__comment.docx",
        "apache-poi__checkboxes.docx",
    ]
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        for name in names:
            data = corpus(name)
            made, review, findings = visitor.reviewed(name, data)
            content = visitor.get(f"/api/v1/documents/{made['id']}/content")
            for finding in (f for f in findings if f["located"]):
                anchor = finding["anchor"]
                assert units(block_text(content, anchor["block"]), anchor["start"], anchor["end"]) == anchor["quote"], (name, finding)
            done = visitor.post(f"/api/v1/reviews/{review['id']}/decisions", {"decision": "accepted", "filter": {}}, 200)
            assert done["changed"] == len(findings)
            _, file = visitor.exported(review["id"], format="docx")
            assert len(comments_of(file.body)) == len(comments_of(data)) + len(findings), name


# --- findings ---


@case
def findings_are_filtered_sorted_and_paged():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        _, review, findings = visitor.reviewed("report.docx", sample())
        at = f"/api/v1/reviews/{review['id']}/findings"
        visitor.decide(findings[0]["id"], "accepted")

        def ids(query):
            return [f["id"] for f in visitor.findings(review["id"], query)]

        def of(test):
            return [f["id"] for f in findings if test(f)]

        assert ids("&risk=high") == of(lambda f: f["risk"] == "high")
        assert ids("&risk=high,low") == of(lambda f: f["risk"] != "medium")
        assert ids("&kind=critical") == of(lambda f: f["kind"] == "critical")
        assert ids("&decision=accepted") == [findings[0]["id"]]
        section = findings[-1]["section"]
        assert ids(f"&section={section}") == of(lambda f: f["section"] == section)
        rule = findings[0]["reviewer"]["id"]
        assert ids(f"&reviewer={rule}") == of(lambda f: f["reviewer"]["id"] == rule) and ids("&reviewer=person") == []
        assert ids("&reviewer=rule") == of(lambda f: True)
        category = findings[0]["category"]
        assert ids("&category=" + urllib.parse.quote(category)) == of(lambda f: f["category"] == category)
        point = next(f["points"][0]["number"] for f in findings if f["points"])
        assert ids(f"&point={point}") == of(lambda f: point in [p["number"] for p in f["points"]])
        word = findings[0]["anchor"]["quote"].split()[0]
        assert findings[0]["id"] in ids("&q=" + urllib.parse.quote(word.upper()))
        assert ids("&q=%25") == of(lambda f: any("%" in f[k] for k in ("title", "description", "suggestion")) or "%" in f["anchor"]["quote"] or "%" in (f["rewrite"] or ""))
        ranks = {"high": 0, "medium": 1, "low": 2}
        risks = [ranks[f["risk"]] for f in visitor.findings(review["id"], "&sort=risk")]
        assert risks == sorted(risks)
        seen, cursor = [], ""
        while True:
            page = visitor.get(f"{at}?limit=3{cursor}")
            assert page["total"] == len(findings) and len(page["findings"]) <= 3
            seen += [f["id"] for f in page["findings"]]
            if page["next"] is None:
                break
            cursor = "&cursor=" + urllib.parse.quote(page["next"])
        assert seen == [f["id"] for f in findings]
        page = visitor.get(f"{at}?risk=high")
        assert page["total"] == len(of(lambda f: f["risk"] == "high"))
        assert sum(page["counts"]["risk"].values()) == len(findings) and page["counts"]["decision"]["accepted"] == 1
        assert sum(page["counts"]["section"].values()) == len(findings)
        for wrong in ("risk=huge", "kind=x", "decision=maybe", "section=-1", "section=a", "point=0", "limit=0", "limit=1001", "limit=x", "sort=title", "q=" + "x" * 300):
            visitor.refused("GET", f"{at}?{wrong}", 400, "bad_query")
        visitor.refused("GET", f"{at}?cursor=nonsense", 400, "bad_cursor")


@case
def many_are_decided_as_one_step():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        _, review, findings = visitor.reviewed("report.docx", sample())
        at = f"/api/v1/reviews/{review['id']}"
        low = [f["id"] for f in findings if f["risk"] == "low"]
        done = visitor.post(f"{at}/decisions", {"decision": "accepted", "filter": {"risk": ["low"], "decision": ["open"]}}, 200)
        assert done["changed"] == len(low) and sorted(f["id"] for f in done["findings"]) == sorted(low) and done["action"]
        again = visitor.post(f"{at}/decisions", {"decision": "accepted", "filter": {"risk": ["low"]}}, 200)
        assert again["changed"] == 0 and again["action"] is None
        some = [f["id"] for f in findings[:4]]
        visitor.post(f"{at}/decisions", {"decision": "rejected", "ids": some, "note": "all of them"}, 200)
        undone = visitor.post(f"{at}/undo", None, 200)
        assert undone["undone"]["kind"] == "decide" and sorted(f["id"] for f in undone["findings"]) == sorted(some)
        assert all(f["decision"] == ("accepted" if f["id"] in low else "open") for f in visitor.findings(review["id"]))
        visitor.post(f"{at}/undo", None, 200)
        assert all(f["decision"] == "open" for f in visitor.findings(review["id"]))
        visitor.refused("POST", f"{at}/undo", 409, "nothing_to_undo")
        visitor.refused("POST", f"{at}/decisions", 404, "not_found", {"decision": "accepted", "ids": [findings[0]["id"], NOBODY]})
        assert all(f["decision"] == "open" for f in visitor.findings(review["id"])), "all or none"
        for wrong in ({"decision": "accepted"}, {"decision": "accepted", "ids": some, "filter": {}}, {"decision": "accepted", "ids": []}, {"ids": some}):
            visitor.refused("POST", f"{at}/decisions", 400, "bad_json", wrong)
        for wrong in ({"risk": ["x"]}, {"colour": ["red"]}, {"section": [-1]}, {"q": "x" * 300}, [], None):
            visitor.refused("POST", f"{at}/decisions", 400, "bad_json", {"decision": "accepted", "filter": wrong})


@case
def changes_are_told_apart_by_version():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        _, review, findings = visitor.reviewed("report.docx", sample())
        at = f"/api/v1/findings/{findings[0]['id']}"
        first = visitor.decide(findings[0]["id"], "accepted", version=1)
        assert first["version"] == 2
        visitor.refused("PUT", f"{at}/decision", 409, "changed_since", {"decision": "rejected", "version": 1})
        visitor.refused("PATCH", at, 409, "changed_since", {"description": "x", "version": 1})
        assert visitor.get(at) == first
        edited = visitor.ask("PATCH", at, {"risk": "low", "kind": "critical", "rewrite": "other words", "questions": ["a?", "b?"], "points": [2, 3], "category": "Other"}, expect=200).json()
        assert (edited["risk"], edited["kind"], edited["rewrite"], edited["category"]) == ("low", "critical", "other words", "Other")
        assert edited["questions"] == ["a?", "b?"] and [p["number"] for p in edited["points"]] == [2, 3]
        assert visitor.ask("PATCH", at, {"rewrite": None}, expect=200).json()["rewrite"] is None
        same = visitor.ask("PATCH", at, {"rewrite": None}, expect=200).json()
        assert same == visitor.get(at), "what is already so changes nothing"
        for _ in range(2):
            visitor.post(f"/api/v1/reviews/{review['id']}/undo", None, 200)
        back = visitor.get(at)
        assert {k: back[k] for k in ("risk", "kind", "rewrite", "category", "decision")} == {**{k: findings[0][k] for k in ("risk", "kind", "rewrite", "category")}, "decision": "accepted"}
        visitor.refused("PATCH", at, 400, "no_such_point", {"points": [99]})


@case
def findings_of_ones_own():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, findings = visitor.reviewed("emoji.docx", document("A 😀 smile was seen by the team on Monday.", "The second paragraph."))
        content = visitor.get(f"/api/v1/documents/{made['id']}/content")
        block = next(b["i"] for b in content["blocks"] if "smile" in block_text(content, b["i"]))
        at = f"/api/v1/reviews/{review['id']}/findings"
        own = {"anchor": {"block": block, "start": 2, "end": 10, "quote": "😀 smile"}, "kind": "suggestion", "risk": "low", "description": "d"}
        made_own = visitor.post(at, own)
        assert made_own["anchor"] == own["anchor"] and len(visitor.findings(review["id"])) == len(findings) + 1

        def wrong(reason, status, **anchor):
            visitor.refused("POST", at, status, reason, {**own, "anchor": {**own["anchor"], **anchor}})

        wrong("quote_mismatch", 409, quote="A smile")
        wrong("bad_anchor", 400, start=3)  # in the middle of the smile
        wrong("bad_anchor", 400, end=2)
        wrong("bad_anchor", 400, end=100000)
        wrong("no_such_block", 400, block=100000)
        wrong("bad_json", 400, block=-1)
        wrong("bad_json", 400, start="2")
        wrong("bad_json", 400, quote="")
        visitor.refused("POST", at, 400, "no_such_point", {**own, "points": [77]})
        for missing in ("anchor", "kind", "risk", "description"):
            visitor.refused("POST", at, 400, "bad_json", {k: v for k, v in own.items() if k != missing})
        assert len(visitor.findings(review["id"])) == len(findings) + 1
        visitor.ask("DELETE", f"/api/v1/findings/{made_own['id']}", expect=204)
        visitor.refused("GET", f"/api/v1/findings/{made_own['id']}", 404, "not_found")
        assert len(visitor.findings(review["id"])) == len(findings)
        undone = visitor.post(f"/api/v1/reviews/{review['id']}/undo", None, 200)
        assert undone["undone"]["kind"] == "delete" and undone["findings"][0]["id"] == made_own["id"]
        assert visitor.get(f"/api/v1/findings/{made_own['id']}")["anchor"] == own["anchor"]
        if findings:
            visitor.refused("DELETE", f"/api/v1/findings/{findings[0]['id']}", 409, "not_yours")


# --- reviews, activity, events ---


@case
def reviews_are_begun_again_and_cancelled():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made = visitor.upload("report.docx", sample(), review="false")
        assert made["review"] is None
        at = f"/api/v1/documents/{made['document']['id']}"
        assert visitor.get(at)["latest_review"] is None and visitor.get(f"{at}/reviews")["reviews"] == []
        first = visitor.ask("POST", f"{at}/reviews", b"", expect=202).json()
        second = visitor.post(f"{at}/reviews", {"framework": "general"}, 202)
        assert visitor.wait(f"/api/v1/reviews/{first['id']}")["framework"]["id"] == "hawkeye"
        assert visitor.wait(f"/api/v1/reviews/{second['id']}")["framework"]["id"] == "general"
        assert [r["id"] for r in visitor.get(f"{at}/reviews")["reviews"]] == [second["id"], first["id"]]
        assert visitor.get(at)["latest_review"]["id"] == second["id"]
        visitor.refused("POST", f"{at}/reviews", 404, "no_such_framework", {"framework": "nonesuch"})
        done = visitor.post(f"/api/v1/reviews/{first['id']}/cancel", None, 200)
        assert done["state"] == "done", "one that has ended stays as it is"
        third = visitor.post(f"{at}/reviews", {}, 202)
        cancelled = visitor.post(f"/api/v1/reviews/{third['id']}/cancel", None, 200)
        assert cancelled["state"] in ("cancelled", "done") and visitor.wait(f"/api/v1/reviews/{third['id']}")["state"] == cancelled["state"]
        if cancelled["state"] == "cancelled":
            visitor.refused("POST", f"/api/v1/reviews/{third['id']}/exports", 409, "review_not_done", {"format": "docx"})


@case
def events_come_live_and_again():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made = visitor.upload("report.docx", sample(), review="false")["document"]
        stream = Stream(visitor, made["id"])
        review = visitor.post(f"/api/v1/documents/{made['id']}/reviews", {}, 202)
        events = stream.until("review.done")
        kinds = [e[0] for e in events if e[0] not in ("review.progress", "document.added")]  # what was just committed may still come
        assert kinds == ["review.queued", "review.started", "review.done"], kinds
        told = live(events[-1])
        assert told["review_state"]["state"] == "done" and told["review"] == review["id"] and told["document"] == made["id"]
        findings = visitor.findings(review["id"])
        decided = visitor.decide(findings[0]["id"], "accepted")
        told = live(stream.until("findings.decided")[-1])
        assert told["findings"] == [decided] and told["by"]["mine"] is True
        seq = told["seq"]
        stream.close()
        visitor.decide(findings[1]["id"], "rejected")
        export, _ = visitor.exported(review["id"], format="csv")
        stream = Stream(visitor, made["id"], last=seq)
        again = stream.until("export.done")
        assert [e[0] for e in again][0] == "findings.decided" and all(e[1] is None or e[1] > seq for e in again)
        assert live(again[-1])["export"]["id"] == export["id"]
        assert visitor.ask("HEAD", f"/api/v1/documents/{made['id']}/events", expect=200).body == b""
        numbers = [e[1] for e in again if e[1]]
        assert numbers == sorted(set(numbers))
        server.process.terminate()
        assert stream.until("reconnect")
        stream.close()


@case
def missed_too_much_means_reload():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, findings = visitor.reviewed("report.docx", sample())
        first = visitor.get(f"/api/v1/documents/{made['id']}/activity")["events"][-1]["seq"]
        for i in range(300):
            visitor.decide(findings[i % len(findings)]["id"], ("accepted", "rejected")[i // len(findings) % 2])
        stream = Stream(visitor, made["id"], last=first)
        assert stream.next()[0] == "reload"
        visitor.decide(findings[0]["id"], "open")
        assert live(stream.until("findings.decided")[-1])["findings"][0]["decision"] == "open"
        stream.close()
        assert visitor.get(f"/api/v1/reviews/{review['id']}")["counts"]["total"] == len(findings)


@case
def activity_tells_all():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, findings = visitor.reviewed("report.docx", sample())
        visitor.decide(findings[0]["id"], "accepted")
        visitor.ask("PATCH", f"/api/v1/findings/{findings[0]['id']}", {"description": "n"}, expect=200)
        visitor.post(f"/api/v1/reviews/{review['id']}/undo", None, 200)
        visitor.exported(review["id"], format="docx")
        events, before = [], ""
        while True:
            page = visitor.get(f"/api/v1/documents/{made['id']}/activity?limit=2{before}")
            events += page["events"]
            if page["next"] is None:
                break
            before = f"&before={page['next']}"
        kinds = [e["kind"] for e in reversed(events)]
        assert kinds == ["document.added", "review.queued", "review.started", "review.done", "findings.decided", "finding.edited", "undone", "export.queued", "export.done"], kinds
        assert [e["seq"] for e in events] == sorted((e["seq"] for e in events), reverse=True)
        assert [e["at"] for e in events] == sorted((e["at"] for e in events), reverse=True)
        assert all(e["by"]["mine"] == (e["kind"] not in ("review.started", "review.done", "export.done")) for e in events), events


# --- what is refused ---


@case
def wrong_uploads():
    with Server(PRISM, MAX_CONTENT_LENGTH="300000") as server:
        visitor = Visitor(server.port)

        def bomb():
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
                z.writestr("[Content_Types].xml", "<Types/>")
                z.writestr("word/document.xml", b"\0" * (100 << 20))
            return out.getvalue()

        for name, data, reason in (
            ("a.docx", b"", "empty_file"),
            ("a.docx", b"plain text", None),
            ("a.pdf", b"%PDF-1.7 and so on", None),
            ("bomb.docx", bomb(), None),
            ("~$report.docx", b"\x05admin" + b"\0" * 156, None),
            ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, None),
            ("cut.docx", sample()[: len(sample()) // 2], None),
        ):
            answer = visitor.ask("POST", "/api/v1/documents", multipart({}, name, data), MULTIPART)
            assert answer.status in (400, 413), (name, answer)
            assert reason is None or answer.json()["reason"] == reason, (name, answer)
            assert len(answer.json()["detail"]) > 15, answer
        assert visitor.refused("POST", "/api/v1/documents", 413, "body_too_large", multipart({}, "big.docx", os.urandom(600000)), MULTIPART)
        visitor.close()
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        visitor.refused("POST", "/api/v1/documents", 400, "bad_form", multipart({"owner": "me"}, "a.docx", sample()), form)
        visitor.refused("POST", "/api/v1/documents", 400, "bad_form", multipart({"review": "maybe"}, "a.docx", sample()), form)
        visitor.refused("POST", "/api/v1/documents", 404, "no_such_framework", multipart({"framework": "x"}, "a.docx", sample()), form)
        visitor.refused("POST", "/api/v1/documents", 400, "bad_form", multipart({}, "a.docx", sample(), field="document"), form)
        visitor.refused("POST", "/api/v1/documents", 400, "no_file", f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="review"\r\n\r\ntrue\r\n--{BOUNDARY}--\r\n'.encode(), form)
        two = multipart({}, "a.docx", sample())[: -len(BOUNDARY) - 6] + multipart({}, "b.docx", sample())
        visitor.refused("POST", "/api/v1/documents", 400, "bad_form", two, form)
        visitor.refused("POST", "/api/v1/documents", 400, "bad_multipart", multipart({}, "a.docx", sample())[:-30], form)
        visitor.refused("POST", "/api/v1/documents", 415, "not_multipart", b"{}", {"Content-Type": "application/json"})
        assert visitor.get("/api/v1/documents")["documents"] == [], "nothing of them is kept"
        assert not [p for p in (server.data / "files").rglob("*") if p.is_file()]


@case
def wrong_requests():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        visitor.upload("report.docx", sample(), review="false")
        visitor.refused("GET", "/api/v1/nothing", 404, "no_such_page")
        visitor.refused("GET", "/api/v2/documents", 404, "no_such_page")
        visitor.refused("DELETE", "/api/v1/documents", 405, "method_not_allowed")
        visitor.refused("PUT", "/health", 405, "method_not_allowed")
        for body in (b"", b"{", b"[]", b"null", b'"x"', b'{"name":1}', b'{"name":"a","name":"b"}', b'{"nom":"x"}', b'{"name":null}', b"\xff", b'{"name":"\\ud800"}', b"{" * 1000):
            visitor.refused("PUT", "/api/v1/me", 400, "bad_json", body, {"Content-Type": "application/json"})
        visitor.refused("PUT", "/api/v1/me", 400, "not_json", b'{"name":"x"}', {"Content-Type": "text/plain"})
        visitor.refused("PUT", "/api/v1/me", 400, "not_json", b"name=x", {"Content-Type": "application/x-www-form-urlencoded"})
        visitor.refused("PUT", "/api/v1/me", 400, "bad_name", {"name": "a\nb"})
        visitor.refused("PUT", "/api/v1/me", 400, "bad_name", {"name": "x" * 300})
        visitor.refused("GET", "/api/v1/documents?limit=101", 400, "bad_query")
        visitor.refused("GET", "/api/v1/documents?limit=%zz", 400, "bad_query")
        visitor.refused("GET", "/api/v1/documents?cursor=x", 400, "bad_cursor")
        for thing in ("documents", "reviews", "findings", "exports"):
            for name in (NOBODY, "x", "1", "' OR 1=1 --", "%00", "é" * 40, "a" * 3000):
                answer = visitor.ask("GET", f"/api/v1/{thing}/{urllib.parse.quote(name, safe='%')}")
                assert answer.status in (400, 404), answer


@case
def other_sites_cannot_ask():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        home = f"http://127.0.0.1:{server.port}"
        put = {"Content-Type": "application/json"}
        visitor.ask("PUT", "/api/v1/me", {"name": "a"}, {**put, "Origin": home, "Sec-Fetch-Site": "same-origin"}, expect=200)
        for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": f"http://127.0.0.1:{server.port + 1}"}):
            visitor.refused("PUT", "/api/v1/me", 403, "cross_site", {"name": "b"}, {**put, **headers})
            visitor.refused("POST", "/api/v1/documents", 403, "cross_site", multipart({}, "a.docx", b"x"), {**MULTIPART, **headers})
        assert visitor.get("/api/v1/me")["name"] == "a"
        visitor.refused("GET", "/api/v1/me", 403, "wrong_host", None, {"Host": "evil.example"})
        visitor.refused("GET", "/api/v1/rules", 403, "wrong_host", None, {"Host": f"evil.example:{server.port}"})
        cookie = Visitor(server.port).ask("GET", "/api/v1/me", expect=200).headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "Secure" not in cookie, cookie
        cookie = Visitor(server.port).ask("GET", "/api/v1/me", headers={"X-Forwarded-Proto": "https"}, expect=200).headers["Set-Cookie"]
        assert "Secure" in cookie, cookie


@case
def every_answer_is_guarded():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, _ = visitor.reviewed("report.docx", sample())
        export, _ = visitor.exported(review["id"], format="html")
        for path in ("/", "/health", "/api/v1/server", "/api/v1/nothing", f"/api/v1/documents/{made['id']}/content", f"/api/v1/documents/{made['id']}/file", f"/api/v1/exports/{export['id']}/file"):
            answer = visitor.ask("GET", path)
            policy = answer.headers["Content-Security-Policy"]
            assert policy and "unsafe" not in policy and "default-src" in policy and "frame-ancestors 'none'" in policy, (path, policy)
            assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Referrer-Policy"], path
            assert answer.headers["X-Request-Id"] and answer.headers["Access-Control-Allow-Origin"] is None, path
            assert answer.headers["Cache-Control"], path
            assert answer.headers["Server"] is None, path
        assert "private" in visitor.ask("GET", f"/api/v1/documents/{made['id']}/content").headers["Cache-Control"]
        preflight = visitor.ask("OPTIONS", "/api/v1/documents", headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"})
        assert preflight.headers["Access-Control-Allow-Origin"] is None


@case
def downloads_in_part_and_not_again():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, _ = visitor.reviewed("報告 “Q1”.docx", sample())
        at = f"/api/v1/documents/{made['id']}"
        whole = visitor.ask("GET", f"{at}/file", expect=200)
        assert whole.body == sample() and made["name"] == "報告 “Q1”.docx"
        assert "filename*=UTF-8''" + urllib.parse.quote("報告 “Q1”.docx") in whole.headers["Content-Disposition"]
        part = visitor.ask("GET", f"{at}/file", headers={"Range": "bytes=10-19"}, expect=206)
        assert part.body == sample()[10:20] and part.headers["Content-Range"] == f"bytes 10-19/{len(sample())}"
        visitor.refused("GET", f"{at}/file", 416, "bad_range", None, {"Range": "bytes=99999999-"})
        for path in (f"{at}/file", f"{at}/content", f"{at}/sections"):
            tag = visitor.ask("GET", path, expect=200).headers["ETag"]
            assert visitor.ask("GET", path, headers={"If-None-Match": tag}, expect=304).body == b""
            assert visitor.ask("GET", path, headers={"If-None-Match": '"other"'}, expect=200).body
        export, file = visitor.exported(review["id"], format="docx")
        assert export["name"] == "報告 “Q1”-reviewed.docx"
        assert visitor.ask("GET", f"/api/v1/exports/{export['id']}/file", headers={"If-None-Match": file.headers["ETag"]}, expect=304).body == b""
        visitor.refused("POST", f"/api/v1/exports/{export['id']}/retry", 409, "export_not_failed")


# --- the process ---


@case
def stops_when_told_and_says_what_is_wrong():
    with Server(PRISM) as server:
        assert Visitor(server.port).ask("GET", "/health").status == 200
        port = server.port
        second = Server(PRISM)
        second.port = port
        second.start(ready=False)
        code, said = second.ended()
        assert code == 2 and str(port) in said and "another port" in said, (code, said)
        assert server.stop() == 0
        assert f"http://127.0.0.1:{port}" in server.read_log()
    for settings, words in (({"PORT": "abc"}, "PORT"), ({"PRISM_BIND": "nowhere"}, "PRISM_BIND"), ({"PRISM_FRAMEWORK": "nonesuch"}, "nonesuch"), ({"PRISM_PROT": "1"}, "PRISM_PROT"), ({"DATABASE_URL": "postgres://x"}, "DATABASE_URL")):
        with tempfile.TemporaryDirectory() as folder:
            env = {"PATH": os.environ["PATH"], "HOME": folder, "PRISM_DATA": folder + "/data", "PORT": str(free_port()), **settings}
            done = subprocess.run([PRISM, "serve"], env=env, capture_output=True, text=True, timeout=60, check=False)
            assert done.returncode == 2 and words in done.stderr, (settings, done)
    page = subprocess.run([PRISM, "conf", "--markdown"], capture_output=True, text=True, check=True).stdout
    assert page == (SOURCE / "docs" / "configuration.md").read_text(encoding="utf-8")
    shown = subprocess.run([PRISM, "conf"], env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "PORT": "8123"}, capture_output=True, text=True, check=True).stdout
    assert "PORT=8123" in shown.replace(" ", "")


@case
def the_access_log_is_as_tools_read_it():
    line = r'^(\S+) - - \[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\] "(\S+) (\S+) HTTP/1\.1" (\d{3}) (\d+) "([^"]*)" "([^"]*)"( \d+)?$'
    for setting in ("combined", "gunicorn"):
        with Server(PRISM, PRISM_ACCESS_LOG=setting) as server:
            visitor = Visitor(server.port)
            health = visitor.ask("GET", "/health", headers={"User-Agent": 'probe "1"\\', "Referer": "http://elsewhere/"})
            visitor.ask("GET", "/nonesuch?secret=word", headers={"X-Forwarded-For": "203.0.113.7"}, expect=404)
            found = {f[3]: f.groups() for f in server.wait_log(line, 3)}  # /ready of the start is one
            assert found["/health"][0] == "127.0.0.1" and found["/health"][3:5] == ("200", str(len(health.body))), found
            assert found["/health"][5:7] == ("http://elsewhere/", r"probe \x221\x22\x5C"), found
            assert found["/nonesuch"][0] == "203.0.113.7" and found["/nonesuch"][3] == "404", found
            assert bool(found["/health"][7]) == (setting == "gunicorn"), found
            assert "secret" not in server.read_log()


@case
def a_document_is_marked_never_to_be_sent():
    with Server(PRISM) as server:
        a, b = Visitor(server.port), Visitor(server.port)
        marked = a.upload("secret.docx", sample(), never_send="true")["document"]
        made = a.upload("report.docx", sample(), review="false")["document"]
        assert marked["never_send"] and not made["never_send"] and made["guidelines"] is None
        path = f"/api/v1/documents/{made['id']}"
        assert a.ask("PATCH", path, {"never_send": True}, expect=200).json()["never_send"]
        assert a.get(path)["never_send"] and a.ask("PATCH", path, {}, expect=200).json()["never_send"]
        assert not a.ask("PATCH", path, {"never_send": False, "guidelines": None}, expect=200).json()["never_send"]
        kinds = [e["kind"] for e in a.get(f"{path}/activity")["events"]]
        assert kinds == ["document.may_send", "document.never_send", "document.added"], kinds
        a.refused("PATCH", path, 400, "bad_json", {"never_send": "yes"})
        a.refused("PATCH", path, 404, "not_found", {"guidelines": NOBODY})
        a.refused("PATCH", path, 400, "bad_json", {"name": "other.docx"})
        b.ask("GET", "/api/v1/me")
        b.refused("PATCH", path, 404, "not_found", {"never_send": True})
        assert not a.get(path)["never_send"]


@case
def metrics_count_what_happens():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        visitor.reviewed("report.docx", sample())
        visitor.ask("GET", "/api/v1/documents/nonesuch", expect=404)
        visitor.ask("GET", "/nonesuch", expect=404)
        text = visitor.ask("GET", "/metrics", expect=200).body.decode()
        samples = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        assert samples['prism_requests_total{method="POST",route="/api/v1/documents",status="2xx"}'] == "1", text
        assert samples['prism_requests_total{method="GET",route="/api/v1/documents/{document}",status="4xx"}'] == "1", text
        assert samples['prism_requests_total{method="",route="none",status="4xx"}'] == "1", text
        assert samples['prism_request_seconds_count{method="POST",route="/api/v1/documents"}'] == "1", text
        assert samples['prism_request_seconds_bucket{method="POST",route="/api/v1/documents",le="+Inf"}'] == "1", text
        assert int(samples["prism_connections"]) >= 1 and int(samples["prism_process_memory_bytes"]) > 1 << 20, text
        assert float(samples["prism_process_cpu_seconds_total"]) > 0 and int(samples["prism_process_open_files"]) > 3, text
        names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
        for sample_name in samples:
            base = sample_name.split("{")[0]
            assert base in names or any(base == name + end for name in names for end in ("_bucket", "_sum", "_count")), base
        # who is elsewhere does not see it: a trusted proxy says where the client is
        visitor.ask("GET", "/metrics", headers={"X-Forwarded-For": "203.0.113.7"}, expect=404)
    for setting, status in (("all", 200), ("off", 404)):
        with Server(PRISM, PRISM_METRICS=setting) as server:
            Visitor(server.port).ask("GET", "/metrics", headers={"X-Forwarded-For": "203.0.113.7" if setting == "all" else "127.0.0.1"}, expect=status)


@case
def the_idle_are_forgotten_where_others_can_reach():
    for bind, status in (("127.0.0.1", 200), ("0.0.0.0", 404)):
        with Server(PRISM, PRISM_BIND=bind, SESSION_TIMEOUT="1") as server:
            visitor = Visitor(server.port)
            made = visitor.upload("report.docx", sample(), review="false")["document"]
            time.sleep(1.5)
            visitor.ask("GET", f"/api/v1/documents/{made['id']}", expect=status)


@case
def deleted_means_gone():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, findings = visitor.reviewed("report.docx", sample())
        export, _ = visitor.exported(review["id"], format="docx")
        assert [p for p in (server.data / "files").rglob("*") if p.is_file()]
        visitor.ask("DELETE", f"/api/v1/documents/{made['id']}", expect=204)
        for path in (f"documents/{made['id']}", f"documents/{made['id']}/file", f"reviews/{review['id']}", f"findings/{findings[0]['id']}", f"exports/{export['id']}/file"):
            visitor.refused("GET", f"/api/v1/{path}", 404, "not_found")
        assert visitor.get("/api/v1/documents")["documents"] == []
        end = time.monotonic() + 20
        while [p for p in (server.data / "files").rglob("*") if p.is_file()]:
            assert time.monotonic() < end, "its files are gone too, soon"
            time.sleep(0.05)
        visitor.refused("DELETE", f"/api/v1/documents/{made['id']}", 404, "not_found")


# --- the defects of the system that this one replaces ---


@case
def not_again_7_two_people_same_name_same_moment():
    with Server(PRISM) as server:
        people = [Visitor(server.port) for _ in range(6)]
        files = [document(f"The report of person number {i} says that it is so.", "End.") for i in range(6)]
        made = [None] * 6

        def go(i):
            made[i] = people[i].reviewed("report.docx", files[i])

        threads = [threading.Thread(target=go, args=(i,)) for i in range(6)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        for i, person in enumerate(people):
            own, review, _ = made[i]
            assert person.ask("GET", f"/api/v1/documents/{own['id']}/file", expect=200).body == files[i]
            content = person.get(f"/api/v1/documents/{own['id']}/content")
            assert any(f"number {i} " in block_text(content, b["i"]) for b in content["blocks"])
            _, file = person.exported(review["id"], format="docx")
            assert any(f"number {i} " in p.text for p in docx.Document(io.BytesIO(file.body)).paragraphs)


@case
def not_again_8_and_9_a_restart_loses_nothing():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, findings = visitor.reviewed("report.docx", sample())
        visitor.decide(findings[0]["id"], "accepted")
        state = visitor.findings(review["id"])
        for end in (server.stop, server.kill):
            end()
            visitor.close()
            server.start()
            assert visitor.findings(review["id"]) == state and visitor.get("/api/v1/documents")["documents"][0]["id"] == made["id"]
            state[1] = visitor.decide(findings[1]["id"], "rejected" if state[1]["decision"] == "open" else "accepted")
        visitor.exported(review["id"], format="docx")


def everything_of(visitor, made, review, findings, export):
    """Every path that names something of a visitor, with a request that would be right if it were one's own."""
    at, rev, fin = f"/api/v1/documents/{made['id']}", f"/api/v1/reviews/{review['id']}", f"/api/v1/findings/{findings[0]['id']}"
    exp = f"/api/v1/exports/{export['id']}"
    anchor = findings[0]["anchor"]
    reads = [at, f"{at}/file", f"{at}/content", f"{at}/sections", f"{at}/activity", f"{at}/events", f"{at}/reviews", rev, f"{rev}/findings", f"{rev}/exports", fin, exp, f"{exp}/file"]
    return [("GET", path, None) for path in reads] + [
        ("POST", f"{at}/reviews", {}),
        ("POST", f"{at}/sections/proposal", {"use": True}),
        ("POST", f"{rev}/cancel", None),
        ("POST", f"{rev}/findings", {"anchor": anchor, "kind": "critical", "risk": "high", "description": "d"}),
        ("POST", f"{rev}/decisions", {"decision": "accepted", "filter": {}}),
        ("POST", f"{rev}/undo", None),
        ("POST", f"{rev}/exports", {"format": "docx"}),
        ("PATCH", fin, {"description": "mine now"}),
        ("DELETE", fin, None),
        ("PUT", f"{fin}/decision", {"decision": "rejected"}),
        ("DELETE", at, None),
    ]


@case
def not_again_10_11_and_17_nobody_sees_or_changes_what_is_anothers():
    with Server(PRISM) as server:
        owner, other, stranger = Visitor(server.port), Visitor(server.port), Visitor(server.port)
        made, review, findings = owner.reviewed("secret-plan.docx", sample())
        export, _ = owner.exported(review["id"], format="docx")
        before = owner.findings(review["id"])
        _, others_review, others = other.reviewed("mine.docx", document("Nothing much stands in here, and it is fine."))
        assert others_review["counts"]["total"] == len(others) != len(findings), "numbers are of one's own review"
        for person in (other, stranger):
            for method, path, body in everything_of(owner, made, review, findings, export):
                person.refused(method, path, 404, "not_found", body)
            assert "secret-plan" not in json.dumps(person.get("/api/v1/documents"))
        assert not stranger.cookies, "asking in vain makes nobody"
        assert owner.findings(review["id"]) == before and owner.get(f"/api/v1/documents/{made['id']}")["id"] == made["id"]
        mixed = other.ask("POST", f"/api/v1/reviews/{others_review['id']}/decisions", {"decision": "accepted", "ids": [findings[0]["id"]]})
        assert mixed.status == 404 and owner.findings(review["id"]) == before


@case
def not_again_12_downloading_ends_nothing():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, findings = visitor.reviewed("report.docx", sample())
        for i in range(3):
            export, _ = visitor.exported(review["id"], format="docx")
            visitor.ask("GET", f"/api/v1/exports/{export['id']}/file", expect=200)
            visitor.close()  # the page is left
            visitor.decide(findings[i]["id"], "accepted")
        assert visitor.ask("POST", "/reset_session", b"").status == 404
        assert visitor.get(f"/api/v1/documents/{made['id']}")["latest_review"]["counts"]["accepted"] == 3


@case
def not_again_13_a_broken_document_is_no_success():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        answer = visitor.ask("POST", "/api/v1/documents", multipart({}, "a.docx", b"PK\3\4 broken"), MULTIPART, 400)
        assert "document" not in answer.json() and visitor.get("/api/v1/documents")["documents"] == []


@case
def not_again_14_a_failed_export_says_so():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        _, review, _ = visitor.reviewed("report.docx", sample())
        for path in (server.data / "files").rglob("*"):
            if path.is_file():
                path.unlink()
        export = visitor.post(f"/api/v1/reviews/{review['id']}/exports", {"format": "docx"}, 202)
        export = visitor.wait(f"/api/v1/exports/{export['id']}")
        assert export["state"] == "failed" and export["problem"]["detail"] and export["size_bytes"] is None, export
        visitor.refused("GET", f"/api/v1/exports/{export['id']}/file", 409, "export_not_done")
        assert visitor.ask("POST", f"/api/v1/exports/{export['id']}/retry", expect=202).json()["state"] == "queued"
        assert visitor.wait(f"/api/v1/exports/{export['id']}")["problem"] == export["problem"]


@case
def not_again_15_another_review_leaves_the_first_alone():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, findings = visitor.reviewed("report.docx", sample())
        visitor.decide(findings[0]["id"], "accepted")
        first = visitor.findings(review["id"])
        again = visitor.post(f"/api/v1/documents/{made['id']}/reviews", {}, 202)
        visitor.wait(f"/api/v1/reviews/{again['id']}")
        second = visitor.findings(again["id"])
        assert visitor.findings(review["id"]) == first and len(second) == len(first)
        assert not {f["id"] for f in first} & {f["id"] for f in second} and all(f["decision"] == "open" for f in second)
        assert len({f["id"] for f in first + second}) == 2 * len(first)


@case
def not_again_16_no_file_but_those_of_the_page():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        visitor.reviewed("report.docx", sample())
        secret = "root:"
        tries = ["/download/app.py", "/../../../../etc/passwd", "/assets/../../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/assets//etc/passwd", "/assets/%00", "/data/prism.db", "/prism.db", "/files", "/.env", "/assets/", "/assets/app.js%00.css", "/documents/../prism.db", "/assets/\\..\\..\\etc\\passwd"]
        for path in tries:
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as s:
                s.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode())
                answer = b""
                while chunk := s.recv(65536):
                    answer += chunk
            status = int(answer.split(b" ", 2)[1])
            assert status in (400, 404) and secret.encode() not in answer and b"SQLite" not in answer, (path, answer[:300])


@case
def not_again_18_cookies_cannot_be_made_up():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, _, _ = visitor.reviewed("report.docx", sample())
        secret = visitor.cookies["prism_visitor"]
        assert re.fullmatch(r"[0-9a-f]{64}", secret)
        others = {Visitor(server.port).ask("GET", "/api/v1/me").headers["Set-Cookie"].split(";")[0] for _ in range(20)}
        assert len(others) == 20
        for forged in (secret[:-1] + ("0" if secret[-1] != "0" else "1"), secret.upper() + "0", "", "0" * 64, secret * 2, visitor.get("/api/v1/me")["id"], "' OR 1=1 --"):
            thief = Visitor(server.port)
            thief.refused("GET", f"/api/v1/documents/{made['id']}", 404, "not_found", None, {"Cookie": f'prism_visitor="{forged}"'})
        server.stop()
        for path in server.data.rglob("*"):
            if path.is_file():
                assert secret.encode() not in path.read_bytes(), f"{path} has the secret itself"
        assert secret not in server.read_log()


@case
def not_again_19_html_is_only_text():
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        visitor.put("/api/v1/me", {"name": evil})
        data = document(f"The team {evil} has seen it on Monday.", "=cmd|'/c calc'!A1")
        made, review, _ = visitor.reviewed(f"{evil.replace('/', '')}.docx", data)
        content = visitor.get(f"/api/v1/documents/{made['id']}/content")
        block = next(b["i"] for b in content["blocks"] if "onerror" in block_text(content, b["i"]))
        own = {"anchor": {"block": block, "start": 0, "end": 8, "quote": "The team"}, "kind": "critical", "risk": "high", "description": evil, "suggestion": "=1+1", "rewrite": evil}
        finding = visitor.post(f"/api/v1/reviews/{review['id']}/findings", own)
        assert finding["description"] == evil, "kept as it was written"
        visitor.decide(finding["id"], "accepted", note=evil)
        for path in (f"/api/v1/documents/{made['id']}", f"/api/v1/documents/{made['id']}/content", f"/api/v1/reviews/{review['id']}/findings", f"/api/v1/documents/{made['id']}/activity"):
            answer = visitor.ask("GET", path, expect=200)
            assert answer.headers["Content-Type"].startswith("application/json") and answer.headers["X-Content-Type-Options"] == "nosniff"
        _, file = visitor.exported(review["id"], format="html", include="all")
        page = file.body.decode()
        assert "<img src=x" not in page and "<script" not in page and "&lt;img src=x" in page
        _, file = visitor.exported(review["id"], format="csv", include="all")
        for row in csv.reader(io.StringIO(file.body.decode())):
            assert not any(cell[:1] in ("=", "+", "@", "-") for cell in row), row
        _, file = visitor.exported(review["id"], format="docx")
        assert any(evil in text for _, text in comments_of(file.body))
        problem = visitor.ask("GET", "/api/v1/" + urllib.parse.quote(evil), expect=404)
        assert problem.headers["Content-Type"] == "application/problem+json"


@case
def not_again_21_everything_has_a_limit():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        _, review, findings = visitor.reviewed("report.docx", sample())
        at = f"/api/v1/findings/{findings[0]['id']}"
        for body in ({"description": "x" * 20001}, {"suggestion": "x" * 20001}, {"rewrite": "x" * 20001}, {"category": "x" * 201}, {"questions": ["x"] * 51}, {"points": [1] * 51}, {"description": ""}):
            answer = visitor.ask("PATCH", at, body, expect=400)
            assert answer.json()["reason"] in ("bad_json", "bad_text"), answer
        answer = visitor.ask("PATCH", at, {"questions": ["x" * 30000]})
        assert answer.status == 400, answer
        visitor.refused("PUT", f"{at}/decision", 400, "bad_json", {"decision": "accepted", "note": "x" * 2001})
        visitor.refused("POST", f"/api/v1/reviews/{review['id']}/decisions", 400, "bad_json", {"decision": "accepted", "ids": [NOBODY] * 1001})
        visitor.refused("PUT", "/api/v1/me", 413, "body_too_large", {"name": "x" * 300000})
        visitor.close()
        visitor.refused("POST", f"/api/v1/reviews/{review['id']}/undo", 413, "body_too_large", b"x" * 10)
        visitor.close()
        answer = Person(server.port).ask("GET", "/api/v1/documents", headers={"X-Long": "x" * 20000})
        assert answer.status == 431, answer
        visitor.refused("PATCH", at, 400, "bad_json", {"decision": "accepted"})
        visitor.refused("PATCH", at, 400, "bad_json", {"reviewer": {"kind": "person"}, "confidence": 1})
        assert visitor.get(at) == findings[0], "members that only the server sets cannot be set"


@case
def not_again_26_decisions_exclude_each_other():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, findings = visitor.reviewed("report.docx", sample())
        for _ in range(3):
            for decision in ("accepted", "accepted", "rejected", "rejected", "accepted"):
                visitor.decide(findings[0]["id"], decision)
                counts = visitor.get(f"/api/v1/reviews/{review['id']}")["counts"]
                assert counts[decision] == 1 and counts["open"] == len(findings) - 1
                assert counts["open"] + counts["accepted"] + counts["rejected"] == counts["total"] == len(findings)
        events = visitor.get(f"/api/v1/documents/{made['id']}/activity?limit=100")["events"]
        assert sum(e["kind"] == "findings.decided" for e in events) == 7, "the same decision again is no event"
        once = visitor.decide(findings[0]["id"], "accepted")
        assert visitor.decide(findings[0]["id"], "accepted") == once


@case
def not_again_27_a_refused_finding_is_not_kept():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        made, review, findings = visitor.reviewed("report.docx", sample())
        before = visitor.get(f"/api/v1/documents/{made['id']}/activity")["events"]
        own = {"anchor": {"block": 999999, "start": 0, "end": 1, "quote": "x"}, "kind": "critical", "risk": "high", "description": "d"}
        visitor.refused("POST", f"/api/v1/reviews/{review['id']}/findings", 400, "no_such_block", own)
        own["section"] = "No such section"
        visitor.refused("POST", f"/api/v1/reviews/{review['id']}/findings", 400, "bad_json", own)
        assert visitor.findings(review["id"]) == findings
        assert visitor.get(f"/api/v1/documents/{made['id']}/activity")["events"] == before


@case
def not_again_29_writers_do_not_lock_each_other_out():
    with Server(PRISM) as server:
        people = [Visitor(server.port) for _ in range(8)]
        wrong = []

        def go(person):
            try:
                _, review, findings = person.reviewed("report.docx", sample())
                for finding in findings:
                    person.decide(finding["id"], "accepted")
                assert person.get(f"/api/v1/reviews/{review['id']}")["counts"]["accepted"] == len(findings)
            except Exception as e:  # pylint: disable=broad-except
                wrong.append(repr(e))

        threads = [threading.Thread(target=go, args=(p,)) for p in people]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert not wrong, wrong
        assert "store_busy" not in server.read_log()


@case
def not_again_30_nothing_found_is_no_error():
    with Server(PRISM) as server:
        visitor = Visitor(server.port)
        for data in (document(), document("")):
            made, review, findings = visitor.reviewed("empty.docx", data)
            page = visitor.get(f"/api/v1/reviews/{review['id']}/findings?risk=high")
            assert review["counts"]["total"] == len(findings) and page["total"] == sum(f["risk"] == "high" for f in findings)
            for form in ("docx", "json", "csv", "html"):
                visitor.exported(review["id"], format=form)
            assert visitor.get(f"/api/v1/documents/{made['id']}/content")["blocks"] is not None
            done = visitor.post(f"/api/v1/reviews/{review['id']}/decisions", {"decision": "accepted", "filter": {"risk": ["high"], "category": "None such"}}, 200)
            assert done["changed"] == 0


@case
def not_again_40_times_are_utc_everywhere():
    def times(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                if (key == "at" or key.endswith("_at")) and inner is not None:
                    yield inner
                else:
                    yield from times(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from times(inner)

    with Server(PRISM, TZ="Asia/Tokyo") as server:
        visitor = Visitor(server.port)
        began = datetime.datetime.utcnow() - datetime.timedelta(seconds=5)
        made, review, findings = visitor.reviewed("report.docx", sample())
        visitor.decide(findings[0]["id"], "accepted")
        export, _ = visitor.exported(review["id"], format="json")
        found = []
        for path in (f"documents/{made['id']}", f"reviews/{review['id']}/findings", f"documents/{made['id']}/activity", f"exports/{export['id']}"):
            found += times(visitor.get(f"/api/v1/{path}"))
        assert len(found) > 10
        for when in found:
            assert TIME.match(when), when
            moment = datetime.datetime.strptime(when, "%Y-%m-%dT%H:%M:%S.%fZ")
            assert began <= moment <= datetime.datetime.utcnow() + datetime.timedelta(seconds=5), when


@case
def not_again_41_it_does_not_matter_where_it_is_started():
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        with Server(PRISM) as server:
            def start_in(folder):
                with open(server.folder / "log", "ab") as log:
                    server.process = subprocess.Popen([PRISM, "serve"], env=server.environment(), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
                server.until_ready()

            server.stop()
            start_in(one)
            visitor = Visitor(server.port)
            made, review, _ = visitor.reviewed("report.docx", sample())
            export, file = visitor.exported(review["id"], format="docx")
            server.stop()
            visitor.close()
            start_in(two)
            assert visitor.get(f"/api/v1/documents/{made['id']}")["id"] == made["id"]
            assert visitor.ask("GET", f"/api/v1/exports/{export['id']}/file", expect=200).body == file.body
            assert os.listdir(one) == [] and os.listdir(two) == [], "nothing is written where it was started"


# --- over all of the above ---


@case
def not_again_22_errors_tell_nothing_of_the_inside():
    assert len(PROBLEMS) > 100, "run with all cases"
    inside = re.compile(r"/tmp|/home|/root|/usr|/var|\.c:\d|errno|[Ss][Qq][Ll]ite|SELECT |INSERT |Traceback|(?<![0-9a-z])0x[0-9a-f]{6}|src/|prism\.db")
    for answer in PROBLEMS:
        body = answer.json()
        said = body["detail"] + " " + body["hint"]
        assert not inside.search(said), said


@case
def a_server_without_a_model_says_so():
    with Server(PRISM) as server:
        a = Visitor(server.port)
        told = a.get("/api/v1/server")
        assert told["model"] is None and told["reviewers"] == ["rules"], told
        models = a.get("/api/v1/models")
        assert models["configured"] is False and models["models"] == [] and models["primary"] is None, models
        assert a.get("/api/v1/me")["admin"] is True  # from this machine, and no token is set
        a.refused("POST", "/api/v1/models/reset", 404, "unknown_model", {"model": "m"})
        a.refused("POST", "/api/v1/models/reset", 400, "bad_json", {})
        parts = a.ask("POST", "/api/v1/check", expect=200).json()["parts"]
        assert [(p["part"], p["state"]) for p in parts] == [("settings", "ok"), ("store", "ok"), ("files", "ok"), ("model", "not_configured")], parts


@case
def every_reason_of_the_sources_is_described():
    found = set()
    for module in ("net", "api", "auth", "review", "store", "blob", "doc", "base"):
        for path in (SOURCE / "src" / module).glob("*.c"):
            for reason in re.findall(r'(?:error_set_reason\(\s*e,\s*ERR_\w+,|conflict\(e,|refuse\(\w+,)\s*"([a-z0-9_]+)"', path.read_text(encoding="utf-8")):
                found.add(reason)
    # those that no client is told: of the start, of tables of our own, of the command line, of jobs among themselves
    inside = set(
        """bad_address bad_author bad_certificate bad_finding bad_framework bad_key bad_number bad_route bad_splice cannot_listen lease_lost no_descriptor no_framework no_requirements
        no_server no_store no_thread no_visitor not_a_file not_a_folder export_ended review_ended store_foreign store_in_use store_newer too_many_requirements""".split()
    )
    missing = sorted(found - CONTRACT.reasons - inside)
    assert not missing, missing


@case
def routes_are_those_of_the_description():
    text = (SOURCE / "src/api/routes.c").read_text(encoding="utf-8").replace('V1 "', '"/api/v1')
    routes = {(m.lower(), p) for m, p in re.findall(r'ROUTE\((\w+), "([^"]+)"', text)}
    pages = {("get", "/"), ("get", "/assets/{file*}"), ("get", "/status"), ("get", "/documents/{document}")}
    assert routes - pages == CONTRACT.operations, (routes - pages) ^ CONTRACT.operations


@case
def every_operation_was_asked():
    missing = [o for o in CONTRACT.not_asked() if o != ("get", "/api/v1/documents/{document}/events")]  # read by Stream
    assert not missing, missing


if __name__ == "__main__":
    sys.exit(run(CASES, set(sys.argv[2:])))
