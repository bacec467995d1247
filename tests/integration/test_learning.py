#!/usr/bin/python3
"""What is dismissed is not raised again where it was dismissed, and only there; what people decide ranks what is found next, and can be forgotten.

test_learning.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. Every answer is held to docs/openapi.yaml (contract.py).
"""
import io
import json
import os
import sys

from docx import Document

from contract import CONTRACT
from contract import Visitor as Judged
from fakes import Fake
from serve_util import Server, sample
from tap import run

PRISM = os.path.abspath(sys.argv[1])
CASES = []
TOKEN = "a-token-of-the-operator"
NOBODY = "0123456789abcdefghjkmnpqrs"  # an id of the right form


def case(function):
    CASES.append(function)
    return function


class Visitor(Judged):
    def refused(self, method, path, status, reason, body=None, headers=None):
        answer = self.ask(method, path, body, headers, status).json()
        assert answer["reason"] == reason, answer
        return answer

    def decide(self, finding, decision, expect=200, **more):
        return self.put(f"/api/v1/findings/{finding['id']}/decision", {"decision": decision, **more}, expect)

    def dismiss(self, finding, scope, note="we say so here"):
        return self.decide(finding, "rejected", note=note, dismiss=scope)

    def dismissals(self, document=None):
        return self.get("/api/v1/dismissals" + (f"?document={document}" if document else ""))["dismissals"]

    def again(self, document):
        """The findings of another review of the same document, which is then self.review."""
        review = self.post(f"/api/v1/documents/{document}/reviews", {}, 202)
        review = self.wait(f"/api/v1/reviews/{review['id']}")
        assert review["state"] == "done", review
        self.review = review
        return self.findings(review["id"])

    def exported(self, review, form):
        export = self.post(f"/api/v1/reviews/{review}/exports", {"format": form}, 202)
        assert self.wait(f"/api/v1/exports/{export['id']}")["state"] == "done"
        return self.ask("GET", f"/api/v1/exports/{export['id']}/file", expect=200).body.decode()

    def upload_again(self, data=None):
        return self.reviewed("again.docx", data or sample())[2]


def said(findings):
    """What each says of which words, and where."""
    return [(f["reviewer"]["id"], f["anchor"]["quote"], f["anchor"]["block"], f["description"]) for f in findings]


def same(finding):
    """Recognises a finding, wherever it stands."""
    return lambda f: (f["reviewer"]["id"], f["anchor"]["quote"], f["description"]) == (
        finding["reviewer"]["id"],
        finding["anchor"]["quote"],
        finding["description"],
    )


def once(findings):
    """One that is there once."""
    return next(f for f in findings if len(list(filter(same(f), findings))) == 1)


def document(*paragraphs):
    made, out = Document(), io.BytesIO()
    for text in paragraphs:
        made.add_paragraph(text)
    made.save(out)
    return out.getvalue()


@case
def dismissed_in_one_document():
    with Server(PRISM) as server:
        ann = Visitor(server.port)
        made, review, findings = ann.reviewed("report.docx", sample())
        one = once(findings)
        decided = ann.dismiss(one, "document")
        assert decided["decision"] == "rejected" and decided["note"] == "we say so here", decided
        left = ann.again(made["id"])
        assert said(left) == [x for x, f in zip(said(findings), findings) if f["id"] != one["id"]], "it, and nothing else, has gone"
        assert (review["dismissed"], ann.review["dismissed"]) == (0, 1), "nothing goes silently"
        assert json.loads(ann.exported(ann.review["id"], "json"))["coverage"]["dismissed"] == 1
        assert "Not raised again: 1 finding that had been dismissed." in ann.exported(ann.review["id"], "html")
        assert list(filter(same(one), ann.upload_again())), "another document is another document"

        (held,) = ann.dismissals(made["id"])
        assert ann.dismissals() == [], "it holds for the document alone"
        assert (held["scope"], held["document"], held["reason"], held["mine"]) == ("document", made["id"], "we say so here", True), held
        assert (held["reviewer"], held["quote"], held["category"]) == (one["reviewer"]["id"], one["anchor"]["quote"], one["category"]), held
        ann.ask("DELETE", f"/api/v1/dismissals/{held['id']}", expect=204)
        ann.refused("DELETE", f"/api/v1/dismissals/{held['id']}", 404, "not_found")
        assert said(ann.again(made["id"])) == said(findings), "it is raised again"
        assert ann.get(f"/api/v1/findings/{one['id']}")["decision"] == "rejected", "the decision stays"


@case
def dismissed_twice_is_dismissed_once():
    with Server(PRISM) as server:
        ann = Visitor(server.port)
        made, _, findings = ann.reviewed("report.docx", sample())
        for note in ("first", "second"):
            ann.dismiss(findings[0], "document", note)
        (held,) = ann.dismissals(made["id"])
        assert held["reason"] == "second", held


@case
def what_is_taken_back_is_raised_again():
    with Server(PRISM) as server:
        ann = Visitor(server.port)
        made, review, findings = ann.reviewed("report.docx", sample())
        one = once(findings)
        for scope in ("document", "person", "team"):
            for decision in ("accepted", "open"):
                ann.dismiss(one, scope)
                assert len(ann.dismissals(made["id"])) == 1
                ann.decide(one, decision)
                assert ann.dismissals(made["id"]) == [], (scope, decision)
        ann.dismiss(one, "person")
        ann.ask("POST", f"/api/v1/reviews/{review['id']}/undo", expect=200)
        assert ann.dismissals(made["id"]) == []
        assert said(ann.again(made["id"])) == said(findings)


@case
def for_a_person_is_nobody_elses_business():
    with Server(PRISM, PRISM_ADMIN_TOKEN=TOKEN) as server:
        ann, bob = Visitor(server.port), Visitor(server.port)
        _, _, findings = ann.reviewed("report.docx", sample())
        one = once(findings)
        ann.dismiss(one, "person", "because of the Miller case")
        assert not list(filter(same(one), ann.upload_again()))
        made, _, others = bob.reviewed("report.docx", sample())
        assert list(filter(same(one), others)), "nobody misses what another has dismissed"
        assert bob.dismissals() == [] and bob.dismissals(made["id"]) == []
        (held,) = ann.dismissals()
        assert (held["scope"], held["document"]) == ("person", None), held
        bob.refused("DELETE", f"/api/v1/dismissals/{held['id']}", 404, "not_found")
        assert len(ann.dismissals()) == 1


@case
def for_the_team_is_said_to_all():
    with Server(PRISM, PRISM_ADMIN_TOKEN=TOKEN) as server:
        ann, bob = Visitor(server.port), Visitor(server.port)
        ann.put("/api/v1/me", {"name": "Ann"})
        made, _, findings = ann.reviewed("report.docx", sample())
        one = once(findings)
        ann.dismiss(one, "team")
        assert not list(filter(same(one), bob.upload_again()))
        (held,) = bob.dismissals()
        assert (held["by"], held["mine"], held["scope"], held["reason"]) == ("Ann", False, "team", "we say so here"), held
        bob.refused("DELETE", f"/api/v1/dismissals/{held['id']}", 409, "not_yours")
        assert held["quote"] == one["anchor"]["quote"]
        ann.ask("DELETE", f"/api/v1/documents/{made['id']}", expect=204)
        (held,) = bob.dismissals()
        assert held["quote"] == "", "a deleted document leaves no words"
        assert not list(filter(same(one), bob.upload_again())), "and it is still dismissed"
        bob.ask("DELETE", f"/api/v1/dismissals/{held['id']}", headers={"Authorization": f"Bearer {TOKEN}"}, expect=204)
        assert list(filter(same(one), bob.upload_again())), "an administrator has taken it back"


@case
def only_what_is_rejected_and_raised_by_a_reviewer():
    with Server(PRISM) as server:
        ann, bob = Visitor(server.port), Visitor(server.port)
        made, review, findings = ann.reviewed("report.docx", sample())
        path = f"/api/v1/findings/{findings[0]['id']}/decision"
        ann.refused("PUT", path, 400, "nothing_to_dismiss", {"decision": "accepted", "dismiss": "document"})
        ann.refused("PUT", path, 400, "bad_json", {"decision": "rejected", "dismiss": "world"})
        anchor = findings[0]["anchor"]
        own = ann.post(
            f"/api/v1/reviews/{review['id']}/findings", {"kind": "important", "risk": "low", "description": "Mine.", "anchor": anchor}
        )
        ann.refused("PUT", f"/api/v1/findings/{own['id']}/decision", 400, "nothing_to_dismiss", {"decision": "rejected", "dismiss": "team"})
        assert ann.get(f"/api/v1/findings/{own['id']}")["decision"] == "open", "all or nothing"
        bob.get("/api/v1/me")
        bob.refused("PUT", path, 404, "not_found", {"decision": "rejected", "dismiss": "team"})
        assert ann.dismissals(made["id"]) == []


@case
def not_again_11_learning_shows_nothing_of_others():
    with Server(PRISM) as server:
        ann, bob = Visitor(server.port), Visitor(server.port)
        made, _, findings = ann.reviewed("report.docx", sample())
        ann.dismiss(findings[0], "document", "because of the Miller case")
        ann.decide(findings[1], "accepted")
        bob.reviewed("report.docx", sample())
        stranger = Visitor(server.port)  # without a cookie
        for other in (bob, stranger):
            other.refused("GET", f"/api/v1/dismissals?document={made['id']}", 404, "not_found")
            other.refused("GET", f"/api/v1/dismissals?document={NOBODY}", 404, "not_found")
            assert other.dismissals() == []
            learnt = other.get("/api/v1/learning")
            assert learnt == {"since": None, "reviewers": [], "examples": {"accepted": 0, "rejected": 0}}, learnt
            other.ask("DELETE", "/api/v1/learning", expect=204)
        assert len(ann.dismissals(made["id"])) == 1
        assert len(ann.get("/api/v1/learning")["reviewers"]) >= 1, "nobody makes another forget"


@case
def decisions_are_counted_and_forgotten():
    with Server(PRISM) as server:
        ann = Visitor(server.port)
        _, _, findings = ann.reviewed("report.docx", sample())
        kind = findings[0]["reviewer"]["id"], findings[0]["category"]
        like = [f for f in findings if (f["reviewer"]["id"], f["category"]) == kind]
        for f in findings:
            ann.decide(f, "accepted" if f["id"] == like[0]["id"] else "rejected")
        learnt = ann.get("/api/v1/learning")
        assert sum(r["accepted"] for r in learnt["reviewers"]) == 1 and sum(r["rejected"] for r in learnt["reviewers"]) == len(findings) - 1
        (row,) = [r for r in learnt["reviewers"] if (r["id"], r["category"]) == kind]
        assert (row["kind"], row["name"], row["accepted"], row["rejected"]) == ("rule", like[0]["reviewer"]["name"], 1, len(like) - 1), row
        assert abs(row["rate"] - 1 / len(like)) < 1e-6, row
        ann.ask("DELETE", "/api/v1/learning", expect=204)
        learnt = ann.get("/api/v1/learning")
        assert learnt["since"] and learnt["reviewers"] == [], learnt
        assert ann.get(f"/api/v1/findings/{like[0]['id']}")["decision"] == "accepted", "decisions stay"


@case
def what_is_accepted_more_often_comes_first():
    text = document(
        "The seller was suspended TBD. Details: TBD.",
        "The root cause was human error by the analyst.",
        "The numbers: 12 orders of [name] were refunded, see [date]. We will improve it soon.",
    )
    with Server(PRISM) as server:
        ann = Visitor(server.port)
        _, review, _ = ann.reviewed("report.docx", text)

        def by_risk(review_id):
            return [f for f in ann.findings(review_id, "&sort=risk")]

        before = by_risk(review["id"])
        kinds = {}  # risk -> the rules that have found something, in order
        for f in before:
            kinds.setdefault(f["risk"], []).append((f["reviewer"]["id"], f["category"]))
        risk, rules = next((risk, rules) for risk, rules in kinds.items() if len(set(rules)) > 1)
        first = rules[0]
        for f in before:
            if (f["reviewer"]["id"], f["category"]) == first:
                ann.decide(f, "rejected")
        made, review, _ = ann.reviewed("again.docx", text)
        after = [(f["reviewer"]["id"], f["category"]) for f in by_risk(review["id"]) if f["risk"] == risk]
        assert sorted(after) == sorted(rules), "nothing is hidden by a rank"
        assert after[: after.index(first)] == [r for r in rules if r != first], (rules, after)
        pages, cursor = [], ""
        while True:  # one by one, the order is the same
            page = ann.get(f"/api/v1/reviews/{review['id']}/findings?limit=1&sort=risk{cursor}")
            pages += page["findings"]
            if not page["next"]:
                break
            cursor = f"&cursor={page['next']}"
        assert [f["id"] for f in pages] == [f["id"] for f in by_risk(review["id"])]


def texts(value):
    """All texts in a request."""
    if isinstance(value, str):
        return value
    return "\n".join(map(texts, value.values() if isinstance(value, dict) else value)) if isinstance(value, (dict, list)) else ""


def asked(fake, since):
    """The texts of the requests behind that many."""
    return [texts(r["body"]) for r in fake.seen()["requests"] if r["n"] > since]


def by_model(findings):
    return [f for f in findings if f["reviewer"]["kind"] == "model"]


@case
def a_model_is_given_examples_and_does_not_repeat_what_was_dismissed():
    text = document("The warehouse will improve it soon.", "The carrier will look into it shortly.", "The team acts eventually.")
    words = [{"pattern": w, "category": "Timing", "description": f"It is not said when: {w}."} for w in ("soon", "shortly", "eventually")]
    with Fake("anthropic") as fake:
        fake.script({"findings": {"find": words}, "times": "always"})
        with Server(PRISM, **fake.settings()) as server:
            ann, bob = Visitor(server.port), Visitor(server.port)
            _, _, findings = ann.reviewed("report.docx", text)
            found = {f["anchor"]["quote"]: f for f in by_model(findings)}
            assert sorted(found) == ["eventually", "shortly", "soon"], findings
            assert not any('"decision":' in t for t in asked(fake, 0)), "nothing was decided yet"
            ann.decide(found["soon"], "accepted")
            ann.dismiss(found["shortly"], "person", "because of the Miller case")

            before = fake.seen()["total"]
            _, review, findings = ann.reviewed("again.docx", text)
            assert sorted(f["anchor"]["quote"] for f in by_model(findings)) == ["eventually", "soon"], findings
            assert review["coverage"]["findings"]["dismissed"] > 0 and review["dismissed"] == 0, review
            examples = [line for t in asked(fake, before) for line in t.splitlines() if line.startswith('{"decision":')]
            told = {(x["decision"], x["quote"], x["remark"], x.get("reason")) for x in map(json.loads, examples)}
            assert told == {
                ("accepted", "soon", "It is not said when: soon.", None),
                ("rejected", "shortly", "It is not said when: shortly.", "because of the Miller case"),
            }, told

            before = fake.seen()["total"]
            _, _, findings = bob.reviewed("report.docx", text)
            assert len(by_model(findings)) == 3, "bob has dismissed nothing"
            assert not any("Miller" in t or '"decision":' in t for t in asked(fake, before)), "nor is he told what ann has decided"

            ann.ask("DELETE", "/api/v1/learning", expect=204)
            before = fake.seen()["total"]
            ann.upload_again(document("The warehouse will improve it soon.", "Another text."))
            assert asked(fake, before) and not any('"decision":' in t for t in asked(fake, before)), "it is forgotten"


@case
def every_operation_was_asked():
    assert not CONTRACT.not_asked("learning"), CONTRACT.not_asked("learning")


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
