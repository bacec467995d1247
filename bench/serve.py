#!/usr/bin/env python3
"""The server beside nginx that serves the same bytes, and the whole job over HTTP, in one run; prints the tables and holds the budgets.

Requests per second are measured by wrk against both servers in turns, on loopback, each with as many threads as this machine gives both. nginx
sends the same body from a file with the same fields in its head (those of its own making are its own); it makes a request id as we do.
Where a row says CPU, that is what the server itself has used: wall time on a busy machine measures the neighbours. The rest has no peer: start to first answer, memory, 10,000 idle connections, upload to stored findings, many people at once. Ends with 1
when a budget is missed. Every load is bounded in count and time, and only 127.0.0.1 is asked.

serve.py [--seconds S] [--people N] [--idle N]
"""
import argparse
import concurrent.futures
import http.client
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import hold
from processes import Tree, raise_descriptors

ROOT = Path(__file__).resolve().parent.parent
PRISM = Path(os.environ.get("BENCH_BUILD", ROOT / "build/release")) / "src/prism"
BOUNDARY = "prism-bench-5f1c0d"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
held = []


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def budget(name, got, wanted, at_least):
    ok = got >= wanted if at_least else got <= wanted
    held.append(ok)
    print(f"{'pass' if ok else 'MISS'}  {name:<76}{got:>9.2f}   {'at least' if at_least else 'at most'} {wanted:g}")


class Client:
    """One person: a connection and the visitor's cookie."""

    def __init__(self, port):
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookie = None
        self.times_ms = []
        self.headers = []  # of the last answer

    def ask(self, method, path, body=None, kind="application/json"):
        headers = {"Content-Type": kind} if body is not None else {}
        if self.cookie:
            headers["Cookie"] = self.cookie
        start = time.perf_counter()
        self.http.request(method, path, body, headers)
        answer = self.http.getresponse()
        data = answer.read()
        self.times_ms.append((time.perf_counter() - start) * 1000)
        self.headers = answer.getheaders()
        if answer.getheader("Set-Cookie"):
            self.cookie = answer.getheader("Set-Cookie").split(";")[0]
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {data[:300].decode(errors='replace')}")
        return data

    def json(self, method, path, body=None):
        return json.loads(self.ask(method, path, None if body is None else json.dumps(body)))

    def upload(self, name, data):
        head = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n' f"Content-Type: {DOCX}\r\n\r\n").encode()
        body = head + data + f"\r\n--{BOUNDARY}--\r\n".encode()
        return json.loads(self.ask("POST", "/api/v1/documents", body, f"multipart/form-data; boundary={BOUNDARY}"))

    def wait(self, path, seconds=60):
        end = time.monotonic() + seconds
        while True:
            got = self.json("GET", path)
            if got["state"] not in ("queued", "running"):
                return got
            if time.monotonic() > end:
                raise RuntimeError(f"{path} is still {got['state']} after {seconds} s")
            time.sleep(0.02)


class Prism(Tree):
    def __init__(self, folder, **settings):
        self.port = free_port()
        env = {"PATH": os.environ["PATH"], "PORT": str(self.port), "PRISM_DATA": str(folder), "PRISM_LOG_LEVEL": "error",
               "PRISM_MAX_CONNECTIONS": "20000", "PRISM_MAX_CONNECTIONS_PER_CLIENT": "20000", **settings}
        start = time.perf_counter()
        self.process = subprocess.Popen([PRISM, "serve"], env=env, stdout=subprocess.DEVNULL)
        super().__init__(self.process.pid)
        while True:
            try:
                Client(self.port).ask("GET", "/health")
                break
            except OSError:
                if self.process.poll() is not None or time.perf_counter() - start > 10:
                    sys.exit("prism serve did not start")
                time.sleep(0.001)
        self.start_ms = (time.perf_counter() - start) * 1000
        self.start_cpu_ms = self.cpu_ms()

    def memory_kb(self):
        """Of the supervisor and its server."""
        return self.rss_kb()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Nginx:
    """Serves files that hold what prism answered, on as many workers as there are processors (root's, if we are: our folder is closed to others)."""

    OWN = ("date", "content-type", "content-length", "connection", "etag", "accept-ranges", "last-modified", "set-cookie")

    @staticmethod
    def value_of(name, value):
        return "$request_id" if name.lower() == "x-request-id" else json.dumps(value)

    def __init__(self, folder, files):
        self.port, root = free_port(), folder / "root"
        root.mkdir()
        places = ""
        for name, (data, headers) in files.items():
            (root / name).write_bytes(data)
            fields = "".join(f"add_header {n} {self.value_of(n, v)};\n" for n, v in headers if n.lower() not in self.OWN)
            kind = next(v for n, v in headers if n.lower() == "content-type").split(";")[0]
            places += f"location = /{name} {{ types {{}} default_type {kind};\n{fields} }}\n"
        conf = folder / "nginx.conf"
        conf.write_text(
            f"{'user root; ' if os.geteuid() == 0 else ''}worker_processes auto; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off;\n"
            "events { worker_connections 1024; }\n"
            f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; open_file_cache max=100;\n"
            f"client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
            f"server {{ listen 127.0.0.1:{self.port}; root {root}; {places} }} }}\n", encoding="ascii")
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.process = subprocess.Popen([nginx, "-c", conf, "-p", folder], stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        sys.exit("nginx did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def wrk(port, path, seconds, cookie=None):
    command = ["wrk", "-t2", "-c64", f"-d{seconds}s", f"http://127.0.0.1:{port}{path}", *(["-H", f"Cookie: {cookie}"] if cookie else [])]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in out:
        sys.exit(f"wrk port {port} {path}: not all answers were good\n{out}")
    return float(next(line.split()[1] for line in out.splitlines() if line.startswith("Requests/sec")))


def speed(prism, folder, document, seconds):
    client = Client(prism.port)
    document_id = client.upload("report.docx", document)["document"]["id"]
    paths = {"health": "/health", "page": "/", "document": f"/api/v1/documents/{document_id}"}
    nginx = Nginx(folder, {name: (client.ask("GET", path), client.headers) for name, path in paths.items()})
    try:
        print(f"\n{'requests a second':<40}{'prism':>12}{'nginx':>12}{'ratio':>8}")
        for name, path in paths.items():
            ours, peer = [], []
            for _ in range(3):
                ours.append(wrk(prism.port, path, seconds, client.cookie))
                peer.append(wrk(nginx.port, f"/{name}", seconds))
            o, p = statistics.median(ours), statistics.median(peer)
            print(f"{path[:38]:<40}{o:>12.0f}{p:>12.0f}{o / p:>8.2f}")
            if name != "document":  # a row of the store, access checked: a file has neither, so this row is shown and holds no budget
                budget(f"{path}: part of nginx's requests a second", o / p, 0.5, True)
    finally:
        nginx.stop()


def whole_job(port, name, data):
    """Upload, read, decide half, export, download. Returns the times of all requests, waiting for jobs not among them."""
    me = Client(port)
    made = me.upload(name, data)
    review = me.wait(f"/api/v1/reviews/{made['review']['id']}")
    if review["state"] != "done":
        raise RuntimeError(f"the review is {review['state']}: {review['problem']}")
    me.ask("GET", f"/api/v1/documents/{made['document']['id']}/content")
    findings = me.json("GET", f"/api/v1/reviews/{review['id']}/findings?limit=100")["findings"]
    for i, finding in enumerate(findings[:20]):
        me.json("PUT", f"/api/v1/findings/{finding['id']}/decision", {"decision": "rejected" if i % 3 == 0 else "accepted"})
    export = me.json("POST", f"/api/v1/reviews/{review['id']}/exports", {"format": "docx", "include": "accepted"})
    export = me.wait(f"/api/v1/exports/{export['id']}")
    if export["state"] != "done":
        raise RuntimeError(f"the export is {export['state']}")
    if me.ask("GET", f"/api/v1/exports/{export['id']}/file")[:2] != b"PK":
        raise RuntimeError("the export is no zip file")
    return me.times_ms


def upload_to_findings(prism, big):
    client, taken, used = Client(prism.port), [], []
    for _ in range(5):
        start, cpu = time.perf_counter(), prism.cpu_ms()
        made = client.upload("big.docx", big)
        review = client.wait(f"/api/v1/reviews/{made['review']['id']}")
        taken.append(time.perf_counter() - start)
        used.append((prism.cpu_ms() - cpu) / 1000)
        if review["state"] != "done":
            sys.exit(f"the review of the big document is {review['state']}")
    budget("upload of the 200-page document until its findings are stored, best of 5, s", min(taken), 1, False)
    print(f"      median {statistics.median(taken):.2f} s; CPU {statistics.median(used):.2f} s")


def people(prism, document, n):
    start, cpu = time.perf_counter(), prism.cpu_ms()
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        jobs = [pool.submit(whole_job, prism.port, f"report {i}.docx", document) for i in range(n)]
        times = []
        errors = []
        for job in jobs:
            try:
                times += job.result()
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)
    for error in errors[:5]:
        print(f"      {error}")
    times.sort()
    print(f"\n{n} people at once: {time.perf_counter() - start:.1f} s, {len(times)} requests, "
          f"CPU of the server {(prism.cpu_ms() - cpu) / 1000:.1f} s, median {statistics.median(times):.1f} ms, p95 {times[int(len(times) * 0.95)]:.1f} ms, "
          f"slowest {times[-1]:.0f} ms (this client included)")
    budget(f"errors among {n} people", len(errors), 0, False)


def idle(prism, n):
    room = raise_descriptors(n + 200) - 200
    if room < n:
        print(f"this machine allows {room + 200} descriptors: {room} connections")
        n = room
    before = prism.memory_kb()
    held_ones = hold.Held(prism.port, n)
    try:
        after = prism.memory_kb()
        times, failed = hold.newcomers(prism.port, 200)
        budget("idle connections held and answered", held_ones.answered - failed, n, True)
        budget("memory of an idle connection, KB", (after - before) / n, 12, False)
        budget("/health beside them, p95 of new connections, ms", hold.p95(times), 10, False)
    finally:
        held_ones.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--idle", type=int, default=10000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="prism-bench-") as name:
        folder = Path(name)
        subprocess.run([sys.executable, str(ROOT / "bench/gen.py"), str(folder / "big.docx")], check=True)
        sample = PRISM.parent.parent / "tools/report.docx"
        big = (folder / "big.docx").read_bytes()
        document = sample.read_bytes() if sample.exists() else big
        starts, cpu = [], []
        for i in range(5):
            prism = Prism(folder / f"data{i}")
            starts.append(prism.start_ms)
            cpu.append(prism.start_cpu_ms)
            if i < 4:
                prism.stop()
        try:
            budget("start to the first 200 on /health, best of 5, ms", min(starts), 100, False)
            print(f"      median {statistics.median(starts):.0f} ms; CPU {statistics.median(cpu):.0f} ms, what is loaded in the background included")
            budget("memory at rest, MB", prism.memory_kb() / 1024, 40, False)
            idle(prism, args.idle)
            speed(prism, folder, document, args.seconds)
            upload_to_findings(prism, big)
            people(prism, document, args.people)
            print(f"memory after all of it: {prism.memory_kb() / 1024:.0f} MB")
        finally:
            prism.stop()
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
