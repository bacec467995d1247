import assert from "node:assert/strict";
import { test } from "node:test";

import type { DocComment, Finding, Run } from "../src/api/types";
import { blockText, commentsByBlock, marksByBlock, pieces } from "../src/model/marks";

const runs: Run[] = [{ t: "The pump " }, { t: "was", b: true }, { t: "", note: 0 }, { t: " replaced." }];
const said = (marks: { id: string; start: number; end: number }[]) =>
  pieces(runs, marks, [])
    .filter((p) => p.text)
    .map((p) => `${p.offset}${p.text}${p.marks.length ? `[${p.marks.map((m) => m.id).join()}]` : ""}`);

test("without marks a piece is a run", () => assert.deepEqual(said([]), ["0The pump ", "9was", "12 replaced."]));

test("a mark across runs is a piece in each", () =>
  assert.deepEqual(said([{ id: "a", start: 4, end: 14 }]), ["0The ", "4pump [a]", "9was[a]", "12 r[a]", "14eplaced."]));

test("overlapping and nested marks: each piece knows all, the shortest first", () => {
  const marks = [
    { id: "long", start: 0, end: 12 },
    { id: "in", start: 4, end: 8 },
    { id: "over", start: 6, end: 16 },
  ];
  assert.deepEqual(said(marks), ["0The [long]", "4pu[in,long]", "6mp[in,over,long]", "8 [over,long]", "9was[over,long]", "12 rep[over]", "16laced."]);
});

test("the text of the pieces is the text of the block, whatever the marks", () => {
  const text = blockText(runs);
  for (let start = 0; start < text.length; start++)
    for (let end = start + 1; end <= text.length; end++) {
      const all = pieces(runs, [{ id: "a", start, end }, { id: "b", start: 2, end: 11 }], []);
      assert.equal(all.map((p) => p.text).join(""), text);
      assert.equal(all.filter((p) => p.marks.some((m) => m.id === "a")).map((p) => p.text).join(""), text.slice(start, end));
      for (const p of all) assert.equal(text.slice(p.offset, p.offset + p.text.length), p.text);
    }
});

test("marks behind the end and empty ones do no harm", () => {
  assert.deepEqual(said([{ id: "a", start: 500, end: 600 }]), said([]));
  assert.deepEqual(marksByBlock([{ id: "x", anchor: { block: 1, start: 3, end: 3, quote: "" } } as Finding, { id: "y", anchor: null } as Finding]).size, 0);
});

test("a comment over several blocks has a span in each; answers have none", () => {
  const comment = { author: "A", date: null, text: "t", resolved: false, parent: null, block: 2, start: 5, end_block: 4, end: 3 };
  const spans = commentsByBlock([comment, { ...comment, parent: 0 }] as DocComment[], () => 10);
  assert.deepEqual([...spans], [[2, [{ index: 0, start: 5, end: 10 }]], [3, [{ index: 0, start: 0, end: 10 }]], [4, [{ index: 0, start: 0, end: 3 }]]]);
});
