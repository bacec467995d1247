// The sections of the document, each with what was found in it; and what the review was.
import { Fragment } from "preact";
import { useState } from "preact/hooks";

import type { Section } from "../api/types";
import { depthsOf } from "../model/layout";
import { many, n } from "../model/words";
import { useStore } from "../state/session";
import { Icon, RiskShape } from "../ui/icons";
import { About } from "./About";
import { Proposed, ProposedRow } from "./Proposed";

export function Outline() {
  const store = useStore();
  const sections = store.content.value?.sections ?? [];
  const depths = depthsOf(sections);
  const proposed = store.proposed.value;
  const used = proposed?.state === "used" ? proposed.sections : [];
  const within = (s: Section) => used.filter((p) => s.first_block !== null && s.last_block !== null && p.first_block >= s.first_block && p.first_block <= s.last_block);
  return (
    <nav class="outline" aria-label="Outline" data-test="outline">
      <About />
      <h2 class="pane-title">Outline</h2>
      <Proposed />
      <ul class="outline-list">
        {sections.map((s) =>
          s.first_block === null ? null : (
            <Fragment key={s.id}>
              <Row section={s} depth={depths[s.id] ?? 1} />
              {within(s).map((p) => (
                <ProposedRow key={`p${p.first_block}`} section={p} />
              ))}
            </Fragment>
          ),
        )}
      </ul>
    </nav>
  );
}

function Row({ section: s, depth }: { section: Section; depth: number }) {
  const store = useStore();
  const counted = store.sectionCounts.value.get(s.id);
  const current = store.section.value === s.id;
  const only = store.filter.value.section.includes(String(s.id));
  const [why, setWhy] = useState(false);
  const title = s.title || "Beginning";
  return (
    <li class={`outline-row depth-${Math.min(5, depth)}${current ? " current" : ""}`}>
      <button
        type="button"
        class="outline-go"
        aria-current={current ? "location" : undefined}
        onClick={() => {
          store.pane.value = "document";
          store.section.value = s.id;
          if (s.first_block !== null) store.reveal.value = { what: "block", block: s.first_block };
        }}
      >
        {s.number && <span class="outline-number">{s.number}</span>}
        <span class="outline-title" title={title.length > 40 ? title : undefined}>
          {title}
        </span>
      </button>
      {!s.reviewed && (
        <button type="button" class="outline-left" aria-expanded={why} aria-label={`Why “${title}” was not reviewed`} title={s.why_not ?? "Not reviewed"} onClick={() => setWhy(!why)}>
          <Icon name="skip" />
        </button>
      )}
      {counted && (
        <button
          type="button"
          class={`outline-count${counted.open ? "" : " done"}`}
          aria-pressed={only}
          aria-label={`${many(counted.total, "finding")} in “${title}”, ${n(counted.open)} open: show only these`}
          title={only ? "Show all sections" : "Show only these findings"}
          onClick={() => store.setFilter({ section: only ? [] : [String(s.id)] })}
        >
          {counted.worst ? <RiskShape risk={counted.worst} /> : <Icon name="accept" />}
          {n(counted.open || counted.total)}
        </button>
      )}
      {why && <p class="outline-why">Not reviewed: {s.why_not ?? "it was left out."}</p>}
    </li>
  );
}
