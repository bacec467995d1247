import assert from "node:assert/strict";
import { test } from "node:test";

import type { Coverage, Review, SectionState } from "../src/api/types";
import { progress, sorted, summary } from "../src/model/coverage";

const findings = { kept: 0, refused_not_found: 0, refused_invalid: 0, merged: 0, over_budget: 0, dismissed: 0 };
const record = (...states: SectionState[]): Coverage => ({
  complete: states.every((s) => s === "reviewed" || s === "cached"),
  sections: states.map((state, section) => ({ section, title: "", state, model: "m", why: "" })),
  whole: null, blocks: 0, blocks_reviewed: 0, points: [], prompt_version: "", framework_version: "", calls: 0, findings,
});
const review = (state: Review["model"]["state"], coverage: Coverage | null = null, progress = 0): Review => ({ model: { state, name: "nova", prompt_version: null, problem: null }, coverage, progress }) as Review;

test("all of it is said only when all is accounted for", () => {
  assert.equal(summary(review("done", record("reviewed", "cached"))), "The rules and nova reviewed all of it: 2 sections.");
  assert.equal(summary(review("done", record("reviewed", "failed", "cut", "excluded", "over_budget"))), "The rules reviewed it; nova reviewed 1 of 5 sections.");
});

test("each way in which no model took part is said", () => {
  assert.match(summary(review("none")), /no language model/);
  assert.match(summary(review("not_allowed")), /never to be sent/);
  assert.match(summary(review("failed")), /nova could not/);
  assert.match(summary(review("cancelled", record("reviewed", "failed"))), /stopped after 1 of 2 sections/);
});

test("the model's progress begins where the rules end", () => {
  assert.deepEqual([0.1, 0.55, 1].map((p) => progress(review("running", null, p))), ["0\u00a0%", "50\u00a0%", "100\u00a0%"]);
});

test("refused findings are counted apart, and none is hidden", () => {
  const counts = { kept: 9, refused_not_found: 2, refused_invalid: 1, merged: 3, over_budget: 4, dismissed: 5 };
  const rows = sorted({ ...record(), findings: counts });
  assert.equal(rows.reduce((sum, row) => sum + row.count, 0), Object.values(counts).reduce((a, b) => a + b));
  assert.deepEqual(sorted(record()).map((row) => row.label), ["Kept"]);
});
