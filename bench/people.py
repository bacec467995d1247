#!/usr/bin/env python3
"""Five hundred people reviewing at once, and ten thousand idle connections: ours beside gunicorn + gevent + Flask, the same drive in one run.

The people (drive.py) open the page, upload a report, watch its review, read, decide, talk once and export; the fake provider (tests/peers) answers each
call of a model over so many seconds. The peer (peer_app.py) is a Flask program of our own under gunicorn as the replaced system ran it: 5 gevent
workers with 2,000 connections each, 600 s, backlog 4096; connections are kept 75 s, as ours are. Both get the same people with the same pauses,
one server after the other, and a model that is asked as often. Driver and fake run on the same processors: what they took, and how late the driver was,
is printed, and every time holds that lateness. Ends with 1 when a budget is missed. Every load is bounded, and only loopback is asked.

people.py [--people N] [--ramp S] [--think FACTOR] [--seconds S] [--idle N] [--no-peer] [--errors-only] [--set NAME=VALUE]...
  errors-only: times hold no budget; set: a setting of our server
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import types
import urllib.request
from pathlib import Path

import drive
import hold
import models
import serve
from processes import Most, Tree, raise_descriptors
from serve import ROOT, budget, held

GUNICORN = ["/usr/bin/gunicorn"]
WORKERS, PER_WORKER = 5, 2000
SETTINGS = {"PRISM_MODEL_CALLS": "4000", "PRISM_MODEL_WORKERS": "1024"}  # nobody waits for the fake's quota: it has none
ANSWER = {"repeat": "The old pump was replaced in the second week, and the log says by whom. ", "tokens": 300}
FINDS = [{"pattern": "because the drawing had changed"}, {"pattern": "since the new pump needs more room"}, {"pattern": "as the contract asks"}]
PARAGRAPHS, TABLES = 280, 3  # of the report: some 5,600 words in ten sections


class Gunicorn(Tree):
    def __init__(self, folder, fake, calls):
        self.port = serve.free_port()
        env = {"PATH": os.environ["PATH"], "PEER_FOLDER": str(folder), "PEER_MODEL": fake.url, "PEER_CALLS": str(calls), "PEER_KEY": models.KEY}
        subprocess.run(["/usr/bin/python3", "-c", "import peer_app; peer_app.prepare()"], cwd=ROOT / "bench", env=env, check=True)
        command = [*GUNICORN, "--worker-class", "gevent", "--workers", WORKERS, "--worker-connections", PER_WORKER, "--backlog", 4096, "--timeout", 600,
                   "--graceful-timeout", 60, "--keep-alive", 75, "--log-level", "error", "--bind", f"127.0.0.1:{self.port}", "peer_app:app"]
        self.log = open(folder / "gunicorn.log", "wb")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen(list(map(str, command)), cwd=ROOT / "bench", env=env, stdout=self.log, stderr=self.log)
        super().__init__(self.process.pid)
        end = time.monotonic() + 60
        while not hold.newcomers(self.port, 1)[0] or len(self.pids()) <= WORKERS:
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f"gunicorn did not start: {(folder / 'gunicorn.log').read_text(errors='replace')[-600:]}")
            time.sleep(0.1)
        time.sleep(1)  # all workers have imported

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)  # idle connections that are kept hold it up
        except subprocess.TimeoutExpired:
            for pid in self.pids():
                os.kill(pid, 9)
            self.process.wait(10)
        self.log.close()




def script(fake, seconds):
    """A review finds what is so in the text; a talk gets an answer. Pieces as the fake makes them, 24 characters each."""
    over = {"overMs": int(seconds * 1000), "times": "always"}
    fake.ask("/__reset", {})
    fake.ask("/__script", {"steps": [{"when": {"tool": "report_findings"}, "findings": {"find": FINDS}, **over}, {"text": ANSWER, **over}]})


def site(port, folder):
    """What ours answers with, for the peer to answer with; and the assets that the page names."""
    rows, assets, cookie = {}, [], {}

    def fetch(path):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Accept-Encoding": "br, gzip", **cookie})
        with urllib.request.urlopen(request, timeout=30) as answer:
            body, fields = answer.read(), answer.headers
        if fields["Set-Cookie"]:
            cookie["Cookie"] = fields["Set-Cookie"].split(";")[0]
        file = f"site{len(rows)}"
        (folder / file).write_bytes(body)
        rows[path.split("?")[0]] = {"type": fields["Content-Type"], "encoding": fields["Content-Encoding"], "file": file}

    fetch("/")
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        assets = sorted(set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', answer.read().decode())))
    for path in [*assets, *drive.Person.READS]:
        fetch(path)
    (folder / "site.json").write_text(json.dumps(rows))
    return assets


def calls_of_a_review(prism, fake, document):
    """How often ours asks a model for this document."""
    client = serve.Client(prism.port)
    review = client.wait(f"/api/v1/reviews/{client.upload('first.docx', document)['review']['id']}", 120)
    if review["state"] != "done":
        sys.exit(f"the first review is {review['state']}: {review['problem']}")
    return fake.ask("/__seen?since=1000000")["total"]


class Run:
    """One server under the drive, and then under idle connections."""

    def __init__(self, server, kind, fake, args, document):
        script(fake, args.seconds)
        fake_tree = Tree(fake.process.pid)
        options = types.SimpleNamespace(people=args.people, ramp=args.ramp, think=args.think, seconds=60 + args.seconds * 40, seed=args.seed,
                                        document=document, question="What became of the old pump?")
        self.rest_kb, cpu, fake_cpu, own = server.pss_kb(), server.cpu_ms(), fake_tree.cpu_ms(), time.process_time()
        most = Most(server)
        most.start()
        self.record = drive.drive(kind, server.port, options)
        self.memory_kb = most.stop()
        self.cpu_s, self.fake_s, self.driver_s = (server.cpu_ms() - cpu) / 1000, (fake_tree.cpu_ms() - fake_cpu) / 1000, time.process_time() - own
        self.calls = fake.ask("/__seen?since=1000000")
        self.took_s = self.record.last - self.record.first
        self._idle(server, args.idle)

    def _idle(self, server, n):
        before, cpu = server.pss_kb(), server.cpu_ms()
        idle = hold.Held(server.port, n)
        self.idle = n
        try:
            self.idle_answered, self.idle_kb = idle.answered, max(0, server.pss_kb() - before) / max(1, n)
            self.idle_cpu_us = (server.cpu_ms() - cpu) * 1000 / max(1, n)
            self.new_times, self.new_failed = hold.newcomers(server.port, 100)
            self.idle_kept = idle.still_open()
        finally:
            idle.close()

    def worst_p95(self):
        return max(((hold.p95(times), kind) for kind, times in self.record.times.items()), default=(0, ""))


def ratio(ours, peer):
    return f"{peer / ours:>9.1f}" if ours and peer else f"{'':>9}"


def table(ours, peer):
    print(f"\n{'ms, by kind of request':<28}{'prism: n':>10}{'p50':>9}{'p95':>9}" + (f"{'gunicorn: n':>13}{'p50':>9}{'p95':>9}{'p50 ×':>9}{'p95 ×':>9}" if peer else ""))
    for part in ("times", "model"):
        print("without the model" if part == "times" else "with the model's own time in it")
        mine, other = getattr(ours.record, part), getattr(peer.record, part) if peer else {}
        for kind in sorted(set(mine) | set(other)):
            a, b = mine.get(kind, []), other.get(kind, [])
            line = f"  {kind:<26}{len(a):>10}{hold.median(a):>9.1f}{hold.p95(a):>9.1f}"
            if peer:
                line += f"{len(b):>13}{hold.median(b):>9.1f}{hold.p95(b):>9.1f}{ratio(hold.median(a), hold.median(b))}{ratio(hold.p95(a), hold.p95(b))}" if a and b else \
                    f"{len(b):>13}{hold.median(b):>9.1f}{hold.p95(b):>9.1f}"
            print(line.replace("nan", "  -"))


ROWS = [
    ("people who came to the end", lambda r: r.record.finished, 0),
    ("errors", lambda r: sum(r.record.errors.values()), 0),
    ("at it at once, at most", lambda r: r.record.most_at_it, 0),
    ("reviews at once, at most", lambda r: r.record.most_reviewing, 0),
    ("calls of the model", lambda r: r.calls["total"], 0),
    ("of them at once, at most", lambda r: r.calls["mostOpen"], 0),
    ("of them not answered to the end", lambda r: r.calls["total"] - r.calls["outcomes"].get("sent", 0), 0),
    ("time of the drive, s", lambda r: r.took_s, 1),
    ("requests", lambda r: r.record.requests(), 0),
    ("requests a second", lambda r: r.record.requests() / r.took_s, 1),
    ("CPU of the server, s", lambda r: r.cpu_s, 1),
    ("CPU of the server a request, ms", lambda r: r.cpu_s * 1000 / max(1, r.record.requests()), 2),
    ("memory at rest, MB (PSS)", lambda r: r.rest_kb / 1024, 0),
    ("memory at most, MB (PSS)", lambda r: r.memory_kb / 1024, 0),
    ("CPU of the driver, s", lambda r: r.driver_s, 1),
    ("CPU of the fake model, s", lambda r: r.fake_s, 1),
    ("the driver was late by, p95, ms", lambda r: hold.p95(r.record.lag_ms), 1),
    ("idle connections asked for", lambda r: r.idle, 0),
    ("answered", lambda r: r.idle_answered, 0),
    ("still open afterwards", lambda r: r.idle_kept, 0),
    ("memory of each, KB (PSS)", lambda r: r.idle_kb, 1),
    ("CPU of each, opened and asked, µs", lambda r: r.idle_cpu_us, 0),
    ("newcomers beside them answered", lambda r: len(r.new_times), 0),
    ("newcomers without an answer", lambda r: r.new_failed, 0),
    ("newcomers' /health, p95, ms", lambda r: hold.p95(r.new_times), 1),
]


def summary(ours, peer):
    print(f"\n{'':<38}{'prism':>12}" + (f"{'gunicorn':>12}{'×':>9}" if peer else ""))
    for name, of, digits in ROWS:
        line = f"{name:<38}{of(ours):>12.{digits}f}"
        if peer:
            line += f"{of(peer):>12.{digits}f}{ratio(of(ours), of(peer))}"
        print(line.replace("nan", "  -"))
    for name, run in (("prism", ours), ("gunicorn", peer)):
        if run and set(run.calls["outcomes"]) - {"sent"}:
            print(f"      {name}: calls of the model: {run.calls['outcomes']}")
        for text, count in run.record.errors.most_common(6) if run else []:
            print(f"      {name}: {count} × {text}")


def budgets(ours, args):
    budget(f"errors among {args.people} people at once", sum(ours.record.errors.values()), 0, False)
    budget("people who came to the end", ours.record.finished, args.people, True)
    budget("idle connections held and answered", min(ours.idle_answered, ours.idle_kept), ours.idle, True)
    budget("newcomers beside them without an answer", ours.new_failed, 0, False)
    if not args.errors_only:
        p95, kind = ours.worst_p95()
        budget(f"p95 of everything but the model, ms; the worst is {kind}", p95, 100, False)


def peer_is_there(args):
    if args.no_peer:
        return False
    missing = [] if Path(GUNICORN[0]).exists() else ["gunicorn"]
    if subprocess.run(["/usr/bin/python3", "-c", "import flask, gevent, docx"], check=False, capture_output=True).returncode != 0:
        missing.append("python3-flask, python3-gevent or python3-docx")
    if missing:
        print(f"the peer is left out: {', '.join(missing)} missing (make deps-bench)")
    return not missing


def run(folder, args, fake):
    path = folder / "report.docx"
    subprocess.run([sys.executable, ROOT / "bench/gen.py", path, str(PARAGRAPHS), str(TABLES)], check=True)
    document, peer = path.read_bytes(), None
    script(fake, min(1, args.seconds))
    prism = serve.Prism(folder / "data", ANTHROPIC_API_KEY=models.KEY, PRISM_ANTHROPIC_URL=fake.url,
                        **SETTINGS, **dict(setting.split("=", 1) for setting in args.set))
    try:
        drive.Person.ASSETS = site(prism.port, folder)
        calls = calls_of_a_review(prism, fake, document)
        print(f"{args.people} people, all there after {args.ramp:g} s; a report of {len(document):,} bytes, {calls} calls of a model a review, each {args.seconds:g} s; "
              f"load of this machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
        ours = Run(prism, drive.PrismPerson, fake, args, document)
    finally:
        prism.stop()
    if peer_is_there(args):
        shutil.rmtree(folder / "data")
        gunicorn = Gunicorn(folder, fake, calls)
        try:
            peer = Run(gunicorn, drive.PeerPerson, fake, args, document)
        finally:
            gunicorn.stop()
    table(ours, peer)
    summary(ours, peer)
    print()
    budgets(ours, args)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--ramp", type=float, default=40)
    parser.add_argument("--think", type=float, default=1)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--idle", type=int, default=10000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--errors-only", action="store_true")
    parser.add_argument("--set", action="append", default=[])
    args = parser.parse_args()
    room = raise_descriptors(65536) - 1000
    if room < args.idle:
        print(f"this machine allows {room + 1000} descriptors: {room} connections")
        args.idle = room
    fake = models.Fake(args.seconds)
    try:
        with tempfile.TemporaryDirectory(prefix="prism-bench-") as folder:
            run(Path(folder), args, fake)
    finally:
        fake.stop()
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
