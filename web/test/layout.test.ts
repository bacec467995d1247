import assert from "node:assert/strict";
import { test } from "node:test";

import type { Block, Content, Section } from "../src/api/types";
import { blocksOf, depthsOf, layout, type Item } from "../src/model/layout";

const content = (blocks: Partial<Block>[], more: Partial<Content> = {}): Content => ({
  version: 1,
  sections: [],
  tables: [],
  notes: [],
  comments: [],
  changes: [],
  warnings: [],
  blocks: blocks.map((b, i) => ({ i, section: null, kind: "paragraph", runs: [{ t: `b${i}` }], ...b }) as Block),
  ...more,
});
const items = (c: Content): Item[] => layout(c).parts.flatMap((p) => p.chunks.flatMap((chunk) => chunk.items));
const cell = (t: number, row: number, col: number, part = {}) => ({ kind: "cell" as const, table: { t, row, col, row_span: 1, col_span: 1, header: false, merged: false, ...part } });

test("list items that follow each other are one list", () => {
  const found = items(content([{}, { kind: "list_item" }, { kind: "list_item" }, {}]));
  assert.deepEqual(found.map((i) => i.type), ["block", "list", "block"]);
});

test("cells are a table; what is merged is not shown", () => {
  const found = items(content([cell(0, 0, 0, { row_span: 2, header: true }), cell(0, 0, 1), cell(0, 1, 0, { merged: true }), cell(0, 1, 1), cell(0, 1, 1)], { tables: [{ section: null, rows: 2, columns: 2, first_block: 0, last_block: 4, in: null }] }));
  assert.equal(found.length, 1);
  const [table] = found;
  assert.ok(table?.type === "table");
  if (table?.type !== "table") return;
  assert.deepEqual(table.rows.map((r) => r.length), [2, 1]);
  assert.equal(table.rows[0]?.[0]?.rowSpan, 2);
  assert.equal(table.rows[0]?.[0]?.header, true);
  assert.equal(table.rows[1]?.[0]?.items.length, 2, "two paragraphs in one cell");
});

test("a table in a cell of a table", () => {
  const tables = [
    { section: null, rows: 1, columns: 2, first_block: 0, last_block: 3, in: null },
    { section: null, rows: 1, columns: 1, first_block: 1, last_block: 1, in: { t: 0, row: 0, col: 0 } },
  ];
  const found = items(content([cell(0, 0, 0), cell(1, 0, 0), cell(0, 0, 0), cell(0, 0, 1)], { tables }));
  assert.equal(found.length, 1);
  const outer = found[0];
  if (outer?.type !== "table") return assert.fail();
  assert.deepEqual(outer.rows[0]?.map((c) => c.items.map((i) => i.type)), [["block", "table", "block"], ["block"]]);
});

test("every block of the body is shown exactly once, in order, and knows its chunk", () => {
  const many = content(Array.from({ length: 500 }, (_, i) => (i % 7 === 3 ? { kind: "list_item" } : {})));
  const made = layout(many);
  assert.deepEqual(items(many).flatMap(blocksOf).map((b) => b.i), many.blocks.map((b) => b.i));
  assert.ok(made.chunkCount > 5);
  made.chunkOf.forEach((chunk, block) => {
    const own = made.parts.flatMap((p) => p.chunks).find((c) => c.number === chunk);
    assert.ok(own && own.first <= block && block <= own.last);
  });
});

test("headings are as deep as they are nested, without jumps", () => {
  const depth = (levels: number[]) => depthsOf(levels.map((level) => ({ level }) as Section));
  assert.deepEqual(depth([0, 1, 4, 4, 2, 6, 1]), [1, 1, 2, 2, 2, 3, 1]);
});
