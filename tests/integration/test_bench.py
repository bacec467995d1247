#!/usr/bin/python3
"""The benches that many people's work stands on: a few people, short, so that the drive, the peer and the simulator cannot rot. Times are not judged here.

test_bench.py PRISM: prints TAP; ends with 1 when a case failed.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from fakes_util import packages
from tap import Skip, run

sys.dont_write_bytecode = True
SOURCE = Path(os.environ.get("TEST_SOURCE", Path(__file__).resolve().parents[2]))
PRISM = os.path.abspath(sys.argv[1])
CASES = []
FEW = ["--people", "8", "--ramp", "2", "--think", "0.1", "--seconds", "1", "--idle", "300", "--errors-only"]


def case(function):
    CASES.append(function)
    return function


def bench(script, *arguments):
    packages()
    env = {**os.environ, "BENCH_BUILD": str(Path(PRISM).parent.parent)}
    done = subprocess.run([sys.executable, SOURCE / "bench" / script, *arguments], capture_output=True, text=True, env=env, timeout=500, check=False)
    assert done.returncode == 0, f"{script} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def row(text, name):
    """The numbers behind a name of a table."""
    line = next(line for line in text.splitlines() if line.strip().startswith(name))
    return [float(n) for n in re.findall(r"(?<=\s)[\d.]+(?=\s|$)", line[line.index(name) + len(name):])]


@case
def people_work_on_both_servers_and_connections_are_held():
    text = bench("people.py", *FEW)
    peer = "the peer is left out" not in text
    both = slice(0, 2 if peer else 1)
    assert set(row(text, "people who came to the end")[both]) == {8.0}, text
    assert row(text, "calls of the model")[0] >= 8 * 3, text  # a review's, and the talk
    assert set(row(text, "still open afterwards")[both]) == {300.0}, text
    assert set(row(text, "newcomers beside them answered")[both]) == {100.0}, text
    assert row(text, "decision")[0] >= 8 * 3, text
    if not peer:
        raise Skip("ours alone: gunicorn, gevent or Flask is not here")


@case
def what_things_cost_is_measured_and_days_are_simulated():
    with tempfile.TemporaryDirectory() as folder:
        text = bench("capacity/capacity.py", "--scale", "0.03", "--save", f"{folder}/costs.json", "--plots", f"{folder}/plots")
        costs = json.loads(Path(folder, "costs.json").read_text(encoding="utf-8"))
        assert costs["cpu_ms"]["document"] > costs["cpu_ms"]["read"] > costs["cpu_ms"]["health"] > 0, costs
        assert costs["tokens"]["document"]["calls"] >= 3 and costs["tokens"]["chat"]["calls"] == 1, costs
        plots = sorted(path.name for path in Path(folder, "plots").iterdir())
        assert len(plots) == 19 and plots[0] == "index.html", plots
        for name in plots[1:]:
            ET.parse(Path(folder, "plots", name))
        again = bench("capacity/capacity.py", "--costs", f"{folder}/costs.json")
    assert again == text[: text.index("\nplots:")], "the same costs gave other tables"
    assert row(text.split("a day under the policy")[1], "500 people")[0] == 15.0, text  # by the replaced system's table


sys.exit(run(CASES, sys.argv[2:]))
