#!/usr/bin/python3
"""What was acknowledged is kept: the server killed at any moment, no space, no right to write, a second server, a foreign or damaged store.

test_kept.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed. TEST_KILLS is how often the server is killed (200).
"""
import io
import json
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from http.client import HTTPException
from pathlib import Path

from serve_util import MULTIPART, Person, Server, corpus, multipart, sample
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
KILLS = int(os.environ.get("TEST_KILLS", "200"))
DECIDERS = 6
CASES = []


def case(function):
    CASES.append(function)
    return function


def store_file(server):
    for path in server.data.rglob("*"):
        if path.is_file() and path.stat().st_size >= 16 and path.read_bytes()[:15] == b"SQLite format 3":
            return path
    raise AssertionError(f"no store in {sorted(server.data.rglob('*'))}")


# --- killed at any moment ---


class Decider(threading.Thread):
    """Changes its own findings as fast as it can. For each it remembers what was acknowledged last, and what was asked and not answered."""

    def __init__(self, port, cookies, kept):
        super().__init__()
        self.person, self.kept, self.over, self.count, self.wrong = Person(port), kept, False, 0, None
        self.person.cookies = dict(cookies)

    def run(self):
        while not self.over:
            finding = random.choice(list(self.kept))
            record = self.kept[finding]
            asked = (random.choice(["open", "accepted", "rejected"]), f"note {random.getrandbits(40):x}")
            record["asked"] = asked
            try:
                answer = self.person.ask("PUT", f"/api/v1/findings/{finding}/decision", {"decision": asked[0], "note": asked[1]})
            except (OSError, HTTPException):
                return  # the server is gone: nobody knows whether this one counts
            if answer.status != 200:
                self.wrong = answer
                return
            record["told"], record["asked"] = asked, None
            self.count += 1


def decided(finding):
    """The note goes with a decision: an open finding has none."""
    return finding["decision"], finding.get("note") or ""


def until_about(count, at_least, spread):
    """Returns at a random moment soon after count() has reached at_least, however fast this machine is."""
    end = time.monotonic() + 60
    while count() < at_least:
        assert time.monotonic() < end, f"only {count()} of {at_least} were acknowledged in a minute"
        time.sleep(0.0005)
    time.sleep(random.uniform(0, spread))


def same(stored, meant):
    return meant is not None and stored[0] == meant[0] and (meant[0] == "open" or stored[1] == meant[1])


@case
def a_server_killed_at_any_moment_keeps_every_acknowledged_decision():
    with Server(PRISM) as server:
        person = server.person()
        _, review, findings = person.reviewed("report.docx", sample())
        assert len(findings) >= DECIDERS, "too few findings to try this"
        kept = {f["id"]: {"told": ("open", ""), "asked": None} for f in findings}
        parts = [{id_: kept[id_] for i, id_ in enumerate(kept) if i % DECIDERS == part} for part in range(DECIDERS)]
        acknowledged = unanswered = 0
        for _ in range(KILLS):
            deciders = [Decider(server.port, person.cookies, part) for part in parts]
            for decider in deciders:
                decider.start()
            until_about(lambda: sum(d.count for d in deciders), random.randrange(2 * DECIDERS), 0.02)  # noqa: B023
            server.kill()
            for decider in deciders:
                decider.over = True
                decider.join()
                assert decider.wrong is None, decider.wrong
                acknowledged += decider.count
            server.start()
            person.close()
            stored = {f["id"]: f for f in person.findings(review["id"])}
            assert stored.keys() == kept.keys()
            for id_, record in kept.items():
                now = decided(stored[id_])
                unanswered += record["asked"] is not None
                assert same(now, record["told"]) or same(now, record["asked"]), f"{id_}: {now}, acknowledged {record}"
                record["told"], record["asked"] = now, None
        print(f"# {KILLS} times killed, {acknowledged} decisions acknowledged, {unanswered} unanswered", flush=True)
        assert acknowledged > KILLS // 2, "the server was killed before it had anything to lose"
        for process_log in ("store_damaged", "no such"):
            assert process_log not in server.read_log()


def real_documents():
    """Some of the corpus, where it is: longer than the sample, so that the server is killed at other places."""
    found = []
    for name in ("apache-poi__bug59058.docx", "apache-poi__bug57031.docx"):
        try:
            found.append(corpus(name))
        except Skip:
            pass
    return found


@case
def uploads_and_exports_that_were_cut_off_are_finished_or_gone():
    """Killed while documents come in: what was acknowledged is there and gets its review; what was not leaves no half document."""
    kinds = [sample(), *real_documents()]
    with Server(PRISM) as server:
        person, told = server.person(), []
        person.get("/api/v1/me")
        for _ in range(12):
            over = threading.Event()

            def upload():
                while not over.is_set():
                    try:
                        number = len(told)
                        told.append(uploader.upload(f"report {number}.docx", kinds[number % len(kinds)]))  # noqa: B023
                    except (OSError, HTTPException):
                        return

            uploader = Person(server.port)
            uploader.cookies = dict(person.cookies)
            thread = threading.Thread(target=upload)
            thread.start()
            until_about(lambda: len(told), len(told) + random.randrange(3), 0.1)
            server.kill()
            over.set()
            thread.join()
            server.start()
            person.close()
        assert told, "no upload was acknowledged"
        listed, cursor = {}, ""
        while True:
            page = person.get(f"/api/v1/documents?limit=100{cursor}")
            listed.update({d["id"]: d for d in page["documents"]})
            if not page.get("next"):
                break
            cursor = f"&cursor={page['next']}"
        for made in told:
            assert made["document"]["id"] in listed, made
            review = person.wait(f"/api/v1/reviews/{made['review']['id']}", 120)
            assert review["state"] == "done", review
            findings = person.findings(review["id"])
            places = [(f["reviewer"]["id"], f["anchor"]["block"], f["anchor"]["start"], f["title"]) for f in findings if f["anchor"]]
            assert len(places) == len(set(places)), "a review that ran again left its findings twice"
        for document in listed.values():  # also one that was kept though nobody was told
            data = kinds[int(document["name"].split()[1].partition(".")[0]) % len(kinds)]
            assert person.ask("GET", f"/api/v1/documents/{document['id']}/file").body == data


# --- asked to end ---


def answer_of(connection):
    """All that comes until the other side closes."""
    got = b""
    while True:
        piece = connection.recv(65536)
        if not piece:
            return got
        got += piece


@case
def a_server_that_is_asked_to_end_finishes_what_it_has_begun():
    """An upload on its way is taken in, event streams are told to come again, reviews that wait are there for the next server, and it ends with 0."""
    with Server(PRISM, PRISM_JOB_WORKERS="1") as server:
        person = server.person()
        document, _, _ = person.reviewed("report.docx", sample())
        cookie = "; ".join(f"{name}={value}" for name, value in person.cookies.items())
        head = f"Host: 127.0.0.1:{server.port}\r\nCookie: {cookie}\r\n"
        with socket.create_connection(("127.0.0.1", server.port), 60) as stream, socket.create_connection(("127.0.0.1", server.port), 60) as upload:
            stream.sendall(f"GET /api/v1/documents/{document['id']}/events HTTP/1.1\r\n{head}\r\n".encode())
            assert stream.recv(4096).startswith(b"HTTP/1.1 200")
            body = multipart({}, "late.docx", sample())
            upload.sendall(f"POST /api/v1/documents HTTP/1.1\r\n{head}Content-Type: {MULTIPART['Content-Type']}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            upload.sendall(body[:1000])
            waiting = [person.upload(f"more {i}.docx", sample())["review"]["id"] for i in range(6)]
            server.process.terminate()
            assert b"event: reconnect" in answer_of(stream)
            upload.sendall(body[1000:])
            answer = answer_of(upload)
            assert answer.startswith(b"HTTP/1.1 201") and b"connection: close" in answer.lower(), answer[:1000]
        assert server.process.wait(60) == 0, server.read_log()[-2000:]
        made = json.loads(answer.partition(b"\r\n\r\n")[2])
        server.start()
        person.close()
        for review in [*waiting, made["review"]["id"]]:
            assert person.wait(f"/api/v1/reviews/{review}")["state"] == "done"
        assert person.ask("GET", f"/api/v1/documents/{made['document']['id']}/file").body == sample()


# --- no space, no right ---


def in_a_small_disk(size):
    """A wrapper that gives the server a data folder of so many bytes; Skip where this machine cannot."""
    script = f'mkdir -p "$PRISM_DATA" && mount -t tmpfs -o size={size} none "$PRISM_DATA" && exec "$@"'
    flags = ["-m"] if os.geteuid() == 0 else ["-U", "-r", "-m"]
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, *flags, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False).returncode:
        raise Skip("a file system of a given size needs the right to mount")
    return [unshare, *flags, "sh", "-c", script, "sh"]


def heavy(number):
    """The sample with a picture of a megabyte that does not shrink."""
    out = io.BytesIO(sample())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as package:
        package.writestr(f"word/media/image{number}.png", random.randbytes(1 << 20))
    return out.getvalue()


def refused_for_space(answer):
    problem = answer.json()
    assert problem["reason"] in ("store_full", "files_full", "no_space"), problem
    assert answer.status in (503, 507), answer
    assert "space" in problem["detail"] + problem["hint"] and problem["hint"], problem


@case
def a_disk_without_room_for_more_takes_decisions_and_deletions():
    with Server(PRISM, wrapper=in_a_small_disk("48m")) as server:
        person = server.person()
        document, review, findings = person.reviewed("first.docx", sample())
        made, refused = [], None
        for i in range(100):
            answer = person.ask("POST", "/api/v1/documents", multipart({}, f"more {i}.docx", heavy(i)), MULTIPART)
            if answer.status >= 400:
                refused = answer
                break
            made.append(answer.json())
        assert refused is not None and len(made) > 5, f"the disk was never full: {len(made)}"
        refused_for_space(refused)
        while refused.status != 507 and made:  # small ones until nothing new is taken
            answer = person.ask("POST", "/api/v1/documents", multipart({}, "small.docx", sample()), MULTIPART)
            if answer.status >= 400:
                refused_for_space(answer)
                break
            made.append(answer.json())
        assert person.ask("GET", "/health").status == 200
        assert person.ask("GET", f"/api/v1/documents/{document['id']}/file").body == sample()
        for i in range(300):
            finding = findings[i % len(findings)]["id"]
            person.put(f"/api/v1/findings/{finding}/decision", {"decision": ("accepted", "rejected")[i % 2], "note": f"note {i}"})
        half = len(made) // 2
        for one in made[:half]:
            answer = person.ask("DELETE", f"/api/v1/documents/{one['document']['id']}")
            assert answer.status == 204, answer
        document, _, _ = person.reviewed("after.docx", heavy(0))
        for one in made[half:]:  # what had to wait for room went on
            assert person.wait(f"/api/v1/reviews/{one['review']['id']}")["state"] == "done"
        assert {f["id"] for f in person.findings(review["id"])} == {f["id"] for f in findings}


def fill(server, leave):
    """Another program's file on the small disk of a server, so that only `leave` bytes are left; returns it."""
    foreign = Path(f"/proc/{server.process.pid}/root{server.data}/foreign")
    with open(foreign, "wb", buffering=0) as file:
        try:
            while True:
                disk = os.statvfs(foreign)
                if 0 < leave >= disk.f_bavail * disk.f_frsize:
                    break
                file.write(bytes(1 << 16))
        except OSError:
            pass
    return foreign


@case
def reviews_that_wait_go_on_when_there_is_room():
    with Server(PRISM, wrapper=in_a_small_disk("64m"), PRISM_JOB_WORKERS="1") as server:
        person, foreign, reviews = server.person(), None, []

        def states():
            return [person.get(review)["state"] for review in reviews]

        for _ in range(20):  # until the disk is full before the reviews are done
            if foreign:
                foreign.unlink()
            reviews += [f"/api/v1/reviews/{person.upload(f'{i}.docx', sample())['review']['id']}" for i in range(8)]
            foreign = fill(server, 6 << 20)  # enough for all of them, and less than the reserve
            end, before, waiting = time.monotonic() + 30, None, states()
            while ("running" in waiting or waiting != before) and time.monotonic() < end:  # what was claimed before ends
                time.sleep(0.3)
                before, waiting = waiting, states()
            assert set(waiting) <= {"queued", "done"}, waiting
            if "queued" in waiting:
                break
        assert "queued" in waiting, "nothing ever had to wait"
        time.sleep(1.5)  # the runner looks again every second
        assert states() == waiting
        assert "room_short" in server.read_log()
        foreign.unlink()
        for review in reviews:
            assert person.wait(review)["state"] == "done"


@case
def a_disk_that_another_program_filled_takes_deletions():
    with Server(PRISM, wrapper=in_a_small_disk("48m")) as server:
        person = server.person()
        document, _, findings = person.reviewed("kept.docx", sample())
        others = [person.reviewed(f"other {i}.docx", sample())[0] for i in range(3)]
        first = findings[0]["id"]
        person.put(f"/api/v1/findings/{first}/decision", {"decision": "accepted", "note": "kept"})
        foreign = fill(server, 0)
        refused, told = None, "kept"
        for i in range(2000):  # what the store has at hand may still take some
            answer = person.ask("PUT", f"/api/v1/findings/{first}/decision", {"decision": "accepted", "note": f"note {i}"})
            if answer.status != 200:
                refused = answer
                break
            told = f"note {i}"
        assert refused is not None, "the disk was never full"
        refused_for_space(refused)
        refused_for_space(person.ask("POST", "/api/v1/documents", multipart({}, "more.docx", sample()), MULTIPART))
        refused_for_space(person.ask("POST", f"/api/v1/documents/{document['id']}/reviews", {}))
        for other in others:
            answer = person.ask("DELETE", f"/api/v1/documents/{other['id']}")
            assert answer.status == 204, answer
        assert person.get(f"/api/v1/findings/{first}")["note"] == told
        person.put(f"/api/v1/findings/{first}/decision", {"decision": "accepted", "note": "in the room that was made"})
        foreign.unlink()
        person.put(f"/api/v1/findings/{first}/decision", {"decision": "rejected", "note": "again"})
        person.reviewed("more.docx", sample())


@case
def a_read_only_data_folder_is_said():
    server = Server(PRISM)
    with server:
        server.person().reviewed("report.docx", sample())
        server.stop()
        before = store_file(server).read_bytes()
        script = 'mount --bind "$PRISM_DATA" "$PRISM_DATA" && mount -o remount,ro,bind "$PRISM_DATA" && exec "$@"'
        in_a_small_disk("1m")  # skips where nothing can be mounted
        flags = ["-m"] if os.geteuid() == 0 else ["-U", "-r", "-m"]
        server.wrapper = ["unshare", *flags, "sh", "-c", script, "sh"]
        (server.folder / "log").unlink()
        code, said = server.start(ready=False).ended()
        assert code not in (0, -11, -6), (code, said)
        assert "read-only" in said or "cannot be written" in said or "not allowed to write" in said, said
        assert str(server.data) in said, said
        assert store_file(server).read_bytes() == before


@case
def a_second_server_on_the_same_data_is_refused():
    with Server(PRISM) as first:
        person = first.person()
        _, _, findings = person.reviewed("report.docx", sample())
        second = Server(PRISM, folder=Path(tempfile.mkdtemp(prefix="prism-second-")), PRISM_DATA=str(first.data))
        try:
            code, said = second.start(ready=False).ended()
        finally:
            shutil.rmtree(second.folder, ignore_errors=True)
        assert code not in (0, -11, -6), (code, said)
        assert str(first.data) in said and "in use" in said, said
        assert str(first.process.pid) in said, "it does not say which process holds the folder"
        person.put(f"/api/v1/findings/{findings[0]['id']}/decision", {"decision": "accepted", "note": ""})


def refused_store(change):
    """Starts a server on a store that change() altered; returns what it said. The file must be left as it is."""
    with Server(PRISM) as server:
        server.person().reviewed("report.docx", sample())
        server.stop()
        path = store_file(server)
        change(path)
        before = path.read_bytes()
        (server.folder / "log").unlink()
        code, said = server.start(ready=False).ended()
        assert code not in (0, -11, -6), (code, said)
        assert path.read_bytes() == before, "the store was changed"
        assert str(server.data) in said, said
        return said


def execute(path, statement):
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


def prism_on(server, *words):
    return subprocess.run([PRISM, *words], env={**server.environment()}, capture_output=True, text=True, timeout=120, check=False)


@case
def a_backup_of_a_busy_server_is_restored():
    with Server(PRISM) as server, tempfile.TemporaryDirectory() as folder:
        person = server.person()
        (server.data / "prism.conf").write_text("PRISM_LOG_LEVEL=warn\n", encoding="utf-8")
        made, review, findings = person.reviewed("report.docx", sample())
        kept = {f["id"]: {} for f in findings}
        deciders = [Decider(server.port, person.cookies, dict([item])) for item in list(kept.items())[:DECIDERS]]
        for decider in deciders:
            decider.start()
        done = prism_on(server, "backup", folder + "/backup")
        for decider in deciders:
            decider.over = True
        for decider in deciders:
            decider.join()
            assert not decider.wrong, decider.wrong
        assert done.returncode == 0 and "backed up" in done.stdout, done
        file = person.ask("GET", f"/api/v1/documents/{made['id']}/file", expect=200).body
        again = prism_on(server, "backup", folder + "/backup")
        assert again.returncode == 2 and "not empty" in again.stderr, again
        with Server(PRISM) as other:
            other.stop()
            shutil.rmtree(other.data)
            back = prism_on(other, "restore", folder + "/backup")
            assert back.returncode == 0 and "restored" in back.stdout, back
            assert (other.data / "prism.conf").read_text(encoding="utf-8") == "PRISM_LOG_LEVEL=warn\n"
            other.start()
            same = other.person()
            same.cookies = dict(person.cookies)
            assert same.ask("GET", f"/api/v1/documents/{made['id']}/file", expect=200).body == file
            assert {f["id"] for f in same.findings(review["id"])} == set(kept)
            assert prism_on(other, "restore", folder + "/backup").returncode == 2  # there is something already


@case
def a_backup_that_was_changed_is_not_restored():
    with Server(PRISM) as server, tempfile.TemporaryDirectory() as folder:
        person, copies = server.person(), Path(folder)
        person.upload("report.docx", sample(), review="false")
        assert prism_on(server, "backup", str(copies / "good")).returncode == 0

        def refused(name, change):
            copy = copies / name
            shutil.copytree(copies / "good", copy)
            change(copy)
            with Server(PRISM) as other:
                other.stop()
                shutil.rmtree(other.data)
                done = prism_on(other, "restore", str(copy))
                assert done.returncode == 2 and done.stderr, (name, done)
                assert not list(other.data.rglob("*")) if other.data.exists() else True
                return done.stderr

        def manifest(change):
            def apply(copy):
                text = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
                change(text)
                (copy / "manifest.json").write_text(json.dumps(text), encoding="utf-8")

            return apply

        assert "manifest" in refused("no manifest", lambda copy: (copy / "manifest.json").unlink())
        assert "prism.db" in refused("a byte", lambda copy: (copy / "prism.db").write_bytes((copy / "prism.db").read_bytes()[:-1] + b"x"))
        refused("a file is gone", lambda copy: next(p for p in (copy / "files").rglob("*") if p.is_file()).unlink())
        refused("of another kind", manifest(lambda m: m.update(format="other/1")))
        refused("out of the folder", manifest(lambda m: m["files"].append({"path": "../../evil", "bytes": 0, "sha256": "0"})))
        refused("no json", lambda copy: (copy / "manifest.json").write_text("{", encoding="utf-8"))


@case
def a_store_from_a_newer_version_is_left_alone():
    said = refused_store(lambda path: execute(path, "PRAGMA user_version = 9999"))
    assert "newer" in said, said


@case
def another_program_s_database_is_left_alone():
    def foreign(path):
        for side in path.parent.glob(path.name + "-*"):
            side.unlink()
        path.unlink()
        execute(path, "CREATE TABLE recipes (name TEXT)")

    said = refused_store(foreign)
    assert "not" in said and "prism" in said.lower(), said


@case
def a_damaged_store_is_said_and_left_alone():
    def damage(path):
        data = bytearray(path.read_bytes())
        data[0:64] = os.urandom(64)
        path.write_bytes(data)

    said = refused_store(damage)
    assert "damaged" in said or "not a database" in said or "no store" in said, said


sys.exit(run(CASES, sys.argv[2:]))
