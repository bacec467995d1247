#!/usr/bin/python3
"""What nobody uses goes: files of documents, exports, guidelines, books; and what must stay does.

test_retention.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. Time passes by SQL: the server is stopped, its store is made older, and it
is started again, which makes a pass at once.
"""
import csv
import io
import json
import os
import sqlite3
import sys
import time
from datetime import datetime, timezone

from serve_util import MULTIPART, Server, multipart, sample, until
from tap import run

PRISM = os.path.abspath(sys.argv[1])
PAGE_BYTES = 4096
DAY_MS = 24 * 3600 * 1000
CASES = []


def case(function):
    CASES.append(function)
    return function


class Kept(Server):
    """One that is started again and again: people connect anew."""

    def __init__(self, *args, **settings):
        super().__init__(*args, **settings)
        self.people = []

    def person(self):
        self.people.append(super().person())
        return self.people[-1]

    def start(self, ready=True):
        for person in self.people:
            person.close()
        return super().start(ready)


def execute(server, *statements):
    """With the server stopped."""
    db = sqlite3.connect(server.data / "prism.db")
    try:
        for statement in statements:
            db.execute(*statement if isinstance(statement, tuple) else (statement,))
        db.commit()
    finally:
        db.close()


def ask(server, sql, *values):
    db = sqlite3.connect(f"file:{server.data}/prism.db?mode=ro", uri=True)
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def age(server, days, *tables):
    """All that is there becomes so many days older, as if nobody had come."""
    columns = {
        "document": ["created_at", "used_at"],
        "export": ["created_at", "finished_at"],
        "review": ["created_at", "started_at", "finished_at"],
        "guidelines": ["created_at", "changed_at"],
        "event": ["at"],
        "model_call": ["at"],
    }
    sets = {t: ", ".join(f"{c} = {c} - {days * DAY_MS}" for c in columns[t]) for t in tables or columns}
    execute(server, *(f"UPDATE {t} SET {s}" for t, s in sets.items()))


def later(server, days, *tables, **settings):
    """Stops the server, lets the days pass, and starts it again. What was removed is in its log."""
    server.stop()
    age(server, days, *tables)
    server.settings.update(settings)
    server.start()


def files(server):
    """Every file of documents that is on disk: what is really there, wherever it is said to be."""
    return {p.name for p in (server.data / "files").rglob("*") if p.is_file() and p.parent.name != "tmp"}


def passes(server):
    return server.read_log().count('"event":"retention"')


def passed(server, before):
    """Waits until a pass that removed something has ended in the server that was started last."""
    until(lambda: passes(server) > before, "no pass of the retention")


@case
def not_again_39_aged_files_in_the_folder_really_used_are_removed():
    """The system before cleaned folders that nothing was in. Here: what lies in the data folder and is old is gone from the disk, what is new is there."""
    with Kept(PRISM) as server:
        person = server.person()
        old, review, found = person.reviewed("old.docx", sample())
        made = person.post(f"/api/v1/reviews/{review['id']}/exports", {"format": "csv", "include": "all"}, expect=202)
        person.wait(f"/api/v1/exports/{made['id']}")
        there = files(server)
        assert len(there) >= 3, there
        later(server, 6)
        time.sleep(0.5)
        assert files(server) == there, "removed before its time"
        n = passes(server)
        later(server, 1.1)
        new = person.upload("new.docx", sample())["document"]  # the cookie lasts: this is a server of this machine
        passed(server, n)
        until(lambda: not files(server) & there, "aged files are still on the disk")
        assert len(files(server)) == 2, "what is new must stay"
        assert person.get(f"/api/v1/documents/{new['id']}")["file_removed_at"] is None
        gone = person.get(f"/api/v1/documents/{old['id']}")
        assert gone["file_removed_at"] and gone["kept_until"] is None, gone
        assert {f["id"] for f in person.findings(review["id"])} == {f["id"] for f in found}


@case
def a_document_whose_file_is_gone_says_so_and_is_still_of_use():
    with Kept(PRISM) as server:
        person = server.person()
        document, review, found = person.reviewed("old.docx", sample())
        person.put(f"/api/v1/findings/{found[0]['id']}/decision", {"decision": "accepted", "note": "right"})
        n = passes(server)
        later(server, 8)
        passed(server, n)
        at = f"/api/v1/documents/{document['id']}"
        day = datetime.now(timezone.utc).strftime("%Y-%m-%d")
        for method, path, body in (
            ("GET", f"{at}/file", None),
            ("GET", f"{at}/content", None),
            ("GET", f"{at}/sections", None),
            ("POST", f"{at}/reviews", {}),
            ("POST", f"/api/v1/reviews/{review['id']}/exports", {"format": "docx"}),
            ("POST", f"/api/v1/reviews/{review['id']}/exports", {"format": "html"}),
            ("POST", f"/api/v1/reviews/{review['id']}/exports", {"format": "zip"}),
        ):
            said = person.ask(method, path, body, expect=409).json()
            assert said["reason"] == "file_removed" and day in said["detail"] and "Upload" in said["hint"], (path, said)
        kept = {f["id"]: f for f in person.findings(review["id"])}
        assert kept[found[0]["id"]]["decision"] == "accepted" and kept[found[0]["id"]]["anchor"] == found[0]["anchor"]
        person.put(f"/api/v1/findings/{found[1]['id']}/decision", {"decision": "rejected"})
        kinds = [e["kind"] for e in person.get(f"{at}/activity?limit=100")["events"]]
        assert "document.file_removed" in kinds and "document.added" in kinds, kinds
        texts = {}
        for kind in ("csv", "json"):
            made = person.post(f"/api/v1/reviews/{review['id']}/exports", {"format": kind, "include": "all"}, expect=202)
            made = person.wait(f"/api/v1/exports/{made['id']}")
            assert made["state"] == "done", made
            texts[kind] = person.ask("GET", f"/api/v1/exports/{made['id']}/file", expect=200).body.decode("utf-8-sig")
        rows = {r["id"]: r for r in csv.DictReader(io.StringIO(texts["csv"]))}
        assert set(rows) == set(kept) and rows[found[0]["id"]]["quote"].lstrip("'") == found[0]["anchor"]["quote"]
        told = {f["id"]: f for f in json.loads(texts["json"])["findings"]}
        for f in found:
            anchor = told[f["id"]]["anchor"]
            where = (anchor["start"]["block"], anchor["start"]["offset"], anchor["end"]["offset"])
            assert where == (f["anchor"]["block"], f["anchor"]["start"], f["anchor"]["end"]), (anchor, f["anchor"])
            assert told[f["id"]]["located"] == f["located"] and told[f["id"]]["place"]
        person.ask("DELETE", at, expect=204)


@case
def with_remove_nothing_stays():
    with Kept(PRISM, PRISM_RETENTION_RECORDS="remove") as server:
        person = server.person()
        document, review, found = person.reviewed("old.docx", sample())
        n = passes(server)
        later(server, 8)
        passed(server, n)
        until(lambda: not files(server), "files are left")
        for path in (f"/api/v1/documents/{document['id']}", f"/api/v1/reviews/{review['id']}", f"/api/v1/findings/{found[0]['id']}"):
            person.ask("GET", path, expect=404)
        assert person.get("/api/v1/documents")["documents"] == []
        assert ask(server, "SELECT count(*) FROM finding") == [(0,)]
        n = passes(server)
        later(server, 8)  # the event that says so is old now, too
        passed(server, n)
        assert ask(server, "SELECT kind FROM event") == []


@case
def records_that_were_kept_go_when_the_operator_wants_it():
    with Kept(PRISM) as server:
        person = server.person()
        document, _, _ = person.reviewed("old.docx", sample())
        n = passes(server)
        later(server, 8)
        passed(server, n)
        n = passes(server)
        later(server, 1, PRISM_RETENTION_RECORDS="remove")
        passed(server, n)
        person.ask("GET", f"/api/v1/documents/{document['id']}", expect=404)


@case
def using_a_document_keeps_it():
    """Opened, decided on, exported, or one of its findings looked at: each begins its days anew. Being in a list does not."""
    with Kept(PRISM) as server:
        person = server.person()
        made = {name: person.reviewed(f"{name}.docx", sample()) for name in ("opened", "decided", "exported", "listed")}
        later(server, 6)
        before = {d["id"]: d["kept_until"] for d in person.get("/api/v1/documents")["documents"]}
        person.get(f"/api/v1/documents/{made['opened'][0]['id']}/content")
        person.put(f"/api/v1/findings/{made['decided'][2][0]['id']}/decision", {"decision": "rejected"})
        person.post(f"/api/v1/reviews/{made['exported'][1]['id']}/exports", {"format": "json"}, expect=202)
        after = {d["id"]: d["kept_until"] for d in person.get("/api/v1/documents")["documents"]}
        for name, (document, _, _) in made.items():
            assert (after[document["id"]] > before[document["id"]]) == (name != "listed"), (name, before, after)
        left = datetime.fromisoformat(before[made["listed"][0]["id"]].replace("Z", "+00:00")) - datetime.now(timezone.utc)
        assert 0.9 < left.total_seconds() / 86400 < 1.01, left
        n = passes(server)
        later(server, 2)
        passed(server, n)
        gone = {d["name"] for d in person.get("/api/v1/documents")["documents"] if d["file_removed_at"]}
        assert gone == {"listed.docx"}, gone


@case
def with_0_days_everything_stays_for_ever():
    with Kept(PRISM, PRISM_RETENTION_DAYS="0") as server:
        person = server.person()
        document, _, _ = person.reviewed("old.docx", sample())
        assert document["kept_until"] is None
        assert person.get("/api/v1/server")["retention"] == {"days": 0, "records": "keep"}
        there = files(server)
        later(server, 5000)
        time.sleep(1)
        assert files(server) == there
        person.ask("GET", f"/api/v1/documents/{document['id']}/file", expect=200)


@case
def a_store_of_an_older_version_gives_people_their_days_first():
    """Nobody wrote down when its documents were used: they count from the first start."""
    with Kept(PRISM) as server:
        person = server.person()
        document, _, _ = person.reviewed("old.docx", sample())
        server.stop()
        age(server, 400)
        execute(server, "UPDATE document SET used_at = 0")
        server.start()
        at = "/api/v1/documents"
        kept = until(lambda: person.get(at)["documents"][0]["kept_until"], "no date is given")
        left = datetime.fromisoformat(kept.replace("Z", "+00:00")) - datetime.now(timezone.utc)
        assert 6.9 < left.total_seconds() / 86400 <= 7.0, left
        person.ask("GET", f"{at}/{document['id']}/file", expect=200)


@case
def exports_go_by_their_own_age():
    with Kept(PRISM) as server:
        person = server.person()
        document, review, _ = person.reviewed("used.docx", sample())
        made = person.post(f"/api/v1/reviews/{review['id']}/exports", {"format": "docx", "include": "all"}, expect=202)
        made = person.wait(f"/api/v1/exports/{made['id']}")
        assert made["file_removed_at"] is None
        before = files(server)
        n = passes(server)
        later(server, 8, "export")
        passed(server, n)
        until(lambda: len(before - files(server)) == 1, f"{before} became {files(server)}")
        said = person.ask("GET", f"/api/v1/exports/{made['id']}/file", expect=409).json()
        assert said["reason"] == "file_removed" and "again" in said["hint"], said
        assert person.get(f"/api/v1/exports/{made['id']}")["file_removed_at"]
        again = person.post(f"/api/v1/reviews/{review['id']}/exports", {"format": "docx", "include": "all"}, expect=202)
        assert person.wait(f"/api/v1/exports/{again['id']}")["state"] == "done"
        person.ask("GET", f"/api/v1/documents/{document['id']}/file", expect=200)


@case
def guidelines_of_the_team_stay_and_a_persons_go_when_nobody_uses_them():
    with Kept(PRISM, PRISM_RETENTION_RECORDS="remove") as server:
        person = server.person()

        def upload(name, team):
            form = multipart({"team": team, "name": name}, f"{name}.docx", sample(), field="file")
            return person.ask("POST", "/api/v1/guidelines", form, MULTIPART, expect=201).json()["id"]

        ids = {name: upload(name, "true" if name == "team" else "false") for name in ("team", "idle", "named")}
        document = person.upload("a.docx", sample())["document"]
        person.ask("PATCH", f"/api/v1/documents/{document['id']}", {"guidelines": ids["named"]}, expect=200)
        n = passes(server)
        later(server, 8, "guidelines", "review")
        passed(server, n)
        left = {g["name"] for g in person.get("/api/v1/guidelines")["guidelines"]}
        assert left == {"team", "named"}, left


@case
def what_is_being_worked_on_is_left_alone():
    with Kept(PRISM) as server:
        person = server.person()
        document, review, _ = person.reviewed("busy.docx", sample())
        idle, _, _ = person.reviewed("idle.docx", sample())
        server.stop()
        age(server, 30)
        far = int(time.time() * 1000) + DAY_MS  # somebody else's lease, of another server that still drains
        execute(server, ("UPDATE job SET state = 1, lease_until = ?, worker = 'other' WHERE ref = ?", (far, review["id"])))
        n = passes(server)
        server.start()
        passed(server, n)
        by_id = {d["id"]: d["file_removed_at"] for d in person.get("/api/v1/documents")["documents"]}
        assert by_id[idle["id"]] and not by_id[document["id"]], by_id


@case
def files_of_nothing_and_rows_of_nothing_are_cleaned():
    """After any crash: a file that no row names goes once it is older than an hour; a row whose file is missing is cleaned in its time."""
    with Kept(PRISM) as server:
        person = server.person()
        document, _, _ = person.reviewed("old.docx", sample())
        server.stop()
        folder = server.data / "files"
        old, new, cut = folder / "zz" / ("zz" + "0" * 24), folder / "zz" / ("zz" + "1" * 24), folder / "tmp" / ("1" * 26)
        (folder / "zz").mkdir(exist_ok=True)
        for path in (old, new, cut):
            path.write_bytes(b"x" * 1000)
        for path in (old, cut):
            os.utime(path, (time.time() - 7200, time.time() - 7200))
        for path in folder.rglob("*"):  # those of the document are old, and named by a row
            if path.is_file() and path not in (new,):
                os.utime(path, (time.time() - 7200, time.time() - 7200))
        server.start()
        until(lambda: not old.exists() and not cut.exists(), "files of nothing are left")
        assert new.exists(), "an upload that has not written its rows yet lost its file"
        person.ask("GET", f"/api/v1/documents/{document['id']}/file", expect=200)
        server.stop()
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink()
        age(server, 9)
        n = passes(server)
        server.start()
        passed(server, n)
        assert person.get(f"/api/v1/documents/{document['id']}")["file_removed_at"]


@case
def killed_while_it_cleans_it_cleans_all_the_same():
    with Kept(PRISM) as server:
        person = server.person()
        for i in range(12):
            person.upload(f"{i}.docx", sample(), review="false")
        server.stop()
        age(server, 9)
        for _ in range(6):
            server.start(ready=False)
            until(lambda: '"event":"started"' in server.read_log(), "not started")
            time.sleep(0.05)
            server.kill()
            (server.folder / "log").rename(server.folder / f"log{time.monotonic_ns()}")
        server.start()
        until(lambda: not files(server), f"left: {files(server)}")
        assert all(d["file_removed_at"] for d in person.get("/api/v1/documents")["documents"])


@case
def books_are_kept_as_long_as_a_budget_or_a_person_asks():
    with Kept(PRISM) as server:
        person = server.person()
        document, _, _ = person.reviewed("kept.docx", sample())
        gone = person.upload("gone.docx", sample())["document"]
        person.ask("DELETE", f"/api/v1/documents/{gone['id']}", expect=204)
        server.stop()
        now = int(time.time() * 1000)
        row = (
            "INSERT INTO model_call (id, at, person, document_id, review_id, purpose, model, asked_model, outcome, tokens_in, tokens_out, cache_read,"
            " cache_write, queue_ms, first_token_ms, whole_ms, cost_microusd, priced, estimated) VALUES (?, ?, 'p', ?, '', 1, 'm', 'm', '', 1, 1, 0, 0, 0, 0, 0, 5, 1, 0)"
        )
        calls = {
            "old of a document that is kept": (now - 90 * DAY_MS, document["id"]),
            "old of one that is gone": (now - 90 * DAY_MS, gone["id"]),
            "of this month": (now - 20 * DAY_MS, gone["id"]),
            "of today": (now, gone["id"]),
            "an old trial": (now - 90 * DAY_MS, ""),
        }
        execute(server, *((row, (name, at, of)) for name, (at, of) in calls.items()))
        n = passes(server)
        server.start()
        passed(server, n)
        left = {name for (name,) in ask(server, "SELECT id FROM model_call")}
        assert left == {"old of a document that is kept", "of this month", "of today"}, left


@case
def room_that_is_freed_is_given_back():
    with Kept(PRISM, PRISM_RETENTION_RECORDS="remove") as server:
        person = server.person()
        for i in range(30):
            person.reviewed(f"{i}.docx", sample())
        server.stop()
        age(server, 9)
        execute(server, "PRAGMA wal_checkpoint(TRUNCATE)")
        full = (server.data / "prism.db").stat().st_size
        n = passes(server)
        server.start()
        passed(server, n)
        # rows of jobs that end behind the pass leave pages for the next one
        until(lambda: ask(server, "PRAGMA freelist_count")[0][0] * PAGE_BYTES < full / 8, "pages are left over")
        server.stop()
        execute(server, "PRAGMA wal_checkpoint(TRUNCATE)")
        left = (server.data / "prism.db").stat().st_size
        print(f"# the store had {full} bytes, and has {left}", flush=True)
        assert left < full / 2, (full, left)


@case
def two_servers_at_once_do_it_once():
    """One takes over from another while both clean."""
    import signal

    with Kept(PRISM) as server:
        person = server.person()
        for i in range(8):
            person.upload(f"{i}.docx", sample(), review="false")
        server.stop()
        age(server, 9)
        server.start()
        server.process.send_signal(signal.SIGHUP)
        until(lambda: not files(server), "files are left")
        events = [k for (k,) in ask(server, "SELECT kind FROM event WHERE kind = 'document.file_removed'")]
        assert len(events) == 8, events


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
