#!/usr/bin/python3
"""What deploy/ holds, on real parts: the main job through nginx, a reload of the server behind it, the unit of systemd.

test_deploy.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed.
"""
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from serve_util import SOURCE, START_SECONDS, Person, Server, free_port, sample
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
DEPLOY = SOURCE / "deploy"
CASES = []


def case(function):
    CASES.append(function)
    return function


class Nginx:
    """nginx with deploy/nginx/prism.conf as it is, but for the ports and the place of its files."""

    def __init__(self, server):
        self.nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        if not os.path.exists(self.nginx):
            raise Skip("nginx is not installed")
        self.server, self.port, self.process = server, free_port(), None
        self.folder = Path(tempfile.mkdtemp(prefix="prism-nginx-"))

    def __enter__(self):
        text = (DEPLOY / "nginx" / "prism.conf").read_text(encoding="utf-8")
        for old, new in (("listen 80;", f"listen 127.0.0.1:{self.port};"), ("server 127.0.0.1:8000;", f"server 127.0.0.1:{self.server.port};")):
            assert old in text, old
            text = text.replace(old, new)
        (self.folder / "prism.conf").write_text(text, encoding="utf-8")
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root; " if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user}daemon off; worker_processes 2; pid {self.folder}/pid; error_log {self.folder}/error.log info;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{ {temporary} access_log {self.folder}/access.log; include {self.folder}/prism.conf; }}\n",
            encoding="utf-8",
        )
        self.command = [self.nginx, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log")]
        checked = subprocess.run([*self.command, "-t"], capture_output=True, text=True, check=False)
        assert checked.returncode == 0 and "warn" not in checked.stderr, checked.stderr
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                assert self.process.poll() is None and time.monotonic() < end, self.errors()
                time.sleep(0.01)

    def errors(self):
        path = self.folder / "error.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(START_SECONDS)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


def padded(size):
    """The sample report made this large by an entry that is only stored."""
    out = io.BytesIO(sample())
    with zipfile.ZipFile(out, "a") as package:
        package.writestr(zipfile.ZipInfo("word/media/noise.bin"), b"")
    short = size - len(out.getvalue())
    out = io.BytesIO(sample())
    with zipfile.ZipFile(out, "a") as package:
        package.writestr(zipfile.ZipInfo("word/media/noise.bin"), os.urandom(short))
    return out.getvalue()


@case
def the_main_job_through_nginx():
    with Server(PRISM) as server, Nginx(server) as nginx:
        person = Person(nginx.port)
        page = person.ask("GET", "/", expect=200)
        for asset in re.findall(rb"/assets/[A-Za-z0-9._-]+", page.body):
            assert len(person.ask("GET", asset.decode(), expect=200).body) > 0
        made, review, findings = person.reviewed("report.docx", sample())
        assert findings
        person.put(f"/api/v1/findings/{findings[0]['id']}/decision", {"decision": "accepted"})
        assert person.get(f"/api/v1/documents/{made['id']}/content")["blocks"]
        export = person.post(f"/api/v1/reviews/{review['id']}/exports", {"format": "docx"}, expect=202)
        export = person.wait(f"/api/v1/exports/{export['id']}")
        assert person.ask("GET", f"/api/v1/exports/{export['id']}/file", expect=200).body[:2] == b"PK"
        assert "temporary file" not in nginx.errors() and "[error]" not in nginx.errors() and "[warn]" not in nginx.errors(), nginx.errors()


@case
def uploads_to_the_limit_and_not_beyond():
    limit = 16 << 20
    with Server(PRISM) as server, Nginx(server) as nginx:
        person = Person(nginx.port)
        data = padded(limit)
        assert len(data) == limit
        made = person.upload("large.docx", data, review="false")["document"]
        assert made["size_bytes"] == limit
        assert person.ask("GET", f"/api/v1/documents/{made['id']}/file", expect=200).body == data
        # what is a little too large is refused by the server in words, what is far too large by nginx
        assert person.upload("larger.docx", data + b"x", expect=413)["reason"] in ("too_large", "body_too_large")
        person.close()
        assert person.ask("POST", "/api/v1/documents", b"x" * (17 << 20), {"Content-Type": "multipart/form-data; boundary=x"}).status == 413
        assert "temporary file" not in nginx.errors(), nginx.errors()


@case
def live_events_pass_as_they_come():
    with Server(PRISM) as server, Nginx(server) as nginx:
        person = Person(nginx.port)
        made = person.upload("report.docx", sample(), review="false")["document"]
        cookies = "; ".join(f"{k}={v}" for k, v in person.cookies.items())
        with socket.create_connection(("127.0.0.1", nginx.port), timeout=START_SECONDS) as s:
            s.sendall(f"GET /api/v1/documents/{made['id']}/events HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n".encode())
            person.post(f"/api/v1/documents/{made['id']}/reviews", {}, expect=202)
            got = b""
            while b"event: review.done" not in got:
                piece = s.recv(65536)
                assert piece, got
                got += piece


@case
def the_client_is_the_one_behind_nginx():
    with Server(PRISM, PRISM_LOG_LEVEL="debug") as server, Nginx(server) as nginx:
        person = Person(nginx.port)
        person.ask("GET", "/api/v1/rules", headers={"X-Forwarded-For": "203.0.113.7"}, expect=200)
        (line,) = server.wait_log(r'^.*"path":"/api/v1/rules".*$')
        # nginx appends the address that it sees; this machine is a trusted proxy itself, so the next one counts
        assert json.loads(line[0])["client"] == "203.0.113.7", line[0]
        cookie = Person(server.port).ask("GET", "/api/v1/me", headers={"X-Forwarded-Proto": "https"})
        assert "Secure" in cookie.headers["Set-Cookie"], cookie.headers


@case
def a_reload_behind_nginx_has_no_error():
    if not shutil.which("wrk"):
        raise Skip("wrk is not installed")
    with Server(PRISM) as server, Nginx(server) as nginx:
        load = subprocess.Popen(["wrk", "-t2", "-c32", "-d5s", f"http://127.0.0.1:{nginx.port}/"], stdout=subprocess.PIPE, text=True)
        for _ in range(2):
            time.sleep(1)
            server.process.send_signal(signal.SIGHUP)
        said, _ = load.communicate()
        assert "Socket errors" not in said and "Non-2xx" not in said, (said, nginx.errors()[-2000:])
        assert server.read_log().count('"event":"reloading"') == 2


@case
def the_unit_of_systemd_is_sound():
    if not shutil.which("systemd-analyze"):
        raise Skip("systemd-analyze is not installed")
    with tempfile.TemporaryDirectory() as folder:
        text = (DEPLOY / "systemd" / "prism.service").read_text(encoding="utf-8")
        assert "ExecStart=/usr/local/bin/prism serve" in text
        unit = Path(folder) / "prism.service"
        unit.write_text(text.replace("/usr/local/bin/prism", PRISM).replace("Documentation=man:prism(1)\n", ""), encoding="utf-8")
        done = subprocess.run(["systemd-analyze", "verify", "--recursive-errors=no", str(unit)], capture_output=True, text=True, check=False)
        if "Failed to" in done.stderr and "manager" in done.stderr:
            raise Skip("systemd-analyze cannot work here")
        assert done.returncode == 0 and "prism.service:" not in done.stderr, done.stderr
        done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(unit)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-500:]


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
