import assert from "node:assert/strict";
import { test } from "node:test";

import { EventLines, readEvents, type ServerEvent } from "../src/api/sse";

const WIRE = ': hello\nevent: delta\ndata: {"text":"Grüße 🎉"}\n\nid: 4\nevent:tool\r\ndata:a\r\ndata: b\r\n\r\ndata\n\nevent: lost\n\ndata: plain\n\n';
const WANT: ServerEvent[] = [
  { event: "delta", data: '{"text":"Grüße 🎉"}', id: "" },
  { event: "tool", data: "a\nb", id: "4" },
  { event: "message", data: "", id: "4" },
  { event: "message", data: "plain", id: "4" },
];

test("events come out whole, wherever the text is torn", () => {
  for (let size = 1; size <= WIRE.length; size++) {
    const lines = new EventLines();
    const got: ServerEvent[] = [];
    for (let at = 0; at < WIRE.length; at += size) got.push(...lines.push(WIRE.slice(at, at + size)));
    assert.deepEqual(got, WANT, `in pieces of ${size}`);
  }
});

test("what has no end is no event", () => assert.deepEqual(new EventLines().push("data: half\n"), []));

test("bytes torn within a character", async () => {
  const bytes = new TextEncoder().encode(WIRE);
  const got: ServerEvent[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  await readEvents(body, (e) => got.push(e));
  assert.deepEqual(got, WANT);
});

test("a stream that breaks says so", async () => {
  const body = new ReadableStream<Uint8Array>({ pull: (c) => c.error(new Error("gone")) });
  await assert.rejects(readEvents(body, () => {}), /gone/);
});
