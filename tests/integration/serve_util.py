"""What the tests of the server share: a server of its own for each test, people who ask it.

A server has a free loopback port and a data folder of its own, is told nothing by the environment of the test, and is stopped when its
`with` block ends; what it wrote to stderr is then held to be free of sanitizer reports.
"""
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import zipfile
from http.client import HTTPConnection
from pathlib import Path

from tap import Skip

SOURCE = Path(os.environ.get("TEST_SOURCE", Path(__file__).resolve().parents[2]))
SHARED = Path(os.environ.get("TEST_SHARED", SOURCE.parent / "shared"))
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BOUNDARY = "----prism-test-8d1f2c"
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
REPORTS = ("AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error:", "Assertion")
KEPT_ENVIRONMENT = ("PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH")
START_SECONDS, STOP_SECONDS = 30, 60  # sanitizers on a busy machine


def until(what, said, seconds=60):
    """Waits until what() is true, and returns it."""
    end = time.monotonic() + seconds
    while not (got := what()):
        assert time.monotonic() < end, said
        time.sleep(0.05)
    return got


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:600]!r}"


class Person:
    """Somebody with a browser of their own: a connection and the cookies that were set."""

    def __init__(self, port):
        self.port, self.cookies, self.http = port, {}, None

    def ask(self, method, path, body=None, headers=None, expect=None):
        """body: bytes as they are, or anything else as JSON. expect: the status that it must be."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if self.cookies and "Cookie" not in headers:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.http is None:
            self.http = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            self.http.request(method, path, body, headers)
            answer = Answer(self.http.getresponse())
        except Exception:
            self.close()
            raise
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        assert expect is None or answer.status == expect, f"{method} {path}: expected {expect}, got {answer}"
        return answer

    def get(self, path, expect=200):
        return self.ask("GET", path, expect=expect).json()

    def post(self, path, body, expect=201):
        return self.ask("POST", path, body, expect=expect).json()

    def put(self, path, body, expect=200):
        return self.ask("PUT", path, body, expect=expect).json()

    def upload(self, name, data, expect=201, **fields):
        return self.ask("POST", "/api/v1/documents", multipart(fields, name, data), MULTIPART, expect).json()

    def wait(self, path, seconds=60):
        """Until the review or export at path is over; returns it."""
        end = time.monotonic() + seconds
        while True:
            got = self.get(path)
            if got["state"] not in ("queued", "running"):
                return got
            assert time.monotonic() < end, f"{path} is still {got['state']} after {seconds} s"
            time.sleep(0.03)

    def reviewed(self, name, data, **fields):
        """Uploads and waits: (document, review, its findings)."""
        made = self.upload(name, data, **fields)
        review = self.wait(f"/api/v1/reviews/{made['review']['id']}")
        assert review["state"] == "done", review
        return made["document"], review, self.findings(review["id"])

    def findings(self, review_id, query=""):
        """All of them, page by page."""
        found, cursor = [], ""
        while True:
            page = self.get(f"/api/v1/reviews/{review_id}/findings?limit=100{query}{cursor}")
            found += page["findings"]
            if not page.get("next"):
                return found
            cursor = f"&cursor={page['next']}"

    def close(self):
        if self.http is not None:
            self.http.close()
            self.http = None


def multipart(fields, file_name, data, field="file"):
    body = b""
    for name, value in fields.items():
        body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
    quoted = file_name.replace("\\", "\\\\").replace('"', '\\"')
    body += f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{quoted}"\r\nContent-Type: {DOCX}\r\n\r\n'.encode()
    return body + data + f"\r\n--{BOUNDARY}--\r\n".encode()


class Server:
    """`with Server(prism) as s:` runs `prism serve`; settings are environment variables by name."""

    def __init__(self, prism, folder=None, wrapper=(), **settings):
        self.prism, self.wrapper, self.settings = prism, list(wrapper), settings
        self.made = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="prism-serve-"))
        self.port, self.process, self.log = None, None, ""
        self.data = self.folder / "data"

    def environment(self):
        env = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        return {**env, "HOME": str(self.folder), "PRISM_DATA": str(self.data), "PORT": str(self.port), **self.settings}

    def start(self, ready=True):
        self.port = self.port or free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [*self.wrapper, self.prism, "serve"], env=self.environment(), cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        if ready:
            self.until_ready()
        return self

    def until_ready(self):
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                if Person(self.port).ask("GET", "/ready").status == 200:
                    return
            except OSError:
                pass
            assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.read_log()[-3000:]}"
            assert time.monotonic() < end, f"the server is not ready:\n{self.read_log()[-3000:]}"
            time.sleep(0.01)

    def read_log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def wait_log(self, pattern, count=1):
        """The matches of a pattern in the log, once there are enough: a request's line is written after its answer has gone out."""
        pattern, end = re.compile(pattern, re.M), time.monotonic() + START_SECONDS
        while len(found := list(pattern.finditer(self.read_log()))) < count:
            assert time.monotonic() < end, f"{pattern.pattern} is not in the log:\n{self.read_log()[-3000:]}"
            time.sleep(0.01)
        return found

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Asks it to end and returns its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
                raise AssertionError(f"the server did not end:\n{self.read_log()[-3000:]}") from None
        return self.process.returncode

    def ended(self):
        """Waits for a server that cannot start: (exit code, what it said)."""
        self.process.wait(START_SECONDS)
        return self.process.returncode, self.read_log()

    def person(self):
        return Person(self.port)

    def __enter__(self):
        return self.start() if self.process is None else self

    def __exit__(self, kind, _value, _traceback):
        log = ""
        try:
            if self.process is not None:
                self.stop()
        finally:
            log = self.read_log()
            if kind is not None:
                print("".join(f"# log: {line}\n" for line in log.splitlines()[-40:]), end="")
            if self.made:
                shutil.rmtree(self.folder, ignore_errors=True)
        for report in REPORTS:
            assert report not in log, log[log.index(report) - 200 :][:6000]


def sample():
    """The sample report as the bytes of a .docx, zipped from its parts."""
    root, out = SOURCE / "samples" / "report", io.BytesIO()
    names = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(names, key=lambda n: n != "[Content_Types].xml"):
            package.write(root / name, name)
    return out.getvalue()


def corpus(name):
    path = SHARED / "corpus" / name
    if not path.exists():
        raise Skip(f"no {path}")
    return path.read_bytes()

