"""Simulated people: each opens the page, uploads a document, watches its review, reads, decides, talks with the model once and exports, with pauses
to think. One asyncio loop holds all of them; HTTP/1.1 by hand, so that a request costs the driver little of the processors that it shares with
the server. Who does what, and when, follows from the seed.

A person who gets an error stops: an error is a status of 400 or more, no answer in time, a broken connection, or an answer that is not right."""
import asyncio
import collections
import json
import random
import time

BOUNDARY = "prism-bench-5f1c0d"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LIMIT = 64 << 20  # of an answer
EARLY, LATE = 3, 4  # decisions while the model is at it, and after


class Wrong(Exception):
    pass


class Connection:
    """One keep-alive connection. A request on one that the server has closed meanwhile is sent once more on a new one, as browsers do."""

    def __init__(self, port, cookies):
        self.port, self.cookies, self.reader, self.writer = port, cookies, None, None

    async def _send(self, data):
        used = self.writer is not None and not self.writer.is_closing()
        while True:
            if not used:
                self.close()
                self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=LIMIT)
            try:
                self.writer.write(data)
                head = await self.reader.readuntil(b"\r\n\r\n")
                return head
            except (asyncio.IncompleteReadError, ConnectionError) as e:
                if not used or getattr(e, "partial", b""):
                    raise
                used = False

    async def begin(self, method, path, body=None, kind="application/json"):
        """Sends, and reads the head: (status, fields)."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Accept-Encoding: br, gzip"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        if body is not None:
            lines += [f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        head = (await self._send("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))).decode("latin-1").split("\r\n")
        fields = {}
        for line in head[1:-2]:
            name, _, value = line.partition(": ")
            fields[name.lower()] = value
            if name.lower() == "set-cookie":
                key, _, rest = value.split(";")[0].partition("=")
                self.cookies[key] = rest
        return int(head[0].split()[1]), fields

    async def chunks(self):
        while True:
            size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
            data = await self.reader.readexactly(size + 2)
            if size == 0:
                return
            yield data[:-2]

    async def body(self, fields):
        if "content-length" in fields:
            return await self.reader.readexactly(int(fields["content-length"]))
        if fields.get("transfer-encoding", "").lower() == "chunked":
            return b"".join([piece async for piece in self.chunks()])
        data = await self.reader.read(-1)
        self.close()
        return data

    def close(self):
        if self.writer is not None:
            self.writer.close()
            self.writer = None


async def events(connection):
    """Of a stream whose head was read: (event, data)."""
    rest = b""
    async for piece in connection.chunks():
        *whole, rest = (rest + piece).split(b"\n\n")
        for block in whole:
            lines = dict(line.split(b": ", 1) for line in block.split(b"\n") if b": " in line and not line.startswith(b":"))
            if b"event" in lines:
                yield lines[b"event"].decode(), lines.get(b"data", b"")


class Record:
    """What was seen, by kind of request; model holds what waits for the model."""

    def __init__(self):
        self.times, self.model = collections.defaultdict(list), collections.defaultdict(list)
        self.errors, self.lag_ms = collections.Counter(), []
        self.finished = self.at_it = self.most_at_it = self.reviewing = self.most_reviewing = 0
        self.first = self.last = 0.0  # monotonic

    def requests(self):
        return sum(map(len, self.times.values())) + sum(map(len, self.model.values()))

    def begun(self, what, by):
        setattr(self, what, getattr(self, what) + by)
        setattr(self, f"most_{what}", max(getattr(self, f"most_{what}"), getattr(self, what)))


class Person:
    """What both servers are asked alike; a subclass says how a review, a talk and an export go there."""

    ASSETS, READS = [], ["/api/v1/server", "/api/v1/me", "/api/v1/documents?limit=20"]

    def __init__(self, number, port, record, options):
        self.number, self.record, self.o = number, record, options
        self.rng = random.Random(f"{options.seed}/{number}")
        self.cookies = {}
        self.http = Connection(port, self.cookies)
        self.other = Connection(port, self.cookies)  # for what is open beside it
        self.document = self.review_id = None

    async def ask(self, kind, method, path, body=None, content="application/json", on=None, seconds=60, model=False):
        connection, start = on or self.http, time.perf_counter()
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()

        async def whole():
            status, fields = await connection.begin(method, path, data, content)
            return status, await connection.body(fields)

        try:
            status, got = await asyncio.wait_for(whole(), seconds)
        except asyncio.TimeoutError:
            raise Wrong(f"{kind}: no answer within {seconds} s") from None
        except (OSError, asyncio.IncompleteReadError) as e:
            raise Wrong(f"{kind}: {type(e).__name__}") from None
        (self.record.model if model else self.record.times)[kind].append((time.perf_counter() - start) * 1000)
        if status >= 400:
            raise Wrong(f"{kind}: {status} {got[:160].decode(errors='replace')}")
        return got

    async def get(self, kind, path, **more):
        return json.loads(await self.ask(kind, "GET", path, **more))

    async def think(self, seconds):
        await asyncio.sleep(self.rng.uniform(0.5, 1.5) * seconds * self.o.think)

    async def open(self):
        await self.ask("page", "GET", "/")
        for path in self.ASSETS:
            await self.ask("asset", "GET", path)
        for path in self.READS:
            await self.ask("read: the start", "GET", path)

    async def upload(self):
        head = (f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="report {self.number}.docx"\r\n'
                f"Content-Type: {DOCX}\r\n\r\n").encode()
        body = head + self.o.document + f"\r\n--{BOUNDARY}--\r\n".encode()
        made = json.loads(await self.ask("upload", "POST", "/api/v1/documents", body, f"multipart/form-data; boundary={BOUNDARY}"))
        self.document, self.review_id = made["document"]["id"], made["review"]["id"]

    async def findings(self):
        return (await self.get("read: findings", f"/api/v1/reviews/{self.review_id}/findings?limit=100"))["findings"]

    async def read(self):
        await self.ask("read: document", "GET", f"/api/v1/documents/{self.document}/content")
        return await self.findings()

    async def decide(self, findings, n):
        still = [f for f in findings if f["decision"] == "open"]
        for finding in self.rng.sample(still, min(n, len(still))):
            await self.think(3)
            wanted = self.rng.choice(("accepted", "rejected"))
            await self.ask("decision", "PUT", f"/api/v1/findings/{finding['id']}/decision", {"decision": wanted})

    async def review(self):
        raise NotImplementedError

    async def chat(self):
        raise NotImplementedError

    async def export(self):
        raise NotImplementedError

    async def reviewed(self):
        self.record.begun("reviewing", 1)
        try:
            await self.review()
        finally:
            self.record.begun("reviewing", -1)

    async def live(self):
        await self.open()
        await self.think(2)
        await self.upload()
        review = asyncio.create_task(self.reviewed())
        try:
            await self.rules_done()
            await self.think(2)
            await self.decide(await self.read(), EARLY)
            await review
        finally:
            review.cancel()
            await asyncio.gather(review, return_exceptions=True)
        await self.decide(await self.findings(), LATE)
        await self.think(3)
        await self.chat()
        await self.think(4)
        await self.export()

    async def rules_done(self):
        """Until there is something to read."""

    async def run(self):
        await asyncio.sleep(self.number / max(1, self.o.people) * self.o.ramp)
        self.record.begun("at_it", 1)
        try:
            await self.live()
            self.record.finished += 1
        except Exception as e:  # pylint: disable=broad-except
            self.record.errors[str(e) if isinstance(e, Wrong) else f"{type(e).__name__}: {e}"] += 1
        finally:
            self.record.begun("at_it", -1)
            self.http.close()
            self.other.close()


class PrismPerson(Person):
    """Watches by the document's live events; a talk is a stream."""

    def __init__(self, *args):
        super().__init__(*args)
        self.heard, self.news, self.listener = set(), asyncio.Event(), None

    async def _listen(self):
        async for name, _ in events(self.other):
            self.heard.add(name)
            self.news.set()

    async def until(self, what, path, names, seconds):
        """Until one of these events came, or the state at path says that it is over: what was before we listened is not told again."""
        end = time.monotonic() + seconds
        while not self.heard & names:
            self.news.clear()
            try:
                await asyncio.wait_for(self.news.wait(), 10)
            except asyncio.TimeoutError:
                if await self.is_over(path):
                    return
            if time.monotonic() > end:
                raise Wrong(f"{what}: not over after {seconds} s")
            if self.listener.done() and not self.heard & names:
                raise Wrong(f"{what}: the stream of events ended")

    async def is_over(self, path):
        """On a connection of its own: the person may be asking on the first one."""
        spare = Connection(self.http.port, self.cookies)
        try:
            return (await self.get("read: state", path, on=spare))["state"] not in ("queued", "running")
        finally:
            spare.close()

    async def upload(self):
        await super().upload()
        start = time.perf_counter()
        status, _ = await self.other.begin("GET", f"/api/v1/documents/{self.document}/events")
        self.record.times["events: open"].append((time.perf_counter() - start) * 1000)
        if status != 200:
            raise Wrong(f"events: {status}")
        self.listener = asyncio.create_task(self._listen())
        self.uploaded = time.perf_counter()

    async def rules_done(self):
        path = f"/api/v1/reviews/{self.review_id}"
        if (await self.get("read: state", path))["counts"]["total"] == 0:
            await self.until("rules", path, {"review.rules_done", "review.done", "review.failed"}, self.o.seconds)

    async def review(self):
        path = f"/api/v1/reviews/{self.review_id}"
        await self.until("review", path, {"review.done", "review.failed"}, self.o.seconds)
        self.record.model["review by the model"].append((time.perf_counter() - self.uploaded) * 1000)

    async def chat(self):
        start, first = time.perf_counter(), None
        talk = Connection(self.http.port, self.cookies)

        async def whole():
            nonlocal first
            status, _ = await talk.begin("POST", f"/api/v1/documents/{self.document}/chat", json.dumps({"text": self.o.question}).encode())
            if status != 200:
                raise Wrong(f"chat: {status}")
            async for name, data in events(talk):
                if first is None:
                    first = (time.perf_counter() - start) * 1000
                    self.record.times["chat: accepted"].append(first)
                if name == "end":
                    return json.loads(data)
            raise Wrong("chat: the stream ended")

        try:
            end = await asyncio.wait_for(whole(), self.o.seconds)
        except asyncio.TimeoutError:
            raise Wrong("chat: no end in time") from None
        finally:
            talk.close()
        if end["state"] != "done" or not end["length"]:
            raise Wrong(f"chat: {end['state']} {end['problem']}")
        self.record.model["chat"].append((time.perf_counter() - start) * 1000)

    async def export(self):
        review = await self.get("read: state", f"/api/v1/reviews/{self.review_id}")
        if review["state"] != "done" or not review["coverage"]["complete"]:
            raise Wrong(f"review: {review['state']}, {review['model']}")
        start = time.perf_counter()
        made = json.loads(await self.ask("export: begun", "POST", f"/api/v1/reviews/{self.review_id}/exports", {"format": "docx", "include": "accepted"}))
        path = f"/api/v1/exports/{made['id']}"
        if made["state"] in ("queued", "running"):
            await self.until("export", path, {"export.done", "export.failed"}, self.o.seconds)
        self.record.times["export: made"].append((time.perf_counter() - start) * 1000)
        if (await self.ask("export: file", "GET", f"{path}/file"))[:2] != b"PK":
            raise Wrong("export: no zip file")

    async def run(self):
        try:
            await super().run()
        finally:
            if self.listener:
                self.listener.cancel()
                await asyncio.gather(self.listener, return_exceptions=True)


class PeerPerson(Person):
    """A review and a talk are a request each that ends when the model has answered."""

    async def review(self):
        await self.ask("review by the model", "POST", f"/api/v1/reviews/{self.review_id}/run", {}, on=self.other, seconds=self.o.seconds, model=True)

    async def chat(self):
        got = json.loads(await self.ask("chat", "POST", f"/api/v1/documents/{self.document}/chat", {"text": self.o.question}, seconds=self.o.seconds, model=True))
        if not got["text"]:
            raise Wrong("chat: no text")

    async def export(self):
        start = time.perf_counter()
        made = json.loads(await self.ask("export: begun", "POST", f"/api/v1/reviews/{self.review_id}/exports", {"format": "docx", "include": "accepted"}))
        self.record.times["export: made"].append((time.perf_counter() - start) * 1000)
        if (await self.ask("export: file", "GET", f"/api/v1/exports/{made['id']}/file"))[:2] != b"PK":
            raise Wrong("export: no zip file")


async def _lag(record):
    """How late this loop is: what it adds to every time that it takes."""
    while True:
        start = time.perf_counter()
        await asyncio.sleep(0.05)
        record.lag_ms.append((time.perf_counter() - start - 0.05) * 1000)


async def _drive(kind, port, options):
    record = Record()
    lag = asyncio.create_task(_lag(record))
    record.first = time.monotonic()
    await asyncio.gather(*(kind(i, port, record, options).run() for i in range(options.people)))
    record.last = time.monotonic()
    lag.cancel()
    return record


def drive(kind, port, options):
    """options: people, ramp (s until all are there), think (factor), seconds (for what waits for the model), seed, document, question."""
    return asyncio.run(_drive(kind, port, options))
