// Which findings are shown. Filters of one name are alternatives, filters of different names all hold; they live in the address of the page, so that
// a view can be kept and shared.
import type { Decision, Finding, Kind, Risk } from "../api/types";

export const RISKS: readonly Risk[] = ["high", "medium", "low"];
export const KINDS: readonly Kind[] = ["critical", "important", "suggestion"];
export const DECISIONS: readonly Decision[] = ["open", "accepted", "rejected"];
export type Sort = "place" | "risk";

export interface Filter {
  risk: readonly string[];
  kind: readonly string[];
  decision: readonly string[];
  section: readonly string[];
  reviewer: readonly string[]; // rule, model, person, or the id of a rule
  category: readonly string[];
  q: string;
  sort: Sort;
}

export const NO_FILTER: Filter = { risk: [], kind: [], decision: [], section: [], reviewer: [], category: [], q: "", sort: "place" };
export const LISTS = ["risk", "kind", "decision", "section", "reviewer", "category"] as const;
export type ListName = (typeof LISTS)[number];

export function readFilter(params: URLSearchParams): Filter {
  const list = (name: string) => (params.get(name) ?? "").split(",").filter((v) => v !== "");
  return {
    risk: list("risk").filter((v) => RISKS.includes(v as Risk)),
    kind: list("kind").filter((v) => KINDS.includes(v as Kind)),
    decision: list("decision").filter((v) => DECISIONS.includes(v as Decision)),
    section: list("section").filter((v) => /^\d+$/.test(v)),
    reviewer: list("reviewer"),
    category: list("category"),
    q: (params.get("q") ?? "").slice(0, 200),
    sort: params.get("sort") === "risk" ? "risk" : "place",
  };
}

export function writeFilter(filter: Filter, params: URLSearchParams): void {
  for (const name of LISTS) {
    if (filter[name].length) params.set(name, filter[name].join(","));
    else params.delete(name);
  }
  if (filter.q) params.set("q", filter.q);
  else params.delete("q");
  if (filter.sort === "risk") params.set("sort", "risk");
  else params.delete("sort");
}

export const isFiltering = (filter: Filter): boolean => filter.q !== "" || LISTS.some((name) => filter[name].length > 0);

// Kept, but folded away: a model is less sure of it than the server asks for, and nobody has decided on it.
export const isFolded = (f: Finding): boolean => f.folded && f.decision === "open";

const fold = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

// keep: findings that stay although they pass no longer (one that was just decided, so that it does not vanish under the pointer).
export function passing(findings: readonly Finding[], filter: Filter, keep: ReadonlySet<string>): Finding[] {
  const q = fold(filter.q.trim());
  const has = (list: readonly string[], value: string) => list.length === 0 || list.includes(value);
  return findings.filter(
    (f) =>
      keep.has(f.id) ||
      (has(filter.risk, f.risk) &&
        has(filter.kind, f.kind) &&
        has(filter.decision, f.decision) &&
        has(filter.section, f.section === null ? "" : String(f.section)) &&
        (filter.reviewer.length === 0 || filter.reviewer.includes(f.reviewer.kind) || filter.reviewer.includes(f.reviewer.id)) &&
        has(filter.category, f.category) &&
        (q === "" || [f.title, f.description, f.suggestion, f.anchor?.quote ?? ""].some((text) => fold(text).includes(q)))),
  );
}

const RANK: Record<Risk, number> = { high: 0, medium: 1, low: 2 };

export function byPlace(a: Finding, b: Finding): number {
  if (!a.anchor || !b.anchor) return a.anchor ? -1 : b.anchor ? 1 : compare(a.id, b.id);
  return a.anchor.block - b.anchor.block || a.anchor.start - b.anchor.start || RANK[a.risk] - RANK[b.risk] || compare(a.id, b.id);
}

// order: where the server has each, which within a risk puts first what is accepted more often; those that came since stand behind.
export function byRisk(order: ReadonlyMap<string, number>): (a: Finding, b: Finding) => number {
  const at = (f: Finding) => order.get(f.id) ?? order.size;
  return (a, b) => RANK[a.risk] - RANK[b.risk] || at(a) - at(b) || byPlace(a, b);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export interface Counts {
  total: number;
  decision: Record<Decision, number>;
  risk: Record<Risk, number>;
  kind: Record<Kind, number>;
  source: Record<Finding["reviewer"]["kind"], number>;
}

export function count(findings: readonly Finding[]): Counts {
  const counts: Counts = {
    total: findings.length,
    decision: { open: 0, accepted: 0, rejected: 0 },
    risk: { high: 0, medium: 0, low: 0 },
    kind: { critical: 0, important: 0, suggestion: 0 },
    source: { rule: 0, model: 0, person: 0 },
  };
  for (const f of findings) {
    counts.decision[f.decision]++;
    counts.risk[f.risk]++;
    counts.kind[f.kind]++;
    counts.source[f.reviewer.kind]++;
  }
  return counts;
}

export interface SectionCount {
  total: number;
  open: number;
  worst: Risk | null; // of the open ones
}

export function countBySection(findings: readonly Finding[]): Map<number, SectionCount> {
  const result = new Map<number, SectionCount>();
  for (const f of findings) {
    if (f.section === null) continue;
    let c = result.get(f.section);
    if (!c) result.set(f.section, (c = { total: 0, open: 0, worst: null }));
    c.total++;
    if (f.decision !== "open") continue;
    c.open++;
    if (c.worst === null || RANK[f.risk] < RANK[c.worst]) c.worst = f.risk;
  }
  return result;
}
