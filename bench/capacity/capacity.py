#!/usr/bin/env python3
"""How many instances so many people need: measures what each thing costs our release build (measure.py), then lives a day of each number of people through
the deployment's scaling policy (simulate.py), with assumptions that stand in a file (assumptions.json) and are yours to change. Prints the tables of
docs/capacity.md; --plots writes a page and an SVG for each number of people. The same costs and seed give the same days.

capacity.py [--assume FILE] [--costs FILE] [--save FILE] [--plots FOLDER] [--scale S]
  costs: of an earlier --save, nothing is measured; scale: less than 1 measures less often
"""
import argparse
import json
import math
import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import plot  # noqa: E402  pylint: disable=wrong-import-position
import simulate  # noqa: E402  pylint: disable=wrong-import-position

NAMES = {
    "health": "GET /health", "page": "opening the page: it, its assets, three questions", "read": "reading a document or findings", "decision": "a decision",
    "export": "an export with its comments, made and downloaded", "chat": "a talk: question, answer, cleared", "document": "a report of 5,600 words, rules and model",
    "document: upload and rules": "  of that, upload and rules", "long_document": "the 200-page document, rules and model", "long_document: upload and rules": "  of that, upload and rules",
    "idle": "an idle connection, a minute", "stream": "a stream of events, a minute", "rest_a_minute": "the server at rest, a minute",
}


def costs_of(args):
    if args.costs:
        return json.loads(Path(args.costs).read_text(encoding="utf-8"))
    import measure  # pylint: disable=import-outside-toplevel
    import processes  # pylint: disable=import-outside-toplevel

    processes.raise_descriptors(20000)
    with tempfile.TemporaryDirectory(prefix="prism-bench-") as folder:
        costs = measure.measure(Path(folder), args.scale)
    costs["machine"] = machine()
    return costs


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        name = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), "unknown")
    return f"{name}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}"


def print_costs(a, costs):
    print(f"\nmeasured on: {costs['machine']}\n{'what it costs the server':<56}{'CPU ms':>10}{'KB':>10}")
    for key, name in NAMES.items():
        memory = costs["memory_kb"].get({"rest_a_minute": "rest", "document": "review"}.get(key, key))
        print(f"{name:<56}{costs['cpu_ms'][key]:>10.3f}{'' if memory is None else f'{memory:10.1f}':>10}")
    print(f"\n{'tokens':<56}{'calls':>8}{'in':>9}{'written':>9}{'read':>9}{'out':>9}{'US$':>9}{'by quota':>10}")
    for kind, t in costs["tokens"].items():
        print(f"{NAMES[kind]:<56}{t['calls']:>8.1f}{t['in']:>9.0f}{t['cache_write']:>9.0f}{t['cache_read']:>9.0f}{t['out']:>9.0f}{simulate.usd(a, t):>9.3f}"
              f"{simulate.weighted(t, a['model']['output_weight']):>10.0f}")


def print_needed(a, costs):
    """By each bound: the largest says what binds."""
    print(f"\n{'instances that a mean minute needs':<36}{'processor':>11}{'memory':>9}{'connections':>13}{'| quota: requests':>18}{'tokens':>9}   binds first")
    for people in a["people"]:
        n = simulate.needed(a, costs, people)
        bounds = {"processor": n["cpu"], "memory": n["memory"], "connections": n["connections"], "requests a minute": n["requests_quota"], "tokens a minute": n["tokens_quota"]}
        print(f"{people:>6} people: {n['cpu_s']:>6.1f} CPU s, {n['memory_mb']:>6.0f} MB{n['cpu']:>11.2f}{n['memory']:>9.2f}{n['connections']:>13.2f}{n['requests_quota']:>18.2f}"
              f"{n['tokens_quota']:>9.2f}   {max(bounds, key=bounds.get)}")
    for what, names in (("one instance", {"cpu": "processor", "memory": "memory", "connections": "connections"}), ("the account's quota", {"requests_quota": "requests", "tokens_quota": "tokens"})):
        print(f"people that {what} holds: " + ", ".join(f"{held(a, costs, key)} by {name}" for key, name in names.items()))


def held(a, costs, key):
    """The most people for whom this bound is one instance, or one quota; what is there without people counts once."""
    none, many = simulate.needed(a, costs, 0)[key], simulate.needed(a, costs, 1000)[key]
    return math.floor((1 - none) / ((many - none) / 1000))


def row_of(a, rows):
    hours = sum(rows["desired"]) / 60
    return {
        "most": max(rows["desired"]), "mean": sum(rows["desired"]) / len(rows["desired"]), "hours": hours, "usd": hours * a["instance"]["usd_an_hour"],
        "percent": max(rows["percent"]), "left": max(rows["left_s"]), "credits": min(rows["credits"][60:]), "calls": max(rows["calls"]), "tokens": max(rows["tokens"]),
        "over": sum(q > 1 for q in rows["quota"]), "wait": max(rows["model_wait"]),
    }


def print_days(a, days):
    print(f"\n{'a day under the policy':<24}{'replaced: its table':>20}{'simulated':>11}{'CPU %':>8}{'| prism: most':>14}{'mean':>7}{'hours':>8}{'US$':>7}{'CPU %':>8}"
          f"{'credits':>9}{'| calls/min':>12}{'tokens/min':>12}{'min over quota':>16}{'longest wait, min':>19}")
    for people, (ours, old) in days.items():
        n, o = row_of(a, ours), row_of(a, old)
        wait = f"{n['wait']:.1f}" if n["wait"] < 60 else "over an hour"
        print(f"{people:>6} people{'':<11}{a['replaced']['instances'].get(str(people), '-'):>20}{o['most']:>11}{o['percent']:>8.0f}{n['most']:>14}{n['mean']:>7.1f}{n['hours']:>8.0f}"
              f"{n['usd']:>7.2f}{n['percent']:>8.1f}{n['credits']:>9.0f}{n['calls']:>12.0f}{n['tokens']:>12.0f}{n['over']:>16}{wait:>19}")
    print("\nhours 0 to 24")
    for people, (ours, old) in days.items():
        print(f"{people:>6} people          {plot.strip(ours['people'], max(ours['people']))}")
        print(f"       replaced, of {a['policy']['most']:>2}  {plot.strip(old['desired'], a['policy']['most'])}")
        print(f"       prism, of {a['policy']['most']:>2}     {plot.strip(ours['desired'], a['policy']['most'])}")
        print(f"       quota asked for  {plot.strip([min(q, 2) for q in ours['quota']], 2)}")


def write_plots(a, days, folder):
    folder.mkdir(parents=True, exist_ok=True)
    pictures = []
    for people, (ours, old) in days.items():
        pictures += [
            plot.svg(f"{people} people: instances", "in service or starting", {"replaced system": old["desired"], "prism": ours["desired"]}, ("policy's most", a["policy"]["most"])),
            plot.svg(f"{people} people: processors", "% of all in service", {"replaced system": old["percent"], "prism": ours["percent"]}, ("adds above", a["policy"]["above"])),
            plot.svg(f"{people} people: calls of the model", "part of the account's quota", {"asked for, and waiting": ours["quota"]}, ("quota", 1)),
        ]
        for name, picture in zip(("instances", "processors", "quota"), pictures[-3:]):
            (folder / f"{name}-{people}.svg").write_text(picture, encoding="utf-8")
    (folder / "index.html").write_text(f"<!doctype html><meta charset=\"utf-8\"><title>Capacity</title><body style=\"max-width:60em;margin:auto\">{''.join(pictures)}", encoding="utf-8")
    print(f"\nplots: {folder}/index.html")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--assume", default=HERE / "assumptions.json")
    parser.add_argument("--costs")
    parser.add_argument("--save")
    parser.add_argument("--plots")
    parser.add_argument("--scale", type=float, default=1)
    args = parser.parse_args()
    a = json.loads(Path(args.assume).read_text(encoding="utf-8"))
    costs = costs_of(args)
    if args.save:
        Path(args.save).write_text(json.dumps(costs, indent=1), encoding="utf-8")
    days = {n: (simulate.day(a, n, simulate.ours(a, costs)), simulate.day(a, n, simulate.replaced(a))) for n in a["people"]}
    print_costs(a, costs)
    print_needed(a, costs)
    print_days(a, days)
    if args.plots:
        write_plots(a, days, Path(args.plots))
    return 0


if __name__ == "__main__":
    sys.exit(main())
