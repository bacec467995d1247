import assert from "node:assert/strict";
import { test } from "node:test";

import { refusal } from "../src/api/upload";
import { diffWords } from "../src/model/diff";
import { many, percent, sentence, shorten, size, usd, when } from "../src/model/words";

test("sizes", () => {
  assert.deepEqual([0, 1023, 1024, 16 * 1024 * 1024, 3 * 1024 * 1024 + 300, 1.5 * 1024 * 1024].map(size), ["0 B", "1023 B", "1 KB", "16 MB", "3 MB", "1.5 MB"]);
});

test("one and many", () => assert.deepEqual([many(1, "finding"), many(1234, "finding")], ["1 finding", "1,234 findings"]));

test("times are as exact as is of use", () => {
  const now = Date.parse("2026-03-02T12:00:00.000Z");
  assert.equal(when("2026-03-02T11:59:40.000Z", now), "just now");
  assert.equal(when("2026-03-02T11:15:00.000Z", now), "45 min ago");
});

test("shortening cuts between words and folds white space", () => assert.equal(shorten("one  two\nthree four", 12), "one two…"));

test("a rewrite is shown word by word", () => {
  assert.deepEqual(diffWords("on Monday, 3 March", "on Tuesday, 3 March"), [
    { kind: "same", text: "on " },
    { kind: "gone", text: "Monday" },
    { kind: "new", text: "Tuesday" },
    { kind: "same", text: ", 3 March" },
  ]);
  assert.deepEqual(diffWords("the the", "the").filter((c) => c.kind !== "gone").map((c) => c.text).join(""), "the");
  for (const [a, b] of [["", "x"], ["x", ""], ["a".repeat(9), "b"], ["x ".repeat(600), "y ".repeat(600)]] as const) {
    const changes = diffWords(a, b);
    assert.equal(changes.filter((c) => c.kind !== "new").map((c) => c.text).join(""), a);
    assert.equal(changes.filter((c) => c.kind !== "gone").map((c) => c.text).join(""), b);
  }
});

test("what can be refused before it is sent", () => {
  const file = (name: string, bytes: number) => ({ name, size: bytes }) as File;
  assert.equal(refusal(file("a.docx", 5), 10, size), null);
  assert.equal(refusal(file("a.DOCX", 5), 10, size), null);
  assert.match(refusal(file("a.pdf", 5), 10, size)?.message ?? "", /a PDF, not a Word document/);
  assert.match(refusal(file("a.docx", 0), 10, size)?.message ?? "", /empty/);
  assert.match(refusal(file("a.docx", 2048), 1024, size)?.message ?? "", /has 2 KB; up to 1 KB is accepted/);
});

test("money and shares", () => {
  assert.deepEqual([0, 0.004, 0.5, 1234.5].map(usd), ["$0.00", "under $0.01", "$0.50", "$1,234.50"]);
  assert.equal(percent(0.935), "94\u00a0%");
});

test("a sentence has a beginning and an end", () => {
  const said = ["", "it failed", "It failed.", "Did it?", "He said “no.”", "local-model: does not answer", "nova-pro was throttled"];
  assert.deepEqual(said.map(sentence), ["", "It failed.", "It failed.", "Did it?", "He said “no.”", "local-model: does not answer.", "nova-pro was throttled."]);
});
