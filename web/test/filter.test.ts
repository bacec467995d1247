import assert from "node:assert/strict";
import { test } from "node:test";

import type { Finding } from "../src/api/types";
import { byPlace, byRisk, count, countBySection, isFiltering, isFolded, NO_FILTER, passing, readFilter, writeFilter } from "../src/model/filter";

const finding = (id: string, part: Partial<Finding>): Finding =>
  ({ id, risk: "low", kind: "suggestion", decision: "open", section: 0, category: "C", title: "Title", description: "", suggestion: "", anchor: { block: 0, start: 0, end: 1, quote: "q" }, reviewer: { kind: "rule", id: "a.b", name: "" }, ...part }) as Finding;
const all = [
  finding("1", { risk: "high", section: 1, description: "Café is closed" }),
  finding("2", { risk: "medium", kind: "critical", decision: "accepted" }),
  finding("3", { reviewer: { kind: "person", id: "v", name: "Me" }, anchor: null, section: null }),
];
const ids = (list: Finding[]) => list.map((f) => f.id).join("");
const none: ReadonlySet<string> = new Set();

test("filters of one name are alternatives, of different names all hold", () => {
  assert.equal(ids(passing(all, { ...NO_FILTER, risk: ["high", "medium"] }, none)), "12");
  assert.equal(ids(passing(all, { ...NO_FILTER, risk: ["high", "medium"], kind: ["critical"] }, none)), "2");
  assert.equal(ids(passing(all, { ...NO_FILTER, reviewer: ["person"] }, none)), "3");
  assert.equal(ids(passing(all, { ...NO_FILTER, reviewer: ["a.b"] }, none)), "12");
  assert.equal(ids(passing(all, { ...NO_FILTER, section: ["1"] }, none)), "1");
});

test("words are found whatever their case and accents", () => {
  assert.equal(ids(passing(all, { ...NO_FILTER, q: " CAFE " }, none)), "1");
  assert.equal(ids(passing(all, { ...NO_FILTER, q: "title" }, none)), "123");
});

test("what was just decided stays", () => assert.equal(ids(passing(all, { ...NO_FILTER, decision: ["open"] }, new Set(["2"]))), "123"));

test("the address keeps a filter, and nonsense in it is left aside", () => {
  const filter = { ...NO_FILTER, risk: ["high", "low"], decision: ["open"], q: "a b&c", sort: "risk" as const };
  const params = new URLSearchParams("f=x&kind=old");
  writeFilter(filter, params);
  assert.deepEqual(readFilter(params), filter);
  assert.equal(params.get("f"), "x");
  writeFilter(NO_FILTER, params);
  assert.equal(params.toString(), "f=x");
  assert.equal(isFiltering(readFilter(new URLSearchParams("risk=<script>,&kind=x&section=-1&decision=maybe&sort=up"))), false);
});

test("order by place, then by risk", () => {
  const at = (id: string, block: number, start: number, risk: Finding["risk"]) => finding(id, { risk, anchor: { block, start, end: start + 1, quote: "" } });
  const list = [at("c", 2, 0, "high"), at("b", 1, 4, "low"), at("a", 1, 2, "low"), at("d", 1, 4, "high"), finding("e", { anchor: null })];
  assert.equal(ids([...list].sort(byPlace)), "adbce");
  assert.equal(ids([...list].sort(byRisk(new Map()))), "dcabe");
  assert.equal(ids([...list].sort(byRisk(new Map([["b", 0], ["c", 1], ["d", 2]])))), "cdbae", "within a risk as the server has them, and new ones behind");
});

test("counts are of all", () => {
  const counts = count(all);
  assert.deepEqual(counts.decision, { open: 2, accepted: 1, rejected: 0 });
  assert.deepEqual(counts.risk, { high: 1, medium: 1, low: 1 });
  assert.deepEqual(countBySection(all).get(1), { total: 1, open: 1, worst: "high" });
  assert.deepEqual(countBySection(all).get(0), { total: 1, open: 0, worst: null });
});

test("who found it is counted", () => assert.deepEqual(count(all).source, { rule: 2, model: 0, person: 1 }));

test("a finding that a model is less sure of is folded away until somebody decides on it", () => {
  assert.equal(isFolded(finding("1", { folded: true })), true);
  assert.equal(isFolded(finding("1", { folded: true, decision: "accepted" })), false);
  assert.equal(isFolded(finding("1", { folded: false })), false);
});
