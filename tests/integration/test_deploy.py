#!/usr/bin/python3
"""What deploy/ holds, on real parts: the main job through nginx, a reload of the server behind it, the unit of systemd.

test_deploy.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed.
"""
import datetime
import http.server
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
import threading
import time
import zipfile
from pathlib import Path

from serve_util import MULTIPART, SOURCE, START_SECONDS, Person, Server, free_port, multipart, sample
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
DEPLOY = SOURCE / "deploy"
CASES = []


def case(function):
    CASES.append(function)
    return function


class Nginx:
    """nginx with deploy/nginx/prism.conf as it is, but for the ports and the place of its files. http: what else its main file says; listen: more of that line;
    changes: of prism.conf; healthd: with deploy/nginx/healthd.conf."""

    def __init__(self, server, http="", listen="", changes=(), healthd=False):
        self.nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        if not os.path.exists(self.nginx):
            raise Skip("nginx is not installed")
        self.upstream, self.port, self.process = server.port, free_port(), None
        self.http, self.listen, self.changes, self.healthd = http, listen, changes, healthd
        self.folder = Path(tempfile.mkdtemp(prefix="prism-nginx-"))

    def configure(self):
        text = (DEPLOY / "nginx" / "prism.conf").read_text(encoding="utf-8")
        for old, new in (("listen 80;", f"listen 127.0.0.1:{self.port}{self.listen};"), ("server 127.0.0.1:8000;", f"server 127.0.0.1:{self.upstream};"), *self.changes):
            assert old in text, old
            text = text.replace(old, new)
        if self.healthd:
            (self.folder / "healthd").mkdir(mode=0o777)
            agent = (DEPLOY / "nginx" / "healthd.conf").read_text(encoding="utf-8")
            assert "/var/log/nginx/healthd/" in agent
            text += agent.replace("/var/log/nginx/healthd/application", f"{self.folder}/healthd/application").replace("root /usr/share/nginx/html;", f"root {self.folder};")
        (self.folder / "prism.conf").write_text(text, encoding="utf-8")
        temporary = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root; " if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user}daemon off; worker_processes 2; pid {self.folder}/pid; error_log {self.folder}/error.log info;\n"
            f"events {{ worker_connections 1024; }}\nhttp {{ {temporary} access_log {self.folder}/access.log; {self.http} include {self.folder}/prism.conf; }}\n",
            encoding="utf-8",
        )
        self.command = [self.nginx, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log")]
        checked = subprocess.run([*self.command, "-T"], capture_output=True, text=True, check=False)
        return checked.returncode, checked.stderr, checked.stdout

    def __enter__(self):
        code, said, _ = self.configure()
        assert code == 0 and "warn" not in said, said
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                assert self.process.poll() is None and time.monotonic() < end, self.errors()
                time.sleep(0.01)

    def read(self, name):
        path = self.folder / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def errors(self):
        return self.read("error.log")

    def wait_access(self, pattern):
        """A line is written after the answer."""
        end = time.monotonic() + START_SECONDS
        while not re.search(pattern, self.read("access.log"), re.M):
            assert time.monotonic() < end, (pattern, self.read("access.log"))
            time.sleep(0.01)

    def __exit__(self, *_):
        try:
            if self.process:
                self.process.terminate()
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
def under_a_path_of_the_proxy():
    # the proxy may take the path off (a slash at the end of proxy_pass), or leave it
    for end in ("/", ""):
        place = ("    location / {\n        proxy_pass http://prism;\n", f"    location /tools/prism{end} {{\n        proxy_pass http://prism{end};\n")
        with Server(PRISM, PRISM_BASE_PATH="/tools/prism") as server, Nginx(server, changes=(place,)) as nginx:
            person, base = Person(nginx.port), "/tools/prism"
            page = person.ask("GET", f"{base}/", expect=200)
            paths = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
            if page.headers["Content-Type"].startswith("text/html"):
                assert paths and all(path.startswith(f"{base}/assets/") for path in paths), paths
                for path in paths:
                    assert "immutable" in person.ask("GET", path, expect=200).headers["Cache-Control"]
                assert f'<meta name="base" content="{base}"' in page.body.decode()
                assert page.headers["ETag"] != Person(server.port).ask("GET", "/assets/none").headers.get("ETag")
                assert person.ask("GET", f"{base}/", headers={"If-None-Match": page.headers["ETag"]}, expect=304).body == b""
            made = person.ask("POST", f"{base}/api/v1/documents", multipart({}, "report.docx", sample()), MULTIPART, 201)
            assert f"Path={base};" in made.headers["Set-Cookie"], made.headers
            document, review = made.json()["document"]["id"], made.json()["review"]["id"]
            assert made.headers["Location"] == f"{base}/api/v1/documents/{document}", made.headers
            assert person.ask("GET", made.headers["Location"], expect=200).json()["id"] == document
            assert person.wait(f"{base}/api/v1/reviews/{review}")["state"] == "done"
            export = person.ask("POST", f"{base}/api/v1/reviews/{review}/exports", {"format": "docx"}, expect=202)
            assert person.wait(export.headers["Location"])["state"] == "done"
            assert person.ask("GET", export.headers["Location"] + "/file", expect=200).body[:2] == b"PK"
            # straight at the server, both forms and what is near them
            straight = Person(server.port)
            for path in ("/health", f"{base}/health", f"{base}/api/v1/server", "/api/v1/server", base):
                assert straight.ask("GET", path).status == 200, path
            for path in (f"{base}x/health", f"{base}{base}/health", "/tools/health"):
                assert straight.ask("GET", path).status == 404, path
            assert "crit" not in nginx.errors() and "[error]" not in nginx.errors(), nginx.errors()
    for path in ("prism", "/prism/", "/api", "/health/x", "/a b", "/../x", "//x", "/"):
        with tempfile.TemporaryDirectory() as folder:
            server = Server(PRISM, folder, PRISM_BASE_PATH=path)
            server.start(ready=False)
            code, said = server.ended()
            assert code == 2 and "PRISM_BASE_PATH" in said, (path, code, said)


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


PAGE_BYTES = 389686  # as large as the page of the replaced system, for which its nginx warned


class Pages:
    """A server whose every answer has PAGE_BYTES; counts its connections."""

    def __enter__(self):
        pages = self
        self.connections, self.finished = 0, threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                pages.connections += 1

            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Length", str(PAGE_BYTES))
                self.end_headers()
                self.wfile.write(b"p" * PAGE_BYTES)
                pages.finished.set()

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


def read_slowly(port, until):
    """Asks for a page with the smallest window, reads nothing before until() is true, and then everything; returns how much of it came."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        s.settimeout(START_SECONDS)
        s.connect(("127.0.0.1", port))
        s.sendall(b"GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        end = time.monotonic() + START_SECONDS
        while not until():
            assert time.monotonic() < end
            time.sleep(0.01)
        got = b""
        while piece := s.recv(65536):
            got += piece
    return len(got.split(b"\r\n\r\n", 1)[1])


@case
def a_slow_reader_of_a_page_costs_no_temporary_file():
    little = " sndbuf=8k"  # of the kernel, which would otherwise hold the page itself
    # nginx as it comes does spill it, so this reader is slow enough
    stock = ("    proxy_buffers 32 16k;\n    proxy_busy_buffers_size 64k;\n    proxy_max_temp_file_size 0;\n", "")
    with Pages() as pages, Nginx(pages, listen=little, changes=(stock,)) as nginx:
        assert read_slowly(nginx.port, lambda: "buffered to a temporary file" in nginx.errors()) == PAGE_BYTES
    with Pages() as pages, Nginx(pages, listen=little) as nginx:
        # the server is done with it before its reader has read a byte
        assert read_slowly(nginx.port, pages.finished.is_set) == PAGE_BYTES
        nginx.wait_access("GET /page")
        assert "temporary file" not in nginx.errors(), nginx.errors()


@case
def connections_to_the_server_are_kept():
    with Pages() as pages, Nginx(pages) as nginx:
        for _ in range(40):
            Person(nginx.port).ask("GET", "/page", expect=200)  # a client of its own each time
        assert pages.connections <= 10, f"{pages.connections} connections for 40 requests by 2 workers"


@case
def main_files_of_distributions_take_it_without_a_warning():
    types = "/etc/nginx/mime.types"
    if not os.path.exists(types):
        raise Skip(f"no {types}")
    stock = {
        "Debian": f"sendfile on; tcp_nopush on; types_hash_max_size 2048; include {types}; default_type application/octet-stream; gzip on;",
        "Amazon Linux": f"sendfile on; tcp_nopush on; keepalive_timeout 65; types_hash_max_size 4096; include {types}; default_type application/octet-stream;",
        "nginx's own": f"include {types}; default_type application/octet-stream; sendfile on; keepalive_timeout 65;",
        # as it was where nginx warned
        "Elastic Beanstalk": f"include {types}; types_hash_max_size 1024; types_hash_bucket_size 64; gzip on; gzip_comp_level 4;",
    }
    with Pages() as pages:
        for name, http_part in stock.items():
            with Nginx(pages, http=http_part, healthd=True):
                pass
            print(f"# {name} takes it")
        sizes = ("    types_hash_max_size 4096;\n    types_hash_bucket_size 128;\n", "")
        nginx = Nginx(pages, http=f"include {types}; types_hash_max_size 64;", changes=(sizes,))
        code, said, _ = nginx.configure()
        shutil.rmtree(nginx.folder)
        assert code == 0 and "could not build optimal types_hash" in said, said


@case
def limits_are_those_of_the_server():
    with Pages() as pages:
        nginx = Nginx(pages)
        code, said, text = nginx.configure()
        shutil.rmtree(nginx.folder)
    assert code == 0, said
    text = re.sub(r"#.*", "", text)
    for name in ("proxy_read_timeout", "proxy_send_timeout", "send_timeout"):
        assert re.search(rf"^ {{4}}{name} 600s;", text, re.M), name
    rows = dict(re.findall(r"^\| `(\w+)` \| `(\d+)` \|", (SOURCE / "docs" / "configuration.md").read_text(encoding="utf-8"), re.M))
    (limit,) = re.findall(r"client_max_body_size (\d+)k;", text)
    assert int(limit) * 1024 == int(rows["MAX_CONTENT_LENGTH"]) + 65536, "the largest upload and the room of the form around it"


@case
def health_and_assets_go_straight_through():
    with Server(PRISM) as server, Nginx(server, http="gzip on; gzip_types *; gzip_proxied any;") as nginx:
        person, direct = Person(nginx.port), Person(server.port)
        health = person.ask("GET", "/health", expect=200)
        assert len(health.body) == 62 and json.loads(health.body)["status"] == "healthy", health
        page = person.ask("GET", "/", expect=200)
        asset = next(a for a in re.findall(r"/assets/[A-Za-z0-9._-]+", page.body.decode()) if a.endswith(".js"))
        for coding in ("identity", "gzip", "br"):
            through, own = (p.ask("GET", asset, headers={"Accept-Encoding": coding}, expect=200) for p in (person, direct))
            assert through.body == own.body
            for header in ("Content-Encoding", "Cache-Control", "ETag", "Content-Length", "Vary"):
                assert through.headers[header] == own.headers[header], (coding, header, through.headers[header], own.headers[header])
        tag = through.headers["ETag"]
        assert person.ask("GET", asset, headers={"If-None-Match": tag, "Accept-Encoding": "br"}).status == 304
        person.ask("GET", "/api/v1/version", expect=None)
        nginx.wait_access("GET /api/v1/version")
        assert "/health" not in nginx.read("access.log") and "/assets/" not in nginx.read("access.log"), nginx.read("access.log")
        server.stop()
        assert Person(nginx.port).ask("GET", "/health").status == 502, "nobody else answers for the server"


@case
def the_health_agent_has_its_log():
    with Server(PRISM) as server, Nginx(server, healthd=True) as nginx:
        before = datetime.datetime.now()
        Person(nginx.port).ask("GET", "/", headers={"X-Forwarded-For": "177.72.242.17"}, expect=200)
        Person(nginx.port).ask("GET", "/nowhere?token=secret", expect=404)
        nginx.wait_access("/nowhere")
        folder, lines = nginx.folder / "healthd", []
        end = time.monotonic() + START_SECONDS
        while len(lines) < 2:
            assert time.monotonic() < end, list(folder.iterdir())
            lines = [line for path in sorted(folder.iterdir()) for line in path.read_text(encoding="utf-8").splitlines()]
        names = {path.name for path in folder.iterdir()}
        hours = {f"application.log.{t:%Y-%m-%d-%H}" for t in (before, datetime.datetime.now())}
        assert names <= hours, (names, hours)
        lines.sort(key=lambda line: line.split('"')[1])  # two workers write
        assert re.fullmatch(r'\d+\.\d{3}"/"200"\d+\.\d{3}"\d+\.\d{3}"177\.72\.242\.17', lines[0]), lines
        assert re.fullmatch(r'\d+\.\d{3}"/nowhere"404"\d+\.\d{3}"\d+\.\d{3}"-', lines[1]), lines
        # the reader of log bundles takes it as the agent does
        logs = nginx.folder / "bundle" / "nginx" / "healthd"
        shutil.copytree(folder, logs)
        told = subprocess.run([PRISM, "logs", "report", str(nginx.folder / "bundle"), "-f", "json"], capture_output=True, text=True, check=False)
        assert json.loads(told.stdout)["latency"]["requests"] == 2, told.stdout[:2000]


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
