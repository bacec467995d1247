#!/usr/bin/python3
"""What the server does with many, slow and odd clients: limits of connections and of time, memory, HEAD, ranges, what caches are told.

test_serving.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed.
"""
import gzip
import io
import os
import re
import resource
import socket
import sys
import threading
import time
import zipfile
from pathlib import Path

from contract import CONTRACT
from serve_util import Person, Server, sample
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
PATIENCE_S = 60
CASES = []


def case(function):
    CASES.append(function)
    return function


def connect(server, receive_bytes=None):
    s = socket.socket()
    if receive_bytes:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    s.settimeout(PATIENCE_S)
    s.connect(("127.0.0.1", server.port))
    return s


def head(server, method, path, **fields):
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}"] + [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def cookie_of(person):
    return "; ".join(f"{name}={value}" for name, value in person.cookies.items())


def server_pid(server):
    """Of the server process, under the supervisor."""
    for task in Path(f"/proc/{server.process.pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            return int(child)
    raise AssertionError("no server process")


def memory_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii")).group(1)) / 1024


def until(what, true):
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s in vain: {what}"
        time.sleep(0.02)


def hold(server, count):
    """So many connections that have a place: those that are told to come again do so."""
    held = []

    def one_more():
        s = connect(server)
        s.sendall(head(server, "GET", "/api/v1/server"))
        if s.recv(4096).startswith(b"HTTP/1.1 200"):
            held.append(s)
            return len(held) == count
        s.close()
        return False

    until("each has its place", one_more)
    return held


# --- how many ---


@case
def when_it_is_full_others_are_told_and_health_is_answered():
    with Server(PRISM, PRISM_MAX_CONNECTIONS="16") as server:
        held = hold(server, 16)
        for _ in range(20):
            full = Person(server.port).ask("GET", "/api/v1/rules", expect=503)
            assert full.json()["reason"] == "too_many_connections" and full.json()["hint"], full
            assert int(full.headers["Retry-After"]) > 0 and full.headers["Connection"] == "close", full.headers
            assert len(Person(server.port).ask("GET", "/health", expect=200).body) == 62
            assert Person(server.port).ask("GET", "/ready", expect=200).headers["Connection"] == "close"
        held[0].sendall(head(server, "GET", "/api/v1/rules"))  # who has a place keeps it
        assert held[0].recv(65536).startswith(b"HTTP/1.1 200")
        for s in held:
            s.close()

        def there_is_room():
            return Person(server.port).ask("GET", "/api/v1/rules").status == 200

        until("there is room again", there_is_room)


@case
def one_client_has_no_more_than_its_share():
    with Server(PRISM, PRISM_MAX_CONNECTIONS_PER_CLIENT="4", PRISM_TRUSTED_PROXIES="none") as server:
        held = hold(server, 4)
        many = Person(server.port).ask("GET", "/api/v1/rules", expect=429)
        assert many.json()["reason"] == "too_many_from_you" and int(many.headers["Retry-After"]) > 0, many
        assert Person(server.port).ask("GET", "/health").status == 200
        for s in held:
            s.close()


@case
def two_thousand_connections_are_held():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(2000, (hard if hard != resource.RLIM_INFINITY else 1 << 20) - 500)
    if count < 500:
        raise Skip(f"only {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count + 200), hard))
    with Server(PRISM) as server:
        Person(server.port).ask("GET", "/health", expect=200)
        held = []
        try:
            for _ in range(count):
                s = connect(server)
                s.sendall(head(server, "GET", "/health"))
                held.append(s)
            for s in held:
                assert s.recv(4096).startswith(b"HTTP/1.1 200")
            Person(server.port).ask("GET", "/api/v1/rules", expect=200)
            for s in held:  # each is still open, and used again
                s.sendall(head(server, "GET", "/health"))
            for s in held:
                assert s.recv(4096).startswith(b"HTTP/1.1 200")
        finally:
            for s in held:
                s.close()


# --- how slow ---


class Trickle(threading.Thread):
    """Sends a byte now and then until the server hangs up."""

    def __init__(self, server, first, more):
        super().__init__()
        self.s, self.more, self.cut = connect(server), more, False
        self.s.sendall(first)

    def run(self):
        end = time.monotonic() + PATIENCE_S
        self.s.settimeout(0.1)
        while time.monotonic() < end and not self.cut:
            try:
                self.s.sendall(self.more)
                self.cut = self.s.recv(4096) == b""
            except socket.timeout:
                pass
            except OSError:
                self.cut = True
        self.s.close()


SHORT = {"PRISM_HEAD_TIMEOUT": "1", "PRISM_BODY_TIMEOUT": "1", "PRISM_IDLE_TIMEOUT": "2", "PRISM_REQUEST_TIMEOUT": "3"}


@case
def slow_senders_are_cut_and_nobody_else_notices():
    with Server(PRISM, **SHORT) as server:
        fields = {"Content_Length": "100000", "Content_Type": "multipart/form-data; boundary=x"}
        slow = [Trickle(server, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", b"a") for _ in range(20)]
        slow += [Trickle(server, head(server, "POST", "/api/v1/documents", **fields), b"a") for _ in range(20)]
        slow += [Trickle(server, b"", b"") for _ in range(20)]
        for one in slow:
            one.start()
        asked = 0
        while any(one.is_alive() for one in slow):
            assert Person(server.port).ask("GET", "/health").status == 200
            asked += 1
        for one in slow:
            one.join()
        assert all(one.cut for one in slow) and asked > 0


def large_document(size):
    """The sample report with a picture that no packing makes smaller."""
    out = io.BytesIO(sample())
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as package:
        package.writestr("word/media/large.bin", os.urandom(size))
    return out.getvalue()


@case
def slow_readers_cost_no_memory_and_are_cut():
    size, count = 24 << 20, 30
    with Server(PRISM, MAX_CONTENT_LENGTH=str(32 << 20)) as server:
        person = server.person()
        made = person.upload("large.docx", large_document(size), review="false")["document"]
        server.stop()
        server.settings["PRISM_REQUEST_TIMEOUT"] = "4"
        server.start()
        person.close()
        path = f"/api/v1/documents/{made['id']}/file"
        pid = server_pid(server)
        before = memory_mb(pid)
        readers = [connect(server, 4096) for _ in range(count)]
        for s in readers:
            s.sendall(head(server, "GET", path, Cookie=cookie_of(person)))
            assert s.recv(100).startswith(b"HTTP/1.1 200")
        most = memory_mb(pid)
        got = 0
        while True:  # one of them takes a little now and then; that does not help
            piece = readers[0].recv(1000)
            got += len(piece)
            most = max(most, memory_mb(pid))
            if not piece:
                break
            time.sleep(0.01)
        assert got < size, got
        for s in readers[1:]:  # what the kernel has taken already comes, and then the end
            left = 0
            while piece := s.recv(1 << 16):
                left += len(piece)
            assert left < size, left
            s.close()
        assert most - before < 100, f"{most - before:.0f} MB for {count} slow readers of {size >> 20} MB"
        assert len(person.ask("GET", path, expect=200).body) > size


# --- what is asked for, and how ---


def things(server):
    """A document with a review, an export and a talk; the values of the parameters of the routes."""
    person = server.person()
    made, review, findings = person.reviewed("report.docx", sample())
    export = person.post(f"/api/v1/reviews/{review['id']}/exports", {"format": "json"}, 202)
    person.wait(f"/api/v1/exports/{export['id']}")
    return person, {"document": made["id"], "review": review["id"], "finding": findings[0]["id"], "export": export["id"]}


@case
def every_get_answers_head():
    with Server(PRISM) as server:
        person, ids = things(server)
        asked = 0
        for method, path in sorted(CONTRACT.operations):
            if method != "get" or path.endswith("/events"):
                continue
            path = re.sub(r"\{(\w+)\}", lambda m: ids.get(m.group(1), "0123456789abcdefghjkmnpqrs"), path)
            got, told = person.ask("GET", path), person.ask("HEAD", path)
            assert told.status == got.status and told.body == b"", (path, got.status, told.status)
            same = ["Content-Type", "ETag", "Cache-Control", "Accept-Ranges"]
            assert [told.headers[n] for n in same] == [got.headers[n] for n in same], (path, told.headers, got.headers)
            if path not in ("/ready", "/metrics"):
                assert told.headers["Content-Length"] == got.headers["Content-Length"], path
            asked += 1
        assert asked > 15, asked
        # a stream has a head too, and nothing behind it
        with connect(server) as s:
            s.sendall(head(server, "HEAD", f"/api/v1/documents/{ids['document']}/events", Cookie=cookie_of(person)))
            got = b""
            while b"\r\n\r\n" not in got:
                got += s.recv(4096)
            assert got.startswith(b"HTTP/1.1 200") and b"text/event-stream" in got and got.endswith(b"\r\n\r\n"), got


@case
def parts_of_files_are_given():
    with Server(PRISM) as server:
        person, ids = things(server)
        for path in (f"/api/v1/documents/{ids['document']}/file", f"/api/v1/exports/{ids['export']}/file"):
            whole = person.ask("GET", path, expect=200)
            tag, size = whole.headers["ETag"], len(whole.body)

            def part(wanted, status, **more):
                return person.ask("GET", path, headers={"Range": wanted, **{k.replace("_", "-"): v for k, v in more.items()}}, expect=status)  # pylint: disable=cell-var-from-loop

            assert part("bytes=0-0", 206).body == whole.body[:1]
            assert part("bytes=5-", 206).body == whole.body[5:]
            assert part("bytes=-7", 206).body == whole.body[-7:]
            assert part("bytes=3-99999999", 206).headers["Content-Range"] == f"bytes 3-{size - 1}/{size}"
            outside = part(f"bytes={size}-", 416)
            assert outside.headers["Content-Range"] == f"bytes */{size}" and outside.json()["reason"] == "bad_range"
            assert part("bytes=0-1,4-5", 200).body == whole.body, "several ranges are answered with the whole"
            assert part("lines=1-2", 200).body == whole.body
            assert part("bytes=0-3", 206, If_Range=tag).body == whole.body[:4]
            assert part("bytes=0-3", 200, If_Range='"of an older one"').body == whole.body
            assert part("bytes=0-3", 304, If_None_Match=tag).body == b""
            told = person.ask("HEAD", path, headers={"Range": "bytes=0-3"})
            assert told.status == 206 and told.headers["Content-Length"] == "4", told.headers


@case
def the_page_is_never_stale_and_its_parts_are_kept():
    with Server(PRISM) as server:
        person = server.person()
        page = person.ask("GET", "/")
        if page.status == 404:
            raise Skip("this program was built without pages")
        for path in ("/", "/documents/0123456789abcdefghjkmnpqrs"):
            answer = person.ask("GET", path, expect=200)
            assert answer.headers["Cache-Control"] == "no-cache" and answer.headers["ETag"], answer.headers
            assert person.ask("GET", path, headers={"If-None-Match": answer.headers["ETag"]}, expect=304).headers["ETag"]
        asset = re.search(r'src="(/assets/[^"]+\.js)"', page.body.decode()).group(1)
        plain = person.ask("GET", asset, expect=200)
        assert plain.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        rows = (("gzip", "gzip"), ("br;q=0.5, gzip", "gzip"), ("br, gzip;q=0.5", "br"), ("*", "br"), ("br;q=0, *", "gzip"), ("identity", None), ("gzip;q=0", None))
        for accepted, wanted in rows:
            answer = person.ask("GET", asset, headers={"Accept-Encoding": accepted}, expect=200)
            assert answer.headers["Content-Encoding"] == wanted and answer.headers["Vary"] == "Accept-Encoding", (accepted, answer.headers)
            if wanted == "gzip":
                assert gzip.decompress(answer.body) == plain.body
            again = person.ask("GET", asset, headers={"Accept-Encoding": accepted, "If-None-Match": answer.headers["ETag"]}, expect=304)
            assert again.headers["Vary"] == "Accept-Encoding", again.headers
            assert answer.headers["ETag"] != plain.headers["ETag"] or wanted is None


@case
def what_scanners_ask_is_a_clear_4xx():
    with Server(PRISM) as server:
        for path in ("/wp-login.php", "/.env", "/admin/config", "/cgi-bin/test", "/api/v2/x"):
            assert Person(server.port).ask("GET", path).status == 404
        stranger = Person(server.port).ask("GET", "/", headers={"Host": "203.0.113.9"}, expect=403)
        assert stranger.json()["reason"] == "wrong_host" and stranger.json()["hint"], stranger
        # a load balancer asks by address, or by a name that nobody has listed
        for host in ("172.31.32.81", "ai-prism.eu-north-1.elasticbeanstalk.com:8000"):
            assert len(Person(server.port).ask("GET", "/health", headers={"Host": host}, expect=200).body) == 62
            assert Person(server.port).ask("GET", "/ready", headers={"Host": host}, expect=200)
        for odd in (*(line + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" for line in (b"GET /../../etc/passwd", b"GET /%c0%ae", b"TRACE /")), b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"):
            with connect(server) as s:
                s.sendall(odd)
                got = b""
                try:
                    while piece := s.recv(4096):
                        got += piece
                except ConnectionResetError:
                    pass
                assert got == b"" or re.match(rb"HTTP/1\.[01] 4\d\d ", got), (odd, got)


@case
def the_name_that_a_proxy_gave_a_request_is_kept():
    with Server(PRISM, PRISM_LOG_LEVEL="debug") as server:
        answer = Person(server.port).ask("GET", "/api/v1/rules", headers={"X-Request-Id": "from-nginx-1"})
        assert answer.headers["X-Request-Id"] == "from-nginx-1"
        root = "1-67891233-abcdef012345678912345678"
        answer = Person(server.port).ask("GET", "/api/v1/nothing", headers={"X-Amzn-Trace-Id": f"Self=1-1-1;Root={root}"}, expect=404)
        assert answer.headers["X-Request-Id"] == root and answer.json()["request_id"] == root
        server.wait_log(r'"request":"from-nginx-1"')
        server.wait_log(f'"request":"{root}"')


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
