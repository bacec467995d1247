#!/usr/bin/python3
"""A server that speaks https itself, asked by Python's ssl (OpenSSL) and by curl: what a browser needs, certificates that are refused, a new one at a
reload under load, clients that are slow within the handshake.

test_tls.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed.
"""
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from http.client import HTTPSConnection
from pathlib import Path

from serve_util import KEPT_ENVIRONMENT, START_SECONDS, Person, Server, sample
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
PATIENCE_S = 60
CASES = []


def case(function):
    CASES.append(function)
    return function


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


def certificate(folder, name, days=30):
    """Paths of a self-signed certificate and its key; days below 0: one that has expired."""
    if not shutil.which("openssl"):
        raise Skip("openssl is not installed")
    cert, key, asked, more = (f"{folder}/{name}.{end}" for end in ("pem", "key", "csr", "cnf"))
    Path(more).write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n", encoding="ascii")
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-subj", f"/CN={name}", "-out", asked)
    openssl("x509", "-req", "-in", asked, "-signkey", key, "-days", str(days), "-extfile", more, "-out", cert)
    os.chmod(key, 0o600)
    return cert, key


def trusting(cert):
    return ssl.create_default_context(cafile=cert)


class SafePerson(Person):
    """Somebody who asks by https and trusts the certificate."""

    def __init__(self, port, context):
        super().__init__(port)
        self.context = context

    def ask(self, method, path, body=None, headers=None, expect=None):
        if self.http is None:
            self.http = HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_S, context=self.context)
        return super().ask(method, path, body, headers, expect)


class SafeServer(Server):
    def __init__(self, prism, cert, key, **settings):
        super().__init__(prism, PRISM_TLS_CERT=cert, PRISM_TLS_KEY=key, **settings)
        self.context = ssl.create_default_context()
        self.context.check_hostname, self.context.verify_mode = False, ssl.CERT_NONE

    def person(self):
        return SafePerson(self.port, self.context)

    def until_ready(self):
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                if self.person().ask("GET", "/ready").status == 200:
                    return
            except OSError:
                pass
            assert self.process.poll() is None, f"the server ended with {self.process.returncode}:\n{self.read_log()[-3000:]}"
            assert time.monotonic() < end, f"the server is not ready:\n{self.read_log()[-3000:]}"
            time.sleep(0.01)

    def connect(self):
        return self.context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S))


def until(what, true):
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, f"waited {PATIENCE_S} s in vain: {what}"
        time.sleep(0.02)


def server_pid(server):
    for task in Path(f"/proc/{server.process.pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            return int(child)
    raise AssertionError("no server process")


@case
def the_main_job_by_https():
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "one")
        with SafeServer(PRISM, cert, key) as server:
            server.context = trusting(cert)
            assert f"prism serves on https://127.0.0.1:{server.port}" in server.read_log()
            person = server.person()
            made, review, findings = person.reviewed("report.docx", sample())
            assert findings and person.ask("GET", f"/api/v1/documents/{made['id']}/file", expect=200).body == sample()
            part = person.ask("GET", f"/api/v1/documents/{made['id']}/file", headers={"Range": "bytes=5-9"}, expect=206)
            assert part.body == sample()[5:10]
            person.put(f"/api/v1/findings/{findings[0]['id']}/decision", {"decision": "accepted"})
            export = person.post(f"/api/v1/reviews/{review['id']}/exports", {"format": "docx"}, 202)
            assert person.wait(f"/api/v1/exports/{export['id']}")["state"] == "done"
            page = person.ask("GET", "/health", expect=200)
            assert page.headers["Strict-Transport-Security"].startswith("max-age="), page.headers
            assert "Strict-Transport-Security" not in person.ask("GET", "/health", headers={"Host": f"localhost:{server.port}"}, expect=200).headers
            mine = server.person().ask("PUT", "/api/v1/me", {"name": "x"}, {"Origin": f"https://127.0.0.1:{server.port}"}, expect=200)
            assert "Secure" in mine.headers["Set-Cookie"] and "HttpOnly" in mine.headers["Set-Cookie"], mine.headers
            # a refusal while a body is still to come is heard
            other = server.person()
            answer = other.ask("PUT", "/api/v1/me", {"name": "x" * 300000})
            assert answer.status == 413 and answer.json()["reason"] == "body_too_large", answer


@case
def curl_and_old_clients():
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "one")
        with SafeServer(PRISM, cert, key) as server:
            at = f"https://localhost:{server.port}/health"
            if shutil.which("curl"):
                done = subprocess.run(["curl", "-sS", "--cacert", cert, "--resolve", f"localhost:{server.port}:127.0.0.1", at], capture_output=True, check=True)
                assert len(done.stdout) == 62, done
            for options, works in ((["-tls1_3"], True), (["-tls1_2"], True), (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], False), (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], False)):
                done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile", cert, *options], input=b"", capture_output=True, check=False)
                assert (b"Cipher is (NONE)" not in done.stdout and b"Verify return code: 0 (ok)" in done.stdout) == works, (options, done)


@case
def plain_http_is_told_to_come_by_https():
    with tempfile.TemporaryDirectory() as folder:
        with SafeServer(PRISM, *certificate(folder, "one")) as server:
            for request in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n" + b"x" * 5000):
                with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as s:
                    s.sendall(request)
                    got = b""
                    while piece := s.recv(4096):
                        got += piece
                head, _, body = got.partition(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 400") and b"https://" in body, got
                assert int(head.lower().split(b"content-length: ")[1].split()[0]) == len(body), got
            with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as s:
                s.sendall(b"\x00\xff" * 100)
                try:
                    assert s.recv(100)[:1] != b"H"
                except ConnectionResetError:
                    pass
            assert server.person().ask("GET", "/health").status == 200


@case
def requests_one_behind_the_other():
    with tempfile.TemporaryDirectory() as folder:
        with SafeServer(PRISM, *certificate(folder, "one")) as server:
            one = f"GET /api/v1/rules HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()
            with server.connect() as s:
                s.sendall(one * 19 + one.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
                got = b""
                while piece := s.recv(65536):
                    got += piece
            assert got.count(b"HTTP/1.1 200 OK") == 20, got.count(b"HTTP/1.1")


def refused(settings):
    """What a server that does not start says."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(PRISM, folder, **settings)
        server.start(ready=False)
        try:
            code, said = server.ended()
        finally:
            server.stop()
        assert code != 0, said
        return said


@case
def what_is_wrong_with_a_certificate_is_said():
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "one")
        _, other = certificate(folder, "two")
        over, over_key = certificate(folder, "over", days=-1)
        locked, text, chain = f"{folder}/locked.key", f"{folder}/text", f"{folder}/chain.pem"
        openssl("ec", "-in", key, "-aes256", "-passout", "pass:secret", "-out", locked)
        Path(text).write_text("no certificate\n", encoding="ascii")
        Path(chain).write_text(Path(cert).read_text(encoding="ascii") + Path(over).read_text(encoding="ascii"), encoding="ascii")
        rows = (
            (cert, other, ("is not that of the certificate", other)),
            (cert, None, ("PRISM_TLS_CERT is set and PRISM_TLS_KEY is not",)),
            (None, key, ("PRISM_TLS_KEY is set and PRISM_TLS_CERT is not",)),
            (over, over_key, ("has expired at", over)),
            (cert, locked, ("has a passphrase", "openssl pkey")),
            (text, key, ("has no certificate in PEM", text)),
            (cert, text, ("has no private key in PEM", text)),
            (cert, f"{folder}/missing", (f"{folder}/missing",)),
            (chain, key, ("not in order",)),
        )
        for given_cert, given_key, words in rows:
            settings = {name: value for name, value in (("PRISM_TLS_CERT", given_cert), ("PRISM_TLS_KEY", given_key)) if value}
            said = refused(settings)
            assert all(word in said for word in words), (words, said)
            assert "PRIVATE KEY" not in said
        os.chmod(key, 0o644)
        with SafeServer(PRISM, cert, key, PRISM_ALLOWED_HOSTS="prism.example.org,localhost") as server:
            log = server.wait_log("certificate_of_another_name")
            assert log and "key_is_open" in server.read_log() and "prism.example.org" in server.read_log()
            assert server.read_log().count("certificate_of_another_name") == 1


class Asker(threading.Thread):
    """Asks over and over, on connections that are kept, and notes what is wrong and who answered."""

    def __init__(self, server, path):
        super().__init__()
        self.server, self.path, self.count, self.wrong, self.seen, self.over = server, path, 0, [], set(), False

    def run(self):
        person = self.server.person()
        while not self.over and len(self.wrong) < 20:
            try:
                answer = person.ask("GET", self.path)
                if person.http.sock is not None:
                    self.seen.add(person.http.sock.getpeercert(binary_form=True))
                self.count += 1
                if answer.status != 200:
                    self.wrong.append(repr(answer))
                if answer.headers.get("Connection", "") == "close" or self.count % 50 == 0:
                    person.close()
            except Exception as e:  # pylint: disable=broad-except
                self.wrong.append(repr(e))
                person.close()
        person.close()


@case
def a_reload_takes_the_new_certificate_without_one_broken_request():
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "now")
        new_cert, new_key = certificate(folder, "next")
        der = [ssl.PEM_cert_to_DER_cert(Path(c).read_text(encoding="ascii")) for c in (cert, new_cert)]
        with SafeServer(PRISM, cert, key) as server:
            askers = [Asker(server, path) for path in ("/health", "/api/v1/server", "/api/v1/rules") for _ in range(2)]
            for asker in askers:
                asker.start()
            try:
                until("all have been answered", lambda: all(a.count > 5 for a in askers))
                os.replace(new_cert, cert)
                os.replace(new_key, key)
                server.process.send_signal(signal.SIGHUP)
                until("all have met the new one", lambda: all(der[1] in a.seen for a in askers))
                # a certificate that is wrong leaves the server as it is
                Path(cert).write_text("none\n", encoding="ascii")
                server.process.send_signal(signal.SIGHUP)
                server.wait_log('"event":"reload_failed"')
                before = [a.count for a in askers]
                until("they are still answered", lambda: all(a.count > b + 5 for a, b in zip(askers, before)))
            finally:
                for asker in askers:
                    asker.over = True
                for asker in askers:
                    asker.join()
            wrong = [w for asker in askers for w in asker.wrong]
            assert not wrong, wrong[:3]
            assert all(asker.seen == set(der) for asker in askers)
            assert "has no certificate in PEM" in server.read_log()


@case
def a_server_that_died_comes_back_with_a_certificate_that_is_over():
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "now")
        with SafeServer(PRISM, cert, key) as server:
            over, over_key = certificate(folder, "over", days=-1)
            os.replace(over, cert)
            os.replace(over_key, key)
            pid = server_pid(server)
            os.kill(pid, signal.SIGKILL)
            server.wait_log("certificate_expired")
            server.until_ready()
            assert server_pid(server) != pid


@case
def live_events_come_by_https():
    with tempfile.TemporaryDirectory() as folder:
        with SafeServer(PRISM, *certificate(folder, "one")) as server:
            person = server.person()
            made = person.upload("report.docx", sample(), review="false")["document"]
            cookies = "; ".join(f"{k}={v}" for k, v in person.cookies.items())
            with server.connect() as s:
                s.sendall(f"GET /api/v1/documents/{made['id']}/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookies}\r\n\r\n".encode())
                person.post(f"/api/v1/documents/{made['id']}/reviews", {}, expect=202)
                got = b""
                while b"event: review.done" not in got:
                    piece = s.recv(65536)
                    assert piece, got
                    got += piece
                server.process.send_signal(signal.SIGTERM)  # told to come again
                while piece := s.recv(65536):
                    got += piece
            assert b"retry: " in got and b"event: reconnect" in got, got[-300:]
            assert server.process.wait(START_SECONDS) == 0


def processor_seconds(pid):
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def hello(context):
    """The first bytes of a client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context.wrap_bio(incoming, outgoing).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


@case
def who_stops_within_the_handshake_costs_nothing_and_is_cut():
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "one")
        with SafeServer(PRISM, cert, key, PRISM_HEAD_TIMEOUT="5") as server:
            first, pid = hello(server.context), server_pid(server)
            slow = []
            for begun in (b"", first[:3], first[:100], first):
                for _ in range(10):
                    s = socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S)
                    s.sendall(begun)
                    slow.append(s)
            assert server.person().ask("GET", "/health").status == 200
            before, began = processor_seconds(pid), time.monotonic()
            time.sleep(2)
            # one that asks again and again would use all the time of a processor or two
            used, lasted = processor_seconds(pid) - before, time.monotonic() - began
            assert used < lasted / 4, f"{used} s of a processor in {lasted:.1f} s"
            for s in slow:
                try:
                    while s.recv(65536):
                        pass
                except ConnectionResetError:
                    pass
                s.close()
            assert server.person().ask("GET", "/health").status == 200


@case
def a_handshake_may_come_byte_by_byte():
    with tempfile.TemporaryDirectory() as folder:
        with SafeServer(PRISM, *certificate(folder, "one")) as server:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            spoken = server.context.wrap_bio(incoming, outgoing)
            with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_S) as s:
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

                def say():
                    for byte in outgoing.read():
                        s.sendall(bytes([byte]))

                def done(step):
                    while True:
                        try:
                            return step()
                        except ssl.SSLWantReadError:
                            say()
                            incoming.write(s.recv(65536))

                done(spoken.do_handshake)
                spoken.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                say()
                assert done(lambda: spoken.read(4096)).startswith(b"HTTP/1.1 200")


@case
def an_end_does_not_wait_for_handshakes():
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "one")
        with SafeServer(PRISM, cert, key, PRISM_GRACEFUL_TIMEOUT="1") as server:
            slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
            for s in slow[10:]:
                s.sendall(hello(server.context)[:50])
            assert server.person().ask("GET", "/health").status == 200
            assert server.stop() == 0
            for s in slow:
                s.close()


@case
def health_asks_by_https():
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(folder, "own")
        with SafeServer(PRISM, cert, key) as server:
            env = {**kept, "HOME": folder, "PORT": str(server.port), "PRISM_TLS_CERT": cert, "PRISM_TLS_KEY": key}
            asked = subprocess.run([PRISM, "health"], env=env, capture_output=True, text=True, check=False)
            assert asked.returncode == 0 and '"status":"healthy"' in asked.stdout, asked  # its own is not looked at
            named = subprocess.run([PRISM, "health", f"https://127.0.0.1:{server.port}/health"], env=env, capture_output=True, text=True, check=False)
            assert named.returncode == 1 and "certificate" in named.stderr, named  # another's is looked at


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
