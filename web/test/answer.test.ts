import assert from "node:assert/strict";
import { test } from "node:test";

import type { ChatEvent } from "../src/api/chat";
import type { ChatMessage, Citation, ToolUse } from "../src/api/types";
import { plain, withEvent } from "../src/model/answer";

const EMPTY = { id: "a", seq: 2, role: "model", text: "", state: "running", model: "", problem: null, context: null, citations: [], tools: [], proposals: [], created_at: "", finished_at: null } as ChatMessage;
const cite = (n: number): Citation => ({ n, anchor: { block: n, start: 0, end: 1, quote: "q" } });
const tool = (n: number, state: ToolUse["state"]): ToolUse => ({ n, name: "find_text", state, about: "x", detail: "" });
const EVENTS: ChatEvent[] = [
  { event: "message", data: { question: null, answer: EMPTY } },
  { event: "begin", data: { model: "one" } },
  { event: "delta", data: { offset: 0, text: "Hello " } },
  { event: "tool", data: tool(1, "running") },
  { event: "tool", data: tool(1, "done") },
  { event: "citation", data: cite(1) },
  { event: "delta", data: { offset: 6, text: "wor" } },
  { event: "delta", data: { offset: 9, text: "ld [[1]]." } },
  { event: "end", data: { id: "a", state: "done", model: "one", problem: null, length: 18, finished_at: "now" } },
];
const all = (from: ChatMessage, events: readonly ChatEvent[]) => events.reduce(withEvent, from);

test("an answer is put together", () => {
  const whole = all(EMPTY, EVENTS);
  assert.equal(whole.text, "Hello world [[1]].");
  assert.equal(whole.state, "done");
  assert.deepEqual(whole.tools, [tool(1, "done")]);
  assert.deepEqual(whole.citations, [cite(1)]);
});

test("followed again from any point, or from the beginning, it is the same", () => {
  const whole = all(EMPTY, EVENTS);
  for (let lost = 0; lost <= EVENTS.length; lost++) {
    const half = all(EMPTY, EVENTS.slice(0, lost));
    for (let from = 0; from <= lost; from++) assert.deepEqual(all(half, EVENTS.slice(from)), whole, `${lost} ${from}`);
  }
});

test("a model that begins anew voids what stands behind the offset", () => {
  const half = all(EMPTY, EVENTS.slice(0, 7));
  const anew = all(half, [
    { event: "restart", data: { model: "two", offset: 6, citations: 0, problem: null } },
    { event: "delta", data: { offset: 6, text: "there" } },
  ]);
  assert.deepEqual([anew.text, anew.model, anew.citations.length, anew.tools.length], ["Hello there", "two", 0, 1]);
});

test("what is copied has no marks of citations", () => assert.equal(plain("So [[1]], and so[[12]]. [[x]]"), "So, and so. [[x]]"));
