#!/usr/bin/python3
"""GET /api/v1/status: who may see it, that its numbers are those of what happened, and what it says of parts that do not work.

test_status.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. Every answer is held to docs/openapi.yaml (contract.py).
"""
import os
import shutil
import signal
import sqlite3
import sys
import time

from contract import CONTRACT, Visitor
from serve_util import Server, sample, until
from tap import run

PRISM = os.path.abspath(sys.argv[1])
TOKEN = "an-administrators-token"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}
STATUS = "/api/v1/status"
CASES = []


def case(function):
    CASES.append(function)
    return function


class Served(Server):
    def person(self):
        return Visitor(self.port)


def total(values):
    return sum(v for v in values if v is not None)


def part(status, name):
    return next(p for p in status["parts"] if p["part"] == name)


@case
def administrators_see_it_and_nobody_else():
    with Served(PRISM, PRISM_ADMIN_TOKEN=TOKEN) as server:
        person = server.person()
        for headers in ({}, {"Authorization": "Bearer wrong"}):
            said = person.ask("GET", STATUS, headers=headers, expect=403).json()
            assert said["reason"] == "not_admin" and "parts" not in said, said
        assert person.ask("GET", STATUS, headers=ADMIN, expect=200).json()["parts"]
        page = person.ask("GET", "/status", expect=200)  # the page itself tells nothing
        assert page.headers["Content-Type"].startswith("text/html") and b"pid" not in page.body
    with Served(PRISM) as server:  # of this machine, without a token: whoever asks from here
        server.person().get(STATUS)


@case
def a_server_that_is_well_says_so_and_what_it_is():
    with Served(PRISM) as server:
        person = server.person()
        status = person.get(STATUS)
        states = {p["part"]: p["state"] for p in status["parts"]}
        assert states == {"store": "ok", "files": "ok", "disk": "ok", "rules": "ok", "bus": "ok", "models": "not_configured", "bucket": "not_configured"}, states
        (me,) = status["instances"]
        assert me["pid"] != server.process.pid and os.path.exists(f"/proc/{me['pid']}")
        assert me["version"] == person.get("/api/v1/server")["version"] and me["restarts"] == 0 and me["memory_bytes"] > 1 << 20
        assert 0 < me["workers_busy"] <= me["workers"] and 0 < me["connections"] <= me["connections_max"]
        assert [q["kind"] for q in status["queue"]] == ["review", "export", "sweep", "model", "guidelines"]
        assert status["models"]["configured"] is False and status["problems"] == [], status["problems"]
        assert len(status["minutes"]["requests"]) == 60 and total(status["minutes"]["reviews"]) == 0
        assert status["minutes"]["requests"][0] is None, "nobody was there an hour ago"


@case
def requests_errors_and_times_are_those_that_happened():
    with Served(PRISM) as server:
        person = server.person()

        def counts():
            m = person.get(STATUS)["minutes"]
            return total(m["requests"]), total(m["errors_4xx"]), total(m["errors_5xx"])

        before = counts()
        for _ in range(20):
            person.get("/api/v1/server")
        for _ in range(7):
            person.ask("GET", "/api/v1/documents/nothing", expect=404)
        for _ in range(5):
            person.ask("GET", "/health", expect=200)
            person.ask("GET", "/ready", expect=200)
        # a request is counted when its answer has gone out; asking for the status counts as well
        until(lambda: counts()[0] - before[0] >= 28, "requests are missing")
        _, wrong, failed = counts()
        assert (wrong - before[1], failed - before[2]) == (7, 0), (before, counts())
        m = person.get(STATUS)["minutes"]
        for a, b, c in zip(m["p50_ms"], m["p90_ms"], m["p99_ms"]):
            assert (a is None) == (b is None) == (c is None) and (a is None or 0 < a <= b <= c), (a, b, c)
        assert any(v is not None for v in m["p50_ms"])


@case
def reviews_documents_and_bytes_are_those_that_are_there():
    with Served(PRISM) as server:
        person = server.person()
        for i in range(3):
            person.reviewed(f"{i}.docx", sample())
        status = person.get(STATUS)
        assert total(status["minutes"]["reviews"]) == 3
        assert status["storage"]["documents"] == 3 and status["storage"]["files_removed"] == 0
        assert all(q["queued"] + q["running"] == 0 for q in status["queue"] if q["kind"] != "sweep"), status["queue"]
        until(lambda: person.get(STATUS)["storage"]["files_bytes"] > 0, "no bytes of files", 90)
        there = sum(p.stat().st_size for p in (server.data / "files").rglob("*") if p.is_file() and p.parent.name != "tmp")
        told = until(lambda: (s := person.get(STATUS)["storage"])["files_bytes"] == there and s, f"{there} bytes are there", 90)
        assert told["store_bytes"] >= (server.data / "prism.db").stat().st_size and told["free_bytes"] <= told["disk_bytes"]


@case
def what_is_not_done_is_in_the_queue():
    with Served(PRISM) as server:
        person = server.person()
        _, review, _ = person.reviewed("a.docx", sample())
        server.stop()
        far = int(time.time() * 1000) + 24 * 3600 * 1000
        db = sqlite3.connect(server.data / "prism.db")
        db.execute("UPDATE job SET state = 1, lease_until = ?, worker = 'other' WHERE ref = ?", (far, review["id"]))
        db.execute("INSERT INTO job (id, kind, ref, state, attempts, not_before, lease_until, worker, reason, created_at) VALUES ('j', 1, 'x', 0, 0, ?, 0, '', '', 1000)", (far,))
        db.commit()
        db.close()
        server.start()
        person.close()
        queue = {q["kind"]: q for q in person.get(STATUS)["queue"]}
        assert queue["review"]["running"] == 1 and queue["export"]["queued"] == 1, queue
        assert queue["export"]["oldest_at"].startswith("1970-01-01T00:00:01"), queue["export"]


@case
def calls_of_models_and_their_cost_outlive_the_server():
    with Served(PRISM) as server:
        server.stop()
        now = int(time.time() * 1000)
        db = sqlite3.connect(server.data / "prism.db")
        for i in range(6):
            db.execute(
                "INSERT INTO model_call (id, at, person, document_id, review_id, purpose, model, asked_model, outcome, tokens_in, tokens_out, cache_read, cache_write,"
                " queue_ms, first_token_ms, whole_ms, cost_microusd, priced, estimated) VALUES (?, ?, 'p', '', '', 1, 'm', 'm', ?, 10, 5, 0, 0, 0, 0, 0, 2500, 1, 0)",
                (f"c{i}", now - i * 120_000, "throttled" if i == 0 else ""),
            )
        db.commit()
        db.close()
        server.start()
        m = server.person().get(STATUS)["minutes"]
        assert total(m["model_calls"]) == 6 and total(m["model_failed"]) == 1, m
        assert max(m["model_calls"]) == 1, "each in a minute of its own"


@case
def a_part_that_does_not_work_is_named_and_what_was_logged_is_listed():
    with Served(PRISM) as server:
        person = server.person()
        shutil.rmtree(server.data / "files" / "tmp")
        status = person.get(STATUS)
        assert part(status, "files")["state"] == "failed" and part(status, "files")["message"], part(status, "files")
        assert part(status, "store")["state"] == "ok"
        person.upload("secret name.docx", sample(), expect=500)
        found = until(lambda: [p for p in person.get(STATUS)["problems"] if p["event"] == "request_failed"], "nothing is listed")
        assert found[0]["level"] == "error" and found[0]["reason"] == "files_failed" and found[0]["message"], found
        assert "secret name" not in str(found) and "suspended" not in str(found)
        (server.data / "files" / "tmp").mkdir()
        assert part(person.get(STATUS), "files")["state"] == "ok"


@case
def a_process_that_died_is_counted():
    with Served(PRISM) as server:
        person = server.person()
        (first,) = person.get(STATUS)["instances"]
        os.kill(first["pid"], signal.SIGKILL)

        def again():
            try:
                (now,) = server.person().get(STATUS)["instances"]
            except (OSError, AssertionError):
                return None
            return now["pid"] != first["pid"] and now

        now = until(again, "no other process serves")
        assert now["restarts"] == 1, now


@case
def what_was_removed_is_told():
    with Served(PRISM, PRISM_RETENTION_DAYS="3") as server:
        person = server.person()
        person.upload("old.docx", sample(), review="false")
        server.stop()
        db = sqlite3.connect(server.data / "prism.db")
        db.execute("UPDATE document SET used_at = used_at - ?", (5 * 24 * 3600 * 1000,))
        db.commit()
        db.close()
        server.start()
        person.close()
        told = until(lambda: (s := person.get(STATUS)["storage"])["retention"]["passed_at"] and s, "no pass")
        assert told["retention"]["documents"] == 1 and told["retention"]["days"] == 3 and told["retention"]["records"] == "keep", told
        assert told["files_removed"] == 1 and told["documents"] == 1, told


@case
def all_of_its_operations_were_asked():
    assert not CONTRACT.not_asked("status"), CONTRACT.not_asked("status")


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
