#!/usr/bin/env python3
"""Reads, checks and writes a generated 200-page document with our program and with python-docx, in one run, and prints the table.

Ours and the peer take turns, so that a noisy machine is noisy for both. Each row has the median wall time and the best and the median
CPU time (of all threads of the process, the kernel's work for it included). The budgets hold medians of CPU time: wall time on a shared
machine measures the neighbours. Where ours uses more threads than one, its wall time is shorter than its CPU time; the peer has one.
Peak memory is VmHWM of a process that does the thing once. Ends with 1 when a budget is missed.

What is compared with what: reading is bytes to the whole model (sections, numbering, runs, byte ranges) beside python-docx opening the file and
giving the text of paragraphs and cells. Writing is the whole path of both: the file is opened, 200 comments are put in, a file is written;
ours is also read back and proven before it is written. The writing alone, with the document open already, is printed below the budgets.

bench.py [--times N]   N goes of each (10)
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = Path(os.environ.get("BENCH_BUILD", ROOT / "build/release"))
OURS = BUILD / "bench/bench_doc"
PRISM = BUILD / "src/prism"
PEER = ["/usr/bin/python3", str(ROOT / "bench/peer_docx.py")]
ROUNDS = 5  # the goes are split into so many turns


def run(command):
    return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout)


class Row:
    """times: pairs of wall and CPU ms."""

    def __init__(self, name, times, peak_kb):
        wall, cpu = zip(*times)
        self.name, self.peak_kb = name, peak_kb
        self.wall, self.best, self.median = statistics.median(wall), min(cpu), statistics.median(cpu)

    def print(self):
        print(f"{self.name:<52}{self.wall:>10.1f}{self.best:>10.1f}{self.median:>10.1f}{self.peak_kb / 1024:>10.1f}")


def measure(what, document, out, times):
    """Turn by turn: ours, and {"read_ms": …} of the peer, as lists of pairs."""
    ours, peer = [], {"read_ms": [], "open_ms": [], "write_ms": []}
    each = max(1, times // ROUNDS)
    for _ in range(ROUNDS):
        if what in ("read", "rules", "write", "copy"):
            result = run([OURS, what, document, each, *([out] if what in ("write", "copy") else [])])
            ours += zip(result["ms"], result["cpu_ms"])
        if what in ("read", "read-runs", "copy"):
            result = run([*PEER, "write" if what == "copy" else what, document, each, *([out] if what == "copy" else [])])
            for key in peer:
                peer[key] += result[key]
    return ours, peer


def peak(command):
    return run(command)["peak_kb"]


def whole(document, out, times):
    """prism review big.docx -o out.docx: times and peak memory of the process, its start and end included."""
    taken, peaks = [], []
    for _ in range(times):
        start = time.perf_counter()
        command = [PRISM, "review", document, "-o", out, "--report", f"{out}.txt"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            counts = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode > 1:
            sys.exit("prism review failed")
        taken.append(((time.perf_counter() - start) * 1000, (usage.ru_utime + usage.ru_stime) * 1000))
        peaks.append(usage.ru_maxrss)
    return Row("prism review: file to reviewed file, all of it", taken, max(peaks)), counts.strip()


def budget(name, got, wanted, at_least):
    """A ratio peer : ours that must be at least so much (or a time that must be at most so much)."""
    held = got >= wanted if at_least else got <= wanted
    print(f"{'pass' if held else 'MISS'}  {name:<76}{got:>7.2f}   {'at least' if at_least else 'at most'} {wanted:g}")
    return held


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=10)
    times = max(2, parser.parse_args().times)
    with tempfile.TemporaryDirectory(prefix="prism-bench-") as folder:
        document, out = Path(folder, "big.docx"), Path(folder, "out.docx")
        subprocess.run([sys.executable, str(ROOT / "bench/gen.py"), str(document)], check=True)
        read, peer_read = measure("read", document, out, times)
        _, peer_runs = measure("read-runs", document, out, times)
        rules, _ = measure("rules", document, out, times)
        copy, peer_copy = measure("copy", document, out, times)
        write, _ = measure("write", document, out, times)
        peer_whole = [(o[0] + w[0], o[1] + w[1]) for o, w in zip(peer_copy["open_ms"], peer_copy["write_ms"])]
        rows = {
            "read": Row("ours: read to sections, numbering, runs", read, peak([OURS, "read", document, 1])),
            "peer read": Row("python-docx: text of paragraphs and cells", peer_read["read_ms"], peak([*PEER, "read", document, 1])),
            "peer runs": Row("python-docx: with styles and runs", peer_runs["read_ms"], peak([*PEER, "read-runs", document, 1])),
            "rules": Row("ours: all rules over it", rules, peak([OURS, "rules", document, 1])),
            "copy": Row("ours: open, 200 comments, proof, save", copy, peak([OURS, "copy", document, 1, out])),
            "peer copy": Row("python-docx: open, 200 comments, save, no proof", peer_whole, peak([*PEER, "write", document, 1, out])),
            "write": Row("ours: of that, 200 comments and proof alone", write, peak([OURS, "write", document, 1, out])),
            "peer write": Row("python-docx: of that, 200 comments and save alone", peer_copy["write_ms"], 0),
        }
        rows["whole"], counts = whole(document, out, max(2, times // 2))
        print(f"{document.stat().st_size:,} bytes; {counts.split('/')[-1]}\n")
    print(f"{'':<52}{'wall ms':>10}{'CPU best':>10}{'CPU':>10}{'peak MB':>10}")
    for row in rows.values():
        row.print()
    print("\nBudgets (medians of CPU time; wall time beside it is what this machine was doing):")
    r = {key: row.median for key, row in rows.items()}
    held = [
        budget("reading, times faster than python-docx reading paragraphs and tables", r["peer read"] / r["read"], 8, True),
        budget("peak memory of reading, as a part of python-docx's", rows["read"].peak_kb / rows["peer read"].peak_kb, 1 / 3, False),
        budget("all rules, as a part of the time python-docx takes to read", r["rules"] / r["peer read"], 1, False),
        budget("open, 200 comments, proof, save: times faster than python-docx without proof", r["peer copy"] / r["copy"], 2, True),
    ]
    print(f"\nThe writing alone: {r['peer write'] / r['write']:.1f} times faster ({r['write']:.0f} ms with proof, {r['peer write']:.0f} ms without).")
    return 0 if all(held) else 1


sys.exit(main())
