#!/usr/bin/python3
"""The supervisor over the server: a server that dies, a reload under load, a newer program, an end that waits, systemd, a container.

test_supervisor.py PRISM [CASE…]: prints TAP; ends with 1 when a case failed.
"""
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
from pathlib import Path

from serve_util import MULTIPART, START_SECONDS, Person, Server, multipart, sample
from tap import Skip, run

PRISM = os.path.abspath(sys.argv[1])
SANITIZED = b"__asan_init" in Path(PRISM).read_bytes() or b"__tsan_init" in Path(PRISM).read_bytes()
CASES = []


def case(function):
    CASES.append(function)
    return function


def children(pid):
    """The processes that a process has started and that still live."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text(encoding="ascii").split():
            if state_of(child) not in ("Z", None):
                found.append(int(child))
    return found


def state_of(pid):
    """A letter, as ps has it; None: there is no such process, or no longer."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except OSError:
        return None


def until(what, true, seconds=3 * START_SECONDS):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s in vain: {what}"
        time.sleep(0.01)


def the_child(server):
    found = []

    def is_one():
        found[:] = children(server.process.pid)  # looked at once: the next moment it may be gone
        return len(found) == 1

    until("one server process", is_one)
    return found[0]


def events(server, name):
    found = []
    for line in server.read_log().splitlines():
        if line.startswith("{"):
            record = json.loads(line)
            if record["event"] == name:
                found.append(record)
    return found


def reload(server, times=1):
    """SIGHUP, and wait until another process has taken over."""
    for _ in range(times):
        before = the_child(server)
        ready = len(events(server, "server_ready"))
        server.process.send_signal(signal.SIGHUP)
        until("the next server is ready", lambda: len(events(server, "server_ready")) > ready)  # pylint: disable=cell-var-from-loop
        until("the old one is gone", lambda: before not in children(server.process.pid))  # pylint: disable=cell-var-from-loop


class Asker(threading.Thread):
    """Asks one route over and over, on one connection for as long as the server keeps it."""

    def __init__(self, port, path):
        super().__init__()
        self.person, self.path, self.count, self.wrong, self.over = Person(port), path, 0, [], False

    def run(self):
        closing = False
        while not self.over and len(self.wrong) < 100:
            try:
                if closing:
                    self.person.close()
                answer = self.person.ask("GET", self.path)
                closing = answer.headers.get("Connection", "") == "close"
                self.count += 1
                if answer.status != 200:
                    self.wrong.append(repr(answer))
            except Exception as e:  # pylint: disable=broad-except
                self.wrong.append(repr(e))
        self.person.close()


@case
def a_server_that_dies_is_replaced_and_nothing_is_lost():
    with Server(PRISM) as server:
        person = server.person()
        made, review, findings = person.reviewed("report.docx", sample())
        person.put(f"/api/v1/findings/{findings[0]['id']}/decision", {"decision": "accepted"})
        # a sanitizer would report the fault, and the report fail the test
        for name in ("KILL", "TERM") if SANITIZED else ("KILL", "TERM", "SEGV"):
            pid = the_child(server)
            os.kill(pid, getattr(signal, "SIG" + name))
            person.close()
            until("another server", lambda: the_child(server) != pid and person_is_answered(server))  # pylint: disable=cell-var-from-loop
            kept = person.get(f"/api/v1/findings/{findings[0]['id']}")
            assert kept["decision"] == "accepted", kept
        assert person.get(f"/api/v1/documents/{made['id']}")["id"] == made["id"]
        assert person.get(f"/api/v1/reviews/{review['id']}")["state"] == "done"
        died = events(server, "server_died")
        assert [d["signal"] for d in died][:1] == ["KILL"] and len(died) == (2 if SANITIZED else 3), died
        if not SANITIZED:
            assert "prism died of SIGSEGV; its stack" in server.read_log()
        assert server.stop() == 0


def person_is_answered(server):
    try:
        return Person(server.port).ask("GET", "/ready").status == 200
    except OSError:
        return False


@case
def a_review_of_a_killed_server_ends_once():
    with Server(PRISM) as server:
        person = server.person()
        made = [person.upload(f"report {i}.docx", sample()) for i in range(20)]
        os.kill(the_child(server), signal.SIGKILL)
        person.close()
        until("the next server", lambda: person_is_answered(server))
        counts = set()
        for one in made:
            review = person.wait(f"/api/v1/reviews/{one['review']['id']}")
            assert review["state"] == "done", review
            counts.add(len(person.findings(review["id"])))
        assert len(counts) == 1 and counts != {0}, counts


@case
def a_reload_breaks_and_refuses_no_request():
    with Server(PRISM) as server:
        person = server.person()
        made = person.upload("report.docx", sample(), review="false")["document"]
        askers = [Asker(server.port, path) for path in ("/health", "/", f"/api/v1/documents/{made['id']}", "/api/v1/rules") for _ in range(4)]
        for asker in askers:
            asker.person.cookies = dict(person.cookies)
            asker.start()
        try:
            reload(server, 3)
        finally:
            for asker in askers:
                asker.over = True
            for asker in askers:
                asker.join()
        wrong = [w for asker in askers for w in asker.wrong]
        assert not wrong, wrong[:3]
        assert all(asker.count > 0 for asker in askers)
        assert len(events(server, "reloading")) == 3


@case
def a_reload_under_wrk_has_no_error():
    if not shutil.which("wrk"):
        raise Skip("wrk is not installed")
    with Server(PRISM) as server:
        load = subprocess.Popen(["wrk", "-t2", "-c64", "-d6s", f"http://127.0.0.1:{server.port}/health"], stdout=subprocess.PIPE, text=True)
        time.sleep(0.5)
        reload(server, 2)
        said, _ = load.communicate()
        assert "Socket errors" not in said and "Non-2xx" not in said, said
        assert int(re.search(r"(\d+) requests in", said).group(1)) > 0


@case
def a_reload_takes_a_newer_program_and_changed_settings():
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "prism")
        shutil.copy(PRISM, program)
        with Server(program) as server:
            first = the_child(server)
            # an update puts another file in the place of the one that runs
            shutil.copy(PRISM, program + ".new")
            os.replace(program + ".new", program)
            (server.data / "prism.conf").write_text("MAX_CONTENT_LENGTH=2048\n", encoding="utf-8")
            reload(server)
            second = the_child(server)
            assert first != second
            assert os.readlink(f"/proc/{second}/exe") == program, os.readlink(f"/proc/{second}/exe")
            answer = server.person().upload("report.docx", sample(), expect=413)
            assert answer["reason"] == "too_large", answer


@case
def a_reload_that_fails_leaves_the_server_at_work():
    with Server(PRISM) as server:
        pid = the_child(server)
        (server.data / "prism.conf").write_text("PRISM_FRAMEWORK=nonesuch\n", encoding="utf-8")
        server.process.send_signal(signal.SIGHUP)
        until("it is said", lambda: events(server, "reload_failed"))
        assert "nonesuch" in server.read_log()
        assert the_child(server) == pid and server.person().ask("GET", "/ready").status == 200
        (server.data / "prism.conf").unlink()
        reload(server)
        assert the_child(server) != pid


@case
def an_open_stream_is_told_to_come_again():
    with Server(PRISM) as server:
        person = server.person()
        made = person.upload("report.docx", sample(), review="false")["document"]
        with socket.create_connection(("127.0.0.1", server.port), timeout=START_SECONDS) as s:
            cookies = "; ".join(f"{k}={v}" for k, v in person.cookies.items())
            s.sendall(f"GET /api/v1/documents/{made['id']}/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookies}\r\n\r\n".encode())
            got = s.recv(65536)
            assert b"200" in got.split(b"\r\n")[0], got
            server.process.send_signal(signal.SIGHUP)
            while piece := s.recv(65536):
                got += piece
        assert b"event: reconnect" in got, got


def an_upload_while_it_ends(tell):
    with Server(PRISM) as server:
        person, data = server.person(), sample()
        person.ask("GET", "/api/v1/me")
        body = multipart({"review": "false"}, "slow.docx", data)
        cookies = "; ".join(f"{k}={v}" for k, v in person.cookies.items())
        head = f"POST /api/v1/documents HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookies}\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in MULTIPART.items()) + "\r\n"
        with socket.create_connection(("127.0.0.1", server.port), timeout=START_SECONDS) as s:
            s.sendall(head.encode() + body[:1000])
            time.sleep(0.2)
            tell(server)
            until("it listens no more", lambda: not person_is_answered(server))
            s.sendall(body[1000:])
            got = b""
            while piece := s.recv(65536):
                got += piece
        assert got.startswith(b"HTTP/1.1 201"), got[:300]
        assert server.process.wait(START_SECONDS) == 0


@case
def told_to_end_it_is_not_ready_at_once():
    with Server(PRISM) as server, socket.create_connection(("127.0.0.1", server.port), timeout=START_SECONDS) as s:
        s.sendall(f"GET /ready HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n".encode())
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        until("it listens no more", lambda: not person_is_answered(server))
        s.sendall(b"\r\n")
        got = b""
        while piece := s.recv(65536):
            got += piece
        assert got.startswith(b"HTTP/1.1 503") and b'"status":"stopping"' in got and b"Connection: close" in got, got
        assert server.process.wait(START_SECONDS) == 0


@case
def told_to_end_it_lets_an_upload_end():
    an_upload_while_it_ends(lambda server: server.process.send_signal(signal.SIGTERM))


@case
def a_service_manager_may_tell_every_process_at_once():
    def tell(server):
        for pid in (server.process.pid, the_child(server)):
            os.kill(pid, signal.SIGTERM)

    an_upload_while_it_ends(tell)


@case
def an_end_has_a_time_limit_and_a_second_signal_none():
    for settings, second in (({"PRISM_GRACEFUL_TIMEOUT": "1"}, False), ({"PRISM_GRACEFUL_TIMEOUT": "600"}, True)):
        with Server(PRISM, **settings) as server, socket.create_connection(("127.0.0.1", server.port)) as s:
            s.sendall(f"POST /api/v1/documents HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Length: 100000\r\nContent-Type: multipart/form-data; boundary=x\r\n\r\n".encode())
            time.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            if second:
                time.sleep(0.2)
                server.process.send_signal(signal.SIGTERM)
            server.process.wait(START_SECONDS)


@case
def logs_in_files_are_opened_anew():
    with tempfile.TemporaryDirectory() as folder:
        log, access = Path(folder) / "prism.log", Path(folder) / "access.log"
        with Server(PRISM, PRISM_LOG_FILE=str(log), PRISM_ACCESS_LOG_FILE=str(access), PRISM_ACCESS_LOG="combined") as server:
            the_child(server)
            askers = [Asker(server.port, "/api/v1/server") for _ in range(2)]
            for asker in askers:
                asker.start()
            rotated = []
            try:
                for i in range(3):
                    until("lines have come", lambda: log.exists() and access.exists() and access.stat().st_size > 2000)
                    for path in (log, access):
                        path.rename(f"{path}.{i}")
                        rotated.append(Path(f"{path}.{i}"))
                    server.process.send_signal(signal.SIGUSR1)
                    until("both are there again", lambda: log.exists() and access.exists())
                    if i == 1:  # one that comes while another server is being started kills neither
                        server.process.send_signal(signal.SIGHUP)
                        server.process.send_signal(signal.SIGUSR1)
                        until("the next server is ready", lambda: '"event":"server_ended"' in log.read_text(encoding="utf-8") + Path(f"{log}.1").read_text(encoding="utf-8"))
            finally:
                for asker in askers:
                    asker.over = True
                for asker in askers:
                    asker.join()
            asked = sum(a.count for a in askers)
            assert asked > 0 and not any(a.wrong for a in askers), [a.wrong[:2] for a in askers]
            assert server.stop() == 0
            lines = "".join(p.read_text(encoding="utf-8") for p in [access, *rotated] if "access" in p.name)
            assert lines.count("/api/v1/server ") == asked, (lines.count("/api/v1/server "), asked)
            assert '"event":"server_ended"' in log.read_text(encoding="utf-8") and '"event":"ended"' in log.read_text(encoding="utf-8")
            assert '"event"' not in server.read_log() and oct(log.stat().st_mode & 0o777) == "0o600", server.read_log()
        server = Server(PRISM, folder, PRISM_LOG_FILE=f"{folder}/none/prism.log")
        server.start(ready=False)
        code, said = server.ended()
        assert code == 2 and "PRISM_LOG_FILE" in said and f"{folder}/none/prism.log" in said, said
    with Server(PRISM) as server:  # without files it harms nobody
        pid = the_child(server)
        server.process.send_signal(signal.SIGUSR1)
        os.kill(pid, signal.SIGUSR1)
        time.sleep(0.2)
        assert person_is_answered(server) and the_child(server) == pid


@case
def the_pauses_between_servers_that_die_grow():
    with Server(PRISM) as server:
        times = []
        for _ in range(5):
            pid = the_child(server)
            times.append(time.monotonic())
            os.kill(pid, signal.SIGKILL)
            until("another server", lambda: the_child(server) != pid)  # pylint: disable=cell-var-from-loop
            times[-1] = time.monotonic() - times[-1]
        # 0.1, 0.2, 0.4, 0.8, 1.6 s and what the machine takes; each is at least that long
        assert all(took > 0.09 * 2**i for i, took in enumerate(times)), times


@case
def the_end_of_the_supervisor_is_the_servers():
    with Server(PRISM) as server:
        pid = the_child(server)
        server.kill()
        until("the server is gone too", lambda: state_of(pid) in ("Z", None))
        server.start()


class Systemd:
    """The two ends that systemd holds: the socket for notes, and the one that people connect to."""

    def __init__(self, folder):
        self.path = os.path.join(folder, "notify")
        self.notes = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notes.bind(self.path)
        self.notes.settimeout(START_SECONDS)
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=16)

    def next(self):
        return self.notes.recv(4096).decode()

    def start(self, prism, env):
        """The socket is descriptor 3, and LISTEN_PID the pid of the program itself."""
        become = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.argv[2], [sys.argv[2], 'serve'])"
        fd = self.listening.fileno()
        with open(os.path.join(os.path.dirname(self.path), "log"), "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", become, str(fd), prism],
                env={**env, "LISTEN_FDS": "1", "NOTIFY_SOCKET": self.path},
                pass_fds=(fd,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


@case
def systemd_hands_over_the_socket_and_is_told():
    with tempfile.TemporaryDirectory() as folder:
        systemd, server = Systemd(folder), Server(PRISM, folder)
        server.port = systemd.listening.getsockname()[1]
        environment = {**server.environment(), "PORT": "1"}  # where nobody may listen: the socket is given
        server.process = systemd.start(PRISM, environment)
        server.until_ready()
        assert "READY=1" in systemd.next()
        server.process.send_signal(signal.SIGHUP)
        assert "RELOADING=1" in systemd.next()
        assert "READY=1" in systemd.next()
        assert server.person().ask("GET", "/health").status == 200
        server.process.send_signal(signal.SIGTERM)
        assert "STOPPING=1" in systemd.next()
        assert server.process.wait(START_SECONDS) == 0


@case
def as_process_1_it_takes_up_orphans():
    if os.geteuid() != 0 or subprocess.run(["unshare", "--pid", "--fork", "true"], capture_output=True, check=False).returncode != 0:
        raise Skip("no right to make a namespace of processes")
    with Server(PRISM, wrapper=["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]) as server:
        supervisor = children(server.process.pid)[0]
        assert Path(f"/proc/{supervisor}/status").read_text(encoding="ascii").split("NSpid:")[1].split()[1] == "1"
        inside = ["nsenter", "-t", str(supervisor), "-p", "-m"]
        # an orphan: its parent is gone at once, so it becomes the child of process 1
        subprocess.run([*inside, "sh", "-c", "sleep 0.3 & exit 0"], check=True)
        time.sleep(0.1)
        until("the orphan was taken up", lambda: not any(name_of(c) == "sleep" for c in zombies_and_all(supervisor)))
        os.kill(supervisor, signal.SIGTERM)
        assert server.process.wait(START_SECONDS) == 0


def name_of(pid):
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="ascii").strip()
    except OSError:
        return None


def zombies_and_all(pid):
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += (task / "children").read_text(encoding="ascii").split()
    return found


if __name__ == "__main__":
    sys.exit(run(CASES, sys.argv[2:]))
