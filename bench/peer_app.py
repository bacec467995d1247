#!/usr/bin/python3
"""The peer of the drive (people.py): the same job as a Flask program of the usual kind, for gunicorn with gevent workers. Not run by itself.

It has what a careful program of that kind has, and no more: the page and its JSON as bytes in memory, python-docx for documents, SQLite for what must
survive and be seen by all workers (commits as durable as ours), a model call that holds the request and no thread, comments written by peer_docx.py.
A review asks the model as often as ours did (PEER_CALLS), all at once; a talk once. PEER_FOLDER has site.json (path → type, encoding, body file),
and the files and the database of this run; PEER_MODEL is where the fake provider is reached."""
import http.client
import io
import json
import os
import re
import sqlite3
import sys
import urllib.parse
import uuid
from pathlib import Path

import docx
import gevent
from flask import Flask, Response, abort, g, jsonify, request

sys.path.insert(0, str(Path(__file__).resolve().parent))
import peer_docx  # noqa: E402  pylint: disable=wrong-import-position

FOLDER = Path(os.environ["PEER_FOLDER"])
MODEL = urllib.parse.urlsplit(os.environ["PEER_MODEL"])
CALLS = int(os.environ["PEER_CALLS"])
KEY = os.environ["PEER_KEY"]
SITE = {path: (row["type"], row["encoding"], (FOLDER / row["file"]).read_bytes()) for path, row in json.loads((FOLDER / "site.json").read_text()).items()}
VAGUE = re.compile(r"\b(?:soon|several|some|draft|old|second|third)\b")
TOOL = {"name": "report_findings", "input_schema": {"type": "object", "properties": {"findings": {"type": "array", "items": {
    "type": "object", "properties": {"block": {"type": "integer"}, "quote": {"type": "string"}, "description": {"type": "string"}},
    "required": ["block", "quote", "description"]}}}, "required": ["findings"]}}

app = Flask(__name__, static_folder=None)
app.config["MAX_CONTENT_LENGTH"] = 16777216


def database():
    if "db" not in g:
        g.db = sqlite3.connect(FOLDER / "peer.db", timeout=30, isolation_level=None)
        g.db.execute("PRAGMA synchronous=FULL")
    return g.db


def prepare():
    """Once, before the workers."""
    db = sqlite3.connect(FOLDER / "peer.db")
    db.executescript("""
        PRAGMA journal_mode=WAL;
        CREATE TABLE document(id TEXT PRIMARY KEY, name TEXT, content TEXT);
        CREATE TABLE finding(id TEXT PRIMARY KEY, document TEXT, block INT, quote TEXT, description TEXT, decision TEXT);
        CREATE INDEX finding_document ON finding(document);""")
    db.close()


@app.teardown_appcontext
def close(_):
    db = g.pop("db", None)
    if db is not None:
        db.close()


def findings_of(document):
    rows = database().execute("SELECT id, block, quote, description, decision FROM finding WHERE document=? ORDER BY block, id", (document,))
    return [dict(zip(("id", "block", "quote", "description", "decision"), row)) for row in rows]


def keep(document, found):
    db = database()
    db.execute("BEGIN IMMEDIATE")
    db.executemany("INSERT INTO finding VALUES(?, ?, ?, ?, ?, 'open')", [(uuid.uuid4().hex, document, f["block"], f["quote"], f["description"]) for f in found])
    db.execute("COMMIT")


def ask_model(text, tools):
    body = {"model": "claude-sonnet-4-5-20250929", "max_tokens": 4096, "messages": [{"role": "user", "content": text}]}
    if tools:
        body |= {"tools": [TOOL], "tool_choice": {"type": "tool", "name": TOOL["name"]}}
    connection = http.client.HTTPConnection(MODEL.hostname, MODEL.port, timeout=600)
    try:
        connection.request("POST", "/v1/messages", json.dumps(body), {"Content-Type": "application/json", "x-api-key": KEY, "anthropic-version": "2023-06-01"})
        answer = connection.getresponse()
        data = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the model answered {answer.status}")
        return json.loads(data)["content"]
    finally:
        connection.close()


@app.get("/health")
def health():
    return jsonify(status="healthy")


@app.get("/")
@app.get("/assets/<path:_>")
@app.get("/api/v1/server")
@app.get("/api/v1/me")
@app.get("/api/v1/documents")
def site(_=None):
    kind, encoding, body = SITE.get(request.path) or abort(404)
    return Response(body, content_type=kind, headers={"Content-Encoding": encoding} if encoding else {})


@app.post("/api/v1/documents")
def upload():
    file = request.files["file"]
    data, key = file.read(), uuid.uuid4().hex
    document = docx.Document(io.BytesIO(data))
    blocks = [(p.text, p.style.name) for p in document.paragraphs]
    for table in document.tables:
        for row in table.rows:
            blocks += [(cell.text, "") for cell in row.cells]
    with open(FOLDER / f"{key}.docx", "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    content = [{"block": i, "text": text, "style": style} for i, (text, style) in enumerate(blocks)]
    database().execute("INSERT INTO document VALUES(?, ?, ?)", (key, file.filename, json.dumps(content)))
    keep(key, [{"block": i, "quote": m[0], "description": f"Say how many, which or when instead of {m[0]}."}
               for i, (text, _) in enumerate(blocks) for m in list(VAGUE.finditer(text))[:1]][:20])
    return jsonify(document={"id": key, "sections": [t for t, style in blocks if style.startswith("Heading")]}, review={"id": key}), 201


@app.get("/api/v1/documents/<key>/content")
def content(key):
    row = database().execute("SELECT content FROM document WHERE id=?", (key,)).fetchone() or abort(404)
    return Response(row[0], content_type="application/json")


@app.get("/api/v1/reviews/<key>/findings")
def findings(key):
    return jsonify(findings=findings_of(key))


@app.post("/api/v1/reviews/<key>/run")
def run(key):
    row = database().execute("SELECT content FROM document WHERE id=?", (key,)).fetchone() or abort(404)
    close(None)
    blocks = json.loads(row[0])
    share = -(-len(blocks) // CALLS)
    parts = [blocks[i : i + share] for i in range(0, len(blocks), share)]
    jobs = [gevent.spawn(ask_model, "\n".join(f"[{b['block']}] {b['text']}" for b in part), True) for part in parts]
    gevent.joinall(jobs, raise_error=True)
    found = [f for job in jobs for piece in job.get() if piece["type"] == "tool_use" for f in piece["input"]["findings"]]
    keep(key, [f for f in found if f["quote"] in blocks[f["block"]]["text"]])
    return jsonify(findings=findings_of(key))


@app.put("/api/v1/findings/<key>/decision")
def decide(key):
    wanted = request.get_json()["decision"]
    changed = database().execute("UPDATE finding SET decision=? WHERE id=?", (wanted, key)).rowcount
    return jsonify(id=key, decision=wanted) if changed else abort(404)


@app.post("/api/v1/documents/<key>/chat")
def chat(key):
    row = database().execute("SELECT content FROM document WHERE id=?", (key,)).fetchone() or abort(404)
    close(None)
    words = "\n".join(b["text"] for b in json.loads(row[0]))[:16000]
    answer = ask_model(f"{words}\n\n{request.get_json()['text']}", False)
    return jsonify(text="".join(piece.get("text", "") for piece in answer))


@app.post("/api/v1/reviews/<key>/exports")
def export(key):
    accepted = [f for f in findings_of(key) if f["decision"] == "accepted"]
    peer_docx.write(str(FOLDER / f"{key}.docx"), str(FOLDER / f"{key}.out.docx"), len(accepted) or 1)
    return jsonify(id=key), 201


@app.get("/api/v1/exports/<key>/file")
def export_file(key):
    return Response((FOLDER / f"{key}.out.docx").read_bytes(), content_type="application/octet-stream")
