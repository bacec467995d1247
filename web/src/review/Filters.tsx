// Every number is a button that shows what it counts.
import { useMemo, useState } from "preact/hooks";

import type { Finding } from "../api/types";
import { DECISIONS, isFiltering, KINDS, NO_FILTER, RISKS, type ListName } from "../model/filter";
import { DECISION_WORD, KIND_WORD, n, RISK_WORD } from "../model/words";
import { useStore } from "../state/session";
import type { Store } from "../state/store";
import { Icon, RiskShape } from "../ui/icons";
import { Bulk } from "./Bulk";

const without = (list: readonly string[], value: string) => list.filter((v) => v !== value);

function toggle(store: Store, name: ListName, value: string): void {
  const list = store.filter.value[name];
  store.setFilter({ [name]: list.includes(value) ? without(list, value) : [...list, value] });
}

export function Filters() {
  const store = useStore();
  const [open, setOpen] = useState(false);
  const { decision, total } = store.counts.value;
  const filter = store.filter.value;
  const chosen = filter.decision.length === 1 ? filter.decision[0] : null;
  if (!total && !isFiltering(filter)) return null; // nothing to filter
  const more = filter.kind.length + filter.section.length + filter.reviewer.length + filter.category.length;
  return (
    <div class="filters">
      <div class="tabs" role="group" aria-label="By decision">
        <Tab label="All" count={total} on={filter.decision.length === 0} test="tab-all" onClick={() => store.setFilter({ decision: [] })} />
        {DECISIONS.map((d) => (
          <Tab key={d} label={DECISION_WORD[d]} count={decision[d]} on={chosen === d} test={`tab-${d}`} onClick={() => store.setFilter({ decision: chosen === d ? [] : [d] })} />
        ))}
      </div>
      <div class="filter-row">
        <label class="search">
          <span class="unseen">Search the findings</span>
          <Icon name="search" />
          <input
            id="finding-search"
            type="search"
            placeholder="Search"
            value={filter.q}
            maxLength={200}
            data-test="search"
            onInput={(event) => store.setFilter({ q: event.currentTarget.value })}
            onKeyDown={(event) => {
              if (event.key === "Escape") {
                event.stopPropagation();
                if (filter.q) store.setFilter({ q: "" });
                else event.currentTarget.blur();
              }
              if (event.key === "Enter") store.step(1);
            }}
          />
        </label>
        <button type="button" class={`button small${more ? " on" : ""}`} aria-expanded={open} aria-controls="more-filters" data-test="more-filters" onClick={() => setOpen(!open)}>
          <Icon name="filter" />
          Filter{more ? ` (${more})` : ""}
        </button>
      </div>
      <RiskRow />
      <SourceRow />
      {open && <More />}
      <Applied />
      <div class="list-line">
        <Bulk />
        <Order />
      </div>
    </div>
  );
}

function Order() {
  const store = useStore();
  return (
    <label class="sort">
      <span class="unseen">Order</span>
      <select value={store.filter.value.sort} data-test="sort" onChange={(event) => store.setFilter({ sort: event.currentTarget.value === "risk" ? "risk" : "place" })}>
        <option value="place">By place</option>
        <option value="risk">By risk</option>
      </select>
    </label>
  );
}

function Tab({ label, count, on, test, onClick }: { label: string; count: number; on: boolean; test: string; onClick: () => void }) {
  return (
    <button type="button" class="tab" aria-pressed={on} data-test={test} onClick={onClick}>
      {label} <span class="tab-count">{n(count)}</span>
    </button>
  );
}

function RiskRow() {
  const store = useStore();
  const { risk } = store.counts.value;
  const on = store.filter.value.risk;
  return (
    <div class="chips" role="group" aria-label="By risk">
      {RISKS.map((r) => (
        <button type="button" key={r} class={`chip risk ${r}`} aria-pressed={on.includes(r)} disabled={!risk[r] && !on.includes(r)} data-test={`risk-${r}`} onClick={() => toggle(store, "risk", r)}>
          <RiskShape risk={r} />
          {RISK_WORD[r]} <span class="chip-count">{n(risk[r])}</span>
        </button>
      ))}
    </div>
  );
}

const SOURCES = [
  ["rule", "Rules"],
  ["model", "Model"],
  ["person", "People"],
] as const;

// Who found it; only where there is more than one. A model that is at it is there before it finds something, so that nothing moves then.
function SourceRow() {
  const store = useStore();
  const { source } = store.counts.value;
  const on = store.filter.value.reviewer;
  const model = store.review.value?.model?.state;
  const shown = SOURCES.filter(([kind]) => source[kind] > 0 || on.includes(kind) || (kind === "model" && (model === "queued" || model === "running" || model === "done")));
  if (shown.length < 2) return null;
  return (
    <div class="chips" role="group" aria-label="By who found it">
      {shown.map(([kind, label]) => (
        <button type="button" key={kind} class="chip" aria-pressed={on.includes(kind)} disabled={!source[kind] && !on.includes(kind)} data-test={`source-${kind}`} onClick={() => toggle(store, "reviewer", kind)}>
          {label} <span class="chip-count">{n(source[kind])}</span>
        </button>
      ))}
    </div>
  );
}

interface Group {
  value: string;
  label: string;
  count: number;
}

function groups(findings: readonly Finding[], key: (f: Finding) => [string, string]): Group[] {
  const map = new Map<string, Group>();
  for (const f of findings) {
    const [value, label] = key(f);
    if (!value) continue;
    const group = map.get(value);
    if (group) group.count++;
    else map.set(value, { value, label, count: 1 });
  }
  return [...map.values()].sort((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1));
}

function More() {
  const store = useStore();
  const all = store.all.value;
  const { kind } = store.counts.value;
  const sections = store.content.value?.sections ?? [];
  const categories = useMemo(() => groups(all, (f) => [f.category, f.category]), [all]);
  const rules = useMemo(() => groups(all.filter((f) => f.reviewer.kind === "rule"), (f) => [f.reviewer.id, f.title || f.reviewer.name]), [all]);
  const bySection = store.sectionCounts.value;
  return (
    <div class="more-filters" id="more-filters" data-test="filter-panel">
      <Choice store={store} name="kind" legend="Kind" groups={KINDS.map((k) => ({ value: k, label: KIND_WORD[k], count: kind[k] }))} />
      <Choice store={store} name="category" legend="Category" groups={categories} />
      <Choice
        store={store}
        name="section"
        legend="Section"
        groups={sections.flatMap((s) => {
          const c = bySection.get(s.id);
          return c ? [{ value: String(s.id), label: `${s.number} ${s.title || "Beginning"}`.trim(), count: c.total }] : [];
        })}
      />
      <Choice store={store} name="reviewer" legend="Rule" groups={rules} />
    </div>
  );
}

function Choice({ store, name, legend, groups: list }: { store: Store; name: ListName; legend: string; groups: Group[] }) {
  const on = store.filter.value[name];
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {list.map((g) => (
        <label key={g.value} class="check">
          <input type="checkbox" checked={on.includes(g.value)} disabled={!g.count && !on.includes(g.value)} onChange={() => toggle(store, name, g.value)} />
          <span class="check-label">{g.label}</span>
          <span class="check-count">{n(g.count)}</span>
        </label>
      ))}
    </fieldset>
  );
}

// The filters that are on, each a button that takes it away.
function Applied() {
  const store = useStore();
  const filter = store.filter.value;
  if (!isFiltering(filter)) return null;
  const sections = store.content.value?.sections ?? [];
  const label = (name: ListName, value: string): string => {
    if (name === "kind") return KIND_WORD[value as keyof typeof KIND_WORD];
    if (name === "section") return sections[Number(value)]?.title || "Beginning";
    if (name === "reviewer") return { person: "People", rule: "The rules", model: "The model" }[value] ?? store.all.value.find((f) => f.reviewer.id === value)?.title ?? value;
    return value;
  };
  const shown = (["kind", "category", "section", "reviewer"] as const).flatMap((name) => filter[name].map((value) => ({ name, value })));
  return (
    <div class="applied" data-test="applied">
      {shown.map(({ name, value }) => (
        <button type="button" key={`${name}${value}`} class="pill" aria-label={`Remove the filter ${label(name, value)}`} onClick={() => toggle(store, name, value)}>
          <span>{label(name, value)}</span>
          <Icon name="close" />
        </button>
      ))}
      <button type="button" class="link-button" data-test="clear-filter" onClick={() => store.setFilter({ ...NO_FILTER, sort: filter.sort })}>
        Clear
      </button>
      <span class="soft">{n(store.hidden.value)} hidden</span>
    </div>
  );
}
