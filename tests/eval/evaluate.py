#!/usr/bin/python3
"""Evaluates reviewers on documents with known defects (docs/evaluation.md).

  evaluate.py rules PRISM [--details] [--keep FILE]   the program's rules alone; keeps their findings as FINDINGS.json
  evaluate.py model PRISM [--details] [--keep FILE]   the model that the environment configures (docs/models.md), and the rules beside it
  evaluate.py score FINDINGS.json [--details]         findings of any reviewer
  evaluate.py oracle NAME                             a reviewer that is known to be perfect, lazy, a liar, a flooder, …
  evaluate.py write FOLDER                            the documents as .docx, for a reviewer
  evaluate.py list                                    the planted defects

FINDINGS.json: {"01-late-parcels": [{"quote": "exact words"}, …], …}, or what "prism review … --format json" prints.
"""
import argparse
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import documents
import oracles
import scoring

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
import serve_util  # noqa: E402  pylint: disable=wrong-import-position

MODEL_SETTINGS = ("PRISM_", "AWS_", "BEDROCK_", "ANTHROPIC_", "REASONING_", "ENABLE_", "CHAT_")  # what names models begins so
AT_ONCE = 4  # reviews
REVIEW_SECONDS = 1200


def review(prism, docs):
    """What the program's rules find: the JSON that it prints."""
    with tempfile.TemporaryDirectory(prefix="prism-eval-") as folder:
        paths = [Path(folder) / f"{document.name}.docx" for document in docs]
        for document, path in zip(docs, paths):
            documents.write(document, path)
        done = subprocess.run([prism, "review", *paths, "--format", "json"], capture_output=True, timeout=600, check=False)
    if done.returncode not in (0, 1):  # 1: there are findings
        raise scoring.FindingsError(f"{prism} review: {done.stderr.decode('utf-8', 'replace')}")
    return json.loads(done.stdout)


def found_through(server, document):
    """The findings of one document, of the model and of the rules: ([finding, …], [finding, …]), and why the model's part is not whole, or None."""
    person = server.person()
    with tempfile.TemporaryDirectory(prefix="prism-eval-") as folder:
        path = Path(folder) / f"{document.name}.docx"
        documents.write(document, path)
        made = person.upload(path.name, path.read_bytes())
    review = person.wait(f"/api/v1/reviews/{made['review']['id']}", REVIEW_SECONDS)
    model, rules = [], []
    for f in person.findings(review["id"]):
        anchor = f["anchor"]
        place = {"start": {"block": anchor["block"], "offset": anchor["start"]}, "end": {"block": anchor["block"], "offset": anchor["end"]}}
        kind = f["reviewer"]["kind"]
        scored = {"source": kind, "reviewer": f["reviewer"]["id"], "quote": anchor["quote"], "anchor": place, "located": f["located"]}
        if not f.get("folded"):
            (rules if kind == "rule" else model).append(scored)
    person.close()
    state = review["model"]
    if state["state"] != "done":
        return model, rules, (state["problem"] or {}).get("detail", state["state"])
    return model, rules, None if review["coverage"]["complete"] else "not all of it was reviewed"


def review_by_model(prism, docs):
    """What the configured model finds through the server, as a person would get it: the findings of the model alone, and with the rules'."""
    settings = {name: value for name, value in os.environ.items() if name.startswith(MODEL_SETTINGS) and name not in ("PRISM_DATA", "PRISM_BIND")}
    with serve_util.Server(os.path.abspath(prism), **settings) as server:
        model = server.person().get("/api/v1/server")["model"]
        if not model:
            raise scoring.FindingsError("no model is configured: docs/models.md says how; prism check tries it")
        print(f"{model['provider']}: {model['primary']}")
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            got = dict(zip((d.name for d in docs), pool.map(lambda d: found_through(server, d), docs)))
    for name, (_, _, why) in got.items():
        if why:
            print(f"not whole  {name}: {why}")
    return {n: m for n, (m, _, _) in got.items()}, {n: m + r for n, (m, r, _) in got.items()}


def findings_of(reviews):
    """Lists of findings by document name, from such lists or from what "prism review --format json" prints."""
    if isinstance(reviews, dict) and reviews.get("format") == "prism-reviews/1":
        return {review["file"].removesuffix(".docx"): review["findings"] for review in reviews["documents"]}
    if not isinstance(reviews, dict) or not all(isinstance(found, list) for found in reviews.values()):
        raise scoring.FindingsError('findings are written {"document": [{"quote": "words"}]}, or as "prism review --format json" does')
    return reviews


def details(made):
    """What was missed, wrong and accepted, one a line."""
    for name, defect in made.missed:
        print(f"missed   {name}: {defect.kind} ({defect.seen_by}) {defect.places[0].words!r}: {defect.why}")
    for verdict in ("false", "invented", "accepted", "double"):
        for f in made.findings:
            if f.verdict == verdict:
                print(f"{verdict:<8} {f.document}: {f.finding.get('reviewer', '')} {f.finding.get('quote', '')!r}")
    for f in made.findings:
        if f.verdict == "found" and f.overlap < 0.5:
            print(f"loose    {f.document}: {f.finding.get('reviewer', '')} {f.finding.get('quote', '')!r} ({f.overlap:.2f})")
    for name, passage in made.tempted:
        print(f"tempted  {name}: {passage.places[0].words!r}: {passage.why}")


def list_defects(docs):
    for document in docs:
        print(f"{document.name}: {document.title}")
        for defect in document.defects:
            places = "; ".join(f"block {p.block} {p.words!r}" for p in defect.places)
            print(f"  {documents.KINDS[defect.kind]} ({defect.seen_by}): {places}. {defect.why}")
        for passage in document.tempting:
            print(f"  right, but tempting: block {passage.places[0].block} {passage.places[0].words!r}. {passage.why}")


def main():
    parser = argparse.ArgumentParser(description="Evaluates reviewers on documents with known defects.")
    commands = parser.add_subparsers(dest="command", required=True)
    rules = commands.add_parser("rules", help="the program's rules alone")
    rules.add_argument("prism")
    rules.add_argument("--keep", metavar="FILE", help="write their findings to FILE, for \"score\"")
    model = commands.add_parser("model", help="the configured model, through the server, and the rules beside it")
    model.add_argument("prism")
    model.add_argument("--keep", metavar="FILE", help="write its findings to FILE, for \"score\"")
    score = commands.add_parser("score", help="findings of any reviewer")
    score.add_argument("findings")
    for command in (rules, model, score):
        command.add_argument("--details", action="store_true", help="what was missed, false, accepted")
    commands.add_parser("oracle", help="a reviewer that is known").add_argument("name", choices=sorted(oracles.ORACLES))
    commands.add_parser("write", help="the documents as .docx").add_argument("folder")
    commands.add_parser("list", help="the planted defects")
    asked = parser.parse_args()

    docs = documents.load()
    if asked.command == "list":
        return list_defects(docs)
    if asked.command == "write":
        Path(asked.folder).mkdir(parents=True, exist_ok=True)
        for document in docs:
            documents.write(document, Path(asked.folder) / f"{document.name}.docx")
        return None
    if asked.command == "rules":
        reviews = review(asked.prism, docs)
        if asked.keep:
            Path(asked.keep).write_text(json.dumps(reviews, ensure_ascii=False, indent=1), encoding="utf-8")
    elif asked.command == "model":
        reviews, together = review_by_model(asked.prism, docs)
        if asked.keep:
            Path(asked.keep).write_text(json.dumps(reviews, ensure_ascii=False, indent=1), encoding="utf-8")
        print("\nthe rules and the model together\n")
        print("\n".join(scoring.table(scoring.score(docs, together))))
        print("\nthe model alone\n")
    elif asked.command == "oracle":
        reviews = oracles.ORACLES[asked.name](docs)
    else:
        reviews = json.loads(Path(asked.findings).read_text(encoding="utf-8"))
    made = scoring.score(docs, findings_of(reviews))
    print("\n".join(scoring.table(made)))
    if getattr(asked, "details", False):
        print()
        details(made)
    return None


if __name__ == "__main__":
    try:
        main()
    except (documents.DocumentError, scoring.FindingsError, OSError, ValueError) as why:
        sys.exit(f"evaluate.py: {why}")
