// A finding. Closed it says what and where; chosen it says everything and takes the decision.
import { memo } from "../ui/memo";

import { useComputed } from "@preact/signals";

import type { Finding } from "../api/types";
import { DECISION_WORD, percent, RISK_WORD, shorten } from "../model/words";
import { narrow } from "../state/prefs";
import { useSession, useStore } from "../state/session";
import { Icon, RiskShape } from "../ui/icons";
import { CardBody } from "./CardBody";

export const Card = memo(({ id }: { id: string }) => {
  const { store, decisions } = useSession();
  // computed, so that choosing another finding redraws two cards and not all
  const active = useComputed(() => store.active.value === id).value;
  const hover = useComputed(() => store.hover.value === id).value;
  const wrong = useComputed(() => decisions.problems.value.has(id)).value;
  const stop = useComputed(() => store.stop.value === id).value;
  const finding = store.cell(id)?.value;
  if (!finding) return null;
  return (
    <li
      class={`card ${finding.risk} ${finding.decision}${active ? " active" : ""}${hover ? " hover" : ""}${wrong ? " refused" : ""}`}
      data-card={id}
      data-test="card"
      data-decision={finding.decision}
      onMouseEnter={() => (store.hover.value = id)}
      onMouseLeave={() => (store.hover.value = null)}
    >
      <Head finding={finding} active={active} stop={stop} />
      {active && !(narrow.value && store.pane.value === "document") && <CardBody finding={finding} />}
    </li>
  );
});

function Head({ finding: f, active, stop }: { finding: Finding; active: boolean; stop: boolean }) {
  const store = useStore();
  return (
    <button
      type="button"
      class="card-head"
      aria-expanded={active}
      tabIndex={stop ? 0 : -1}
      data-test="card-head"
      onFocus={() => (store.hover.value = f.id)}
      onClick={() => store.choose(active ? null : f.id)}
    >
      <span class="card-line">
        <RiskShape risk={f.risk} />
        <span class="card-title">{f.title || shorten(f.description, 60)}</span>
        <State finding={f} />
      </span>
      <span class="unseen">{RISK_WORD[f.risk]} risk. </span>
      {!active && f.anchor && <span class="card-quote">{shorten(f.anchor.quote, 110)}</span>}
    </button>
  );
}

function State({ finding: f }: { finding: Finding }) {
  if (f.decision === "open")
    return f.reviewer.kind === "person" ? (
      <span class="badge you">{f.mine ? "You" : f.reviewer.name}</span>
    ) : f.reviewer.kind === "model" ? (
      <span class="badge" title={`Found by the model ${f.reviewer.name}; ${percent(f.confidence)} sure`}>
        Model
      </span>
    ) : null;
  return (
    <span class={`badge ${f.decision}`}>
      <Icon name={f.decision === "accepted" ? "accept" : "reject"} />
      {DECISION_WORD[f.decision]}
    </span>
  );
}
