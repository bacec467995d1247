#!/usr/bin/env python3
"""Reviews by a model, many at once: N people upload a report each, one of them a document of 60 sections before all others, and a fake provider
(tests/peers) answers each call over so many seconds. Prints who waited how long and what the server took, and holds the budgets: no error, memory, and
that the long document holds nobody up. Fewer calls at once than people, so that there is a queue to be fair in.

A review makes two calls, one after the other (its parts, then the document as a whole), so it takes twice the answer's time where nobody waits.
Every load is bounded in count and time, and only 127.0.0.1 is asked. Ends with 1 when a budget is missed.

models.py [--people N] [--seconds S] [--calls N]
"""
import argparse
import concurrent.futures
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import serve
from serve import ROOT, Client, budget, held

sys.path.insert(0, str(ROOT / "tests" / "eval"))
import documents  # noqa: E402  pylint: disable=wrong-import-position

PEERS = ROOT / "tests" / "peers"
SLACK_MB = 256  # for 200 reviews that wait: what each document takes while it is read, and its thread
KEY = "sk-ant-example"


def report(folder, name, sections, paragraphs):
    """No sentence is there twice, so that each finding has one place."""
    lines = []
    for s in range(sections):
        lines += [f"# Section {s}", ""]
        for p in range(paragraphs):
            words = " ".join(f"Carrier {s}-{p}-{k} brought parcel {s * 1000 + p * 10 + k} from hall {k} to gate {p}." for k in range(8))
            lines += [f"The zebra {s}-{p} of this report failed. {words}", ""]
    made = documents.parse(name, "title: A report\nsaved: 2026-03-20\n\n" + "\n".join(lines))
    path = folder / f"{name}.docx"
    documents.write(made, path)
    return path.read_bytes()


class Fake:
    def __init__(self, seconds):
        subprocess.run(["bash", ROOT / "tools/npm_install.sh", PEERS], check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(["node", PEERS / "fake_anthropic.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        step = {"findings": {"find": [{"pattern": "zebra \\d+-0"}]}, "overMs": int(seconds * 1000), "times": "always"}
        self.ask("/__script", {"steps": [step]})

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data), timeout=60) as answer:
            return json.load(answer)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(20)


class Memory(threading.Thread):
    """The most that the server had."""

    def __init__(self, prism):
        super().__init__(daemon=True)
        self.prism, self.most, self.over = prism, 0, threading.Event()

    def run(self):
        while not self.over.wait(0.25):
            self.most = max(self.most, self.prism.memory_kb())


def one(port, name, data, seconds):
    """Uploads and waits: (seconds until the first finding of the model, until the end, the review)."""
    me, first = Client(port), None
    start = time.perf_counter()
    made = me.upload(name, data)
    path = f"/api/v1/reviews/{made['review']['id']}"
    while True:
        if first is None and me.json("GET", f"{path}/findings?reviewer=model&limit=1")["total"] > 0:
            first = time.perf_counter() - start
        got = me.json("GET", path)
        if got["state"] not in ("queued", "running"):
            return first, time.perf_counter() - start, got
        if time.perf_counter() - start > seconds:
            raise RuntimeError(f"the review is still {got['state']} after {seconds} s")
        time.sleep(0.5)


def spread(name, times):
    times = sorted(times)
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    print(f"      {name:<44}{times[0]:>8.1f}{statistics.median(times):>8.1f}{p95:>8.1f}{times[-1]:>8.1f}")
    return p95


def load(prism, fake, folder, args):
    small, long = report(folder, "small", 3, 3), report(folder, "long", 60, 14)
    rest_mb = prism.memory_kb() / 1024
    memory = Memory(prism)
    memory.start()
    limit = 60 + args.seconds * 2 * (args.people + 60) / args.calls * 3
    with concurrent.futures.ThreadPoolExecutor(args.people) as pool:
        first = pool.submit(one, prism.port, "long.docx", long, limit * 4)
        time.sleep(1)
        jobs = [pool.submit(one, prism.port, f"report {i}.docx", small, limit) for i in range(args.people - 1)]
        done, errors = [], []
        for job in [*jobs, first]:
            try:
                done.append(job.result())
            except Exception as error:  # pylint: disable=broad-except
                errors.append(error)
    memory.over.set()
    failed = [got for _, _, got in done if got["state"] != "done" or not (got["coverage"] or {}).get("complete")]
    for error in [*errors, *(got["model"] for got in failed)][:5]:
        print(f"      {error}")
    print(f"\n      seconds: {'':<34}{'least':>8}{'median':>8}{'p95':>8}{'most':>8}")
    short = done if errors else done[:-1]
    spread("first finding of the model shown", [f for f, _, _ in short if f is not None] or [0])
    p95 = spread("review done", [whole for _, whole, _ in short] or [0])
    spread("review done, of the 60 sections", [done[-1][1]] if done else [0])
    seen = fake.ask("/__seen?since=1000000")
    print(f"      {seen['total']} calls, at most {seen['mostOpen']} at once; memory at rest {rest_mb:.0f} MB, at most {memory.most / 1024:.0f} MB")
    budget(f"errors among {args.people} reviews at once", len(errors) + len(failed), 0, False)
    budget("memory that they took, MB", memory.most / 1024 - rest_mb, SLACK_MB, False)
    rounds = -(-2 * args.people // args.calls) + 2  # calls of the short ones, with a place for the long one's in between
    budget("95 of 100 short reviews are done within, s", p95, args.seconds * (rounds + 1) + 10, False)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--calls", type=int, default=100)
    args = parser.parse_args()
    fake = Fake(args.seconds)
    with tempfile.TemporaryDirectory(prefix="prism-bench-") as name:
        folder = Path(name)
        prism = serve.Prism(folder / "data", ANTHROPIC_API_KEY=KEY, PRISM_ANTHROPIC_URL=fake.url, PRISM_MODEL_CALLS=str(args.calls))
        try:
            load(prism, fake, folder, args)
        finally:
            prism.stop()
            fake.stop()
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
