// Numbers by the minute: gaps, tables, words.
import assert from "node:assert/strict";
import { test } from "node:test";

import { isEmpty, lasting, ms, rows, summary, times } from "../src/model/minutes";

const from = "2026-11-26T09:30:42Z";

test("minutes begin at whole ones", () => assert.deepEqual(times(from, 3).map((t) => new Date(t * 1000).toISOString().slice(11, 19)), ["09:30:00", "09:31:00", "09:32:00"]));

test("nothing and zeros are empty", () => {
  assert.ok(isEmpty([{ label: "a", values: [null, 0, null] }]));
  assert.ok(isEmpty([]));
  assert.ok(!isEmpty([{ label: "a", values: [0] }, { label: "b", values: [2] }]));
});

test("a table has the minutes in which something was, the newest first", () => {
  const got = rows(from, [{ label: "a", values: [1, 0, null, 4] }, { label: "b", values: [null, 0, null, null] }]);
  assert.deepEqual(got.map((r) => r.values), [[4, null], [1, null]]);
});

test("a line in words", () => {
  assert.deepEqual(summary({ label: "a", values: [1, 5, null, 2, null] }), { last: 2, most: 5, sum: 8 });
  assert.deepEqual(summary({ label: "a", values: [] }), { last: 0, most: 0, sum: 0 });
});

test("times in words", () => {
  assert.deepEqual([0, 59, 60, 7200, 86_400, 200_000].map(lasting), ["0 s", "59 s", "1 minute", "2 hours", "1 day", "2 days"]);
  assert.deepEqual([0, 0.25, 9.96, 12, 1500, 12_345].map(ms), ["0 ms", "0.3 ms", "10.0 ms", "12 ms", "1500 ms", "12.3 s"]);
});
