"""What each thing costs our server on this machine: processor time of its processes (their own clocks, so neighbours count little) and memory, measured on a
server of its own, one kind after the other. The model is the fake of tests/peers."""
import concurrent.futures
import json
import socket
import subprocess
import sys
import time

import hold
import models
import people
import serve
from processes import Most
from serve import ROOT, Client

SECONDS = 0.3  # of an answer of the fake: it costs the server nothing
LONG, SHORT = (4600, 50), (400, 5)  # paragraphs and tables of the 200-page document; of what stands for it in a look
QUESTION = {"text": "What became of the old pump?"}


class Bench:
    def __init__(self, folder, scale):
        self.folder, self.scale = folder, scale
        self.documents = {"document": self.made("document", people.PARAGRAPHS, people.TABLES), "long_document": self.made("long", *LONG if scale >= 0.5 else SHORT)}
        self.fake = models.Fake(SECONDS)
        people.script(self.fake, SECONDS)
        self.prism = serve.Prism(folder / "data", ANTHROPIC_API_KEY=models.KEY, PRISM_ANTHROPIC_URL=self.fake.url, PRISM_MODEL_CALLS="1000")
        time.sleep(2)  # what it loads in the background
        self.rest_ms_s = 0.0
        self.rest_ms_s = self.of(lambda: time.sleep(3 * min(1, scale)), 1) / (3 * min(1, scale))

    def made(self, name, paragraphs, tables):
        path = self.folder / f"{name}.docx"
        subprocess.run([sys.executable, ROOT / "bench/gen.py", path, str(paragraphs), str(tables)], check=True)
        return path.read_bytes()

    def times(self, n):
        return max(2, round(n * self.scale))

    def of(self, does, n):
        """Processor ms of the server for one of the n that does() does, without what it takes at rest."""
        cpu, start = self.prism.cpu_ms(), time.perf_counter()
        does()
        return max(0.0, self.prism.cpu_ms() - cpu - (time.perf_counter() - start) * 1000 * self.rest_ms_s / 1000) / n

    def upload(self, client, kind, model):
        """Until it is reviewed, by the rules alone or by the model too; the bytes are not those of another upload."""
        head = f'--{serve.BOUNDARY}\r\nContent-Disposition: form-data; name="never_send"\r\n\r\n{"false" if model else "true"}\r\n'
        head += f'--{serve.BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="r.docx"\r\nContent-Type: {serve.DOCX}\r\n\r\n'
        body = head.encode() + self.documents[kind] + f"\r\n--{serve.BOUNDARY}--\r\n".encode()
        made = json.loads(client.ask("POST", "/api/v1/documents", body, f"multipart/form-data; boundary={serve.BOUNDARY}"))
        deadline = time.monotonic() + 120
        while True:
            review = client.json("GET", f"/api/v1/reviews/{made['review']['id']}")
            if review["state"] not in ("queued", "running"):
                break
            if time.monotonic() > deadline:
                sys.exit("a review did not end")
            time.sleep(0.1)
        if review["state"] != "done":
            sys.exit(f"a review is {review['state']}: {review['problem']}")
        return made["document"]["id"], review["id"]

    def stop(self):
        self.prism.stop()
        self.fake.stop()


def repeat(n, does):
    def run():
        for _ in range(n):
            does()

    return run


def tokens_of(b, before):
    """Of the calls that the fake has seen since."""
    seen = b.fake.ask(f"/__seen?since={before}")["requests"]
    used = [r["usage"] for r in seen if r.get("usage")]
    return {"calls": len(used), "in": sum(u["input"] for u in used), "cache_write": sum(u["cacheWrite"] for u in used),
            "cache_read": sum(u["cacheRead"] for u in used), "out": sum(u["output"] for u in used)}


def requests(b, client, ids, cost):
    document, review = ids
    n = b.times(500)
    cost["health"] = b.of(repeat(n, lambda: client.ask("GET", "/health")), n)
    assets = people.site(b.prism.port, b.folder)
    cost["page"] = b.of(repeat(n // 5, lambda: [client.ask("GET", p) for p in ["/", *assets, *people.drive.Person.READS]]), max(1, n // 5))
    reads = [f"/api/v1/documents/{document}", f"/api/v1/documents/{document}/content", f"/api/v1/reviews/{review}/findings?limit=100"]
    cost["read"] = b.of(repeat(n // 5, lambda: [client.ask("GET", p) for p in reads]), max(1, n // 5) * len(reads))
    findings = client.json("GET", reads[2])["findings"]
    one = f"/api/v1/findings/{findings[0]['id']}/decision"
    cost["decision"] = b.of(repeat(n // 5, lambda: [client.json("PUT", one, {"decision": d}) for d in ("accepted", "rejected")]), max(1, n // 5) * 2)
    for finding in findings[:20]:
        client.json("PUT", f"/api/v1/findings/{finding['id']}/decision", {"decision": "accepted"})

    def export():
        made = client.json("POST", f"/api/v1/reviews/{review}/exports", {"format": "docx", "include": "accepted"})
        client.wait(f"/api/v1/exports/{made['id']}")
        client.ask("GET", f"/api/v1/exports/{made['id']}/file")

    cost["export"] = b.of(repeat(b.times(10), export), b.times(10))


def chat(b, client, document, cost, tokens):
    before, n = b.fake.ask("/__seen?since=1000000")["total"], b.times(10)
    cost["chat"] = b.of(repeat(n, lambda: client.json_or_stream(document)), n)
    total = tokens_of(b, before)
    tokens["chat"] = {k: v / n for k, v in total.items()}


class Talker(Client):
    def json_or_stream(self, document):
        data = self.ask("POST", f"/api/v1/documents/{document}/chat", json.dumps(QUESTION))
        if b'"state":"done"' not in data[data.rindex(b"event: end") :]:
            sys.exit("a talk did not end well")
        self.ask("DELETE", f"/api/v1/documents/{document}/chat")


def reviews(b, client, cost, tokens):
    for kind, n in (("document", b.times(8)), ("long_document", b.times(2))):
        rules = b.of(repeat(n, lambda kind=kind: b.upload(client, kind, False)), n)
        before = b.fake.ask("/__seen?since=1000000")["total"]
        cost[kind] = b.of(repeat(n, lambda kind=kind: b.upload(client, kind, True)), n)
        cost[f"{kind}: upload and rules"] = rules
        tokens[kind] = {k: v / n for k, v in tokens_of(b, before).items()}


def connections(b, client, document, cost, memory):
    n = b.times(2000)
    before = b.prism.pss_kb()
    idle = hold.Held(b.prism.port, n)
    memory["idle"] = max(0.0, (b.prism.pss_kb() - before) / n)
    cost["idle"] = b.of(lambda: time.sleep(5 * b.scale), n) * 60 / (5 * b.scale)
    idle.close()
    time.sleep(0.5)
    n, open_ones, before = b.times(200), [], b.prism.pss_kb()
    for _ in range(n):
        s = socket.create_connection(("127.0.0.1", b.prism.port), 10)
        s.sendall(f"GET /api/v1/documents/{document}/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {client.cookie}\r\n\r\n".encode())
        if not s.recv(4096).startswith(b"HTTP/1.1 200"):
            sys.exit("a stream of events was refused")
        open_ones.append(s)
    memory["stream"] = max(0.0, (b.prism.pss_kb() - before) / n)
    cost["stream"] = b.of(lambda: time.sleep(20 * b.scale), n) * 60 / (20 * b.scale)  # heartbeats among them
    for s in open_ones:
        s.close()


def memory_of_reviews(b, memory):
    """So many at once, each with its document and its calls."""
    n = b.times(40)
    people.script(b.fake, 3 * b.scale)
    before, most = b.prism.pss_kb(), Most(b.prism)
    most.start()
    with concurrent.futures.ThreadPoolExecutor(n) as pool:
        for job in [pool.submit(b.upload, Client(b.prism.port), "document", True) for _ in range(n)]:
            job.result()
    memory["review"] = max(0.0, (most.stop() - before) / n)


def measure(folder, scale=1.0):
    """scale: less than 1 measures less often, for a look whether it works."""
    b = Bench(folder, scale)
    cost, memory, tokens = {"rest_a_minute": b.rest_ms_s * 60}, {"rest": b.prism.rss_kb()}, {}
    try:
        client = Talker(b.prism.port)
        ids = b.upload(client, "document", False)
        requests(b, client, ids, cost)
        reviews(b, client, cost, tokens)
        talked = b.upload(client, "document", True)[0]
        chat(b, client, talked, cost, tokens)
        connections(b, client, ids[0], cost, memory)
        memory_of_reviews(b, memory)
    finally:
        b.stop()
    return {"cpu_ms": cost, "memory_kb": memory, "tokens": tokens}
