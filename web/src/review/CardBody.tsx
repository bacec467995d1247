// All that a chosen finding says, and what can be done about it.
import { useState } from "preact/hooks";

import type { DismissalScope, Finding } from "../api/types";
import { diffWords } from "../model/diff";
import type { Action } from "../model/keymap";
import { confidenceWord, DECISION_WORD, exactly, KIND_WORD, percent, RISK_WORD, when } from "../model/words";
import { now, say, server, settingsOpen } from "../state/app";
import { keys, keysOn } from "../state/prefs";
import { useSession } from "../state/session";
import { Icon } from "../ui/icons";
import { CardEdit } from "./CardEdit";
import { DeleteOwn } from "./DeleteOwn";

export function CardBody({ finding: f }: { finding: Finding }) {
  const { store, decisions } = useSession();
  const problem = decisions.problems.value.get(f.id);
  if (store.editing.value === f.id) return <CardEdit finding={f} />;
  return (
    <div class="card-body">
      <p class="card-facts">
        <span class={`tag ${f.risk}`}>{RISK_WORD[f.risk]} risk</span>
        <span class="tag">{KIND_WORD[f.kind]}</span>
        {f.category && <span class="tag">{f.category}</span>}
        {f.reviewer.kind === "model" && (
          <span class="tag" title={`As sure as the model says it is (${confidenceWord(f.confidence).toLowerCase()})`}>
            {percent(f.confidence)} sure
          </span>
        )}
        {f.edited && <span class="tag">Edited</span>}
      </p>
      {f.anchor && (
        <blockquote class="card-words">
          {f.anchor.quote}
        </blockquote>
      )}
      {!f.located && <p class="card-unlocated">These exact words were not found; the place is a guess.</p>}
      <p class="card-text">{f.description}</p>
      {f.suggestion && (
        <p class="card-suggestion">
          <span class="card-label">Suggestion</span>
          {f.suggestion}
        </p>
      )}
      {f.rewrite !== null && f.anchor && <Rewrite before={f.anchor.quote} after={f.rewrite} />}
      {f.questions.length > 0 && (
        <div class="card-questions">
          <span class="card-label">Ask</span>
          <ul>
            {f.questions.map((q, i) => (
              <li key={i}>{q}</li>
            ))}
          </ul>
        </div>
      )}
      <Why finding={f} />
      {problem && (
        <div class="card-problem" role="alert" data-test="card-problem">
          <p>
            <strong>{problem.text}</strong> {problem.hint}
          </p>
          {problem.requestId && (
            <p class="fine">
              Request <code>{problem.requestId}</code>
            </p>
          )}
          <button type="button" class="link-button" onClick={() => decisions.dismiss(f.id)}>
            Dismiss
          </button>
        </div>
      )}
      <Actions finding={f} />
      {f.decision === "rejected" && <Reasons finding={f} />}
      {f.decision !== "open" && f.decided_at && (
        <p class="card-by">
          {DECISION_WORD[f.decision]} by {f.decided_by ?? "you"},{" "}
          <time dateTime={f.decided_at} title={exactly(f.decided_at)}>
            {when(f.decided_at, now.value)}
          </time>
        </p>
      )}
    </div>
  );
}

function Rewrite({ before, after }: { before: string; after: string }) {
  return (
    <div class="card-rewrite">
      <span class="card-label">{after === "" ? "Delete these words" : "Rewrite"}</span>
      <p>
        {diffWords(before, after).map((c, i) => (c.kind === "same" ? <span key={i}>{c.text}</span> : c.kind === "gone" ? <del key={i}>{c.text}</del> : <ins key={i}>{c.text}</ins>))}
      </p>
    </div>
  );
}

function Why({ finding: f }: { finding: Finding }) {
  const who = f.reviewer.kind === "rule" ? `Rule ${f.reviewer.id}` : f.reviewer.kind === "model" ? `Model ${f.reviewer.name}` : f.mine ? "Added by you" : `Added by ${f.reviewer.name}`;
  return (
    <details class="card-why">
      <summary>Why this is here</summary>
      {f.why && <p>{f.why}</p>}
      {f.points.length > 0 && (
        <ul class="points">
          {f.points.map((p) => (
            <li key={p.number}>
              <span class="point-number">{p.number}</span> {p.title}
            </li>
          ))}
        </ul>
      )}
      <p class="soft">
        {who}
        {f.reviewer.kind !== "person" && <> · confidence {confidenceWord(f.confidence).toLowerCase()}</>}
      </p>
      {f.original && (
        <div class="original">
          <span class="card-label">Before it was edited</span>
          <p>{f.original.description}</p>
          {f.original.suggestion && <p>{f.original.suggestion}</p>}
        </div>
      )}
    </details>
  );
}

function Actions({ finding: f }: { finding: Finding }) {
  const { store, decisions, chat } = useSession();
  const decide = (decision: "accepted" | "rejected") => decisions.decide(f.id, f.decision === decision ? "open" : decision);
  return (
    <div class="card-actions" role="group" aria-label="Decide">
      <button type="button" class="button decide accept" aria-pressed={f.decision === "accepted"} data-test="accept" title={f.decision === "accepted" ? "Take back (O)" : "Accept (A)"} onClick={() => decide("accepted")}>
        <Icon name="accept" />
        {f.decision === "accepted" ? "Accepted" : "Accept"}
        <Hint action="accept" />
      </button>
      <button type="button" class="button decide reject" aria-pressed={f.decision === "rejected"} data-test="reject" title={f.decision === "rejected" ? "Take back (O)" : "Reject (R)"} onClick={() => decide("rejected")}>
        <Icon name="reject" />
        {f.decision === "rejected" ? "Rejected" : "Reject"}
        <Hint action="reject" />
      </button>
      <button type="button" class="icon-button" aria-label="Edit" title="Edit (E)" data-test="edit" onClick={() => (store.editing.value = f.id)}>
        <Icon name="edit" />
      </button>
      {server.value?.model?.chat && (
        <button type="button" class="icon-button" aria-label="Ask about this" title="Ask about this" data-test="ask-finding" onClick={() => chat.about({ finding: f.id })}>
          <Icon name="chat" />
        </button>
      )}
      {f.mine && <DeleteOwn finding={f} />}
      <button type="button" class="icon-button show-words" aria-label="Show in the document" title="Show in the document" onClick={() => showWords(store, f.id)}>
        <Icon name="document" />
      </button>
    </div>
  );
}

function Hint({ action }: { action: Action }) {
  return keysOn.value ? (
    <kbd class="hint" aria-hidden="true">
      {keys.value[action].toUpperCase()}
    </kbd>
  ) : null;
}

function showWords(store: ReturnType<typeof useSession>["store"], id: string): void {
  store.pane.value = "document";
  store.reveal.value = { what: "finding", id, card: false };
}

const REASONS = ["Wrong", "Duplicate", "Out of scope", "Style"];

// Why it was rejected, if you care to say: one tap. And whether the next review is to be silent about it.
function Reasons({ finding: f }: { finding: Finding }) {
  const { decisions } = useSession();
  return (
    <>
      <div class="reasons" role="group" aria-label="Why it was rejected (optional)">
        <span class="soft">Why?</span>
        {REASONS.map((reason) => (
          <button type="button" key={reason} class="chip small" aria-pressed={f.note === reason} data-test="reason" onClick={() => decisions.decide(f.id, "rejected", f.note === reason ? "" : reason)}>
            {reason}
          </button>
        ))}
      </div>
      {f.reviewer.kind !== "person" && <NotAgain finding={f} />}
    </>
  );
}

const SCOPES: { scope: DismissalScope; label: string; said: string; title: string }[] = [
  { scope: "document", label: "in this document", said: "in this document", title: "From the next review of this document on" },
  { scope: "person", label: "for me", said: "in your documents", title: "From the next review of any of your documents on" },
  { scope: "team", label: "for everyone", said: "to anybody", title: "In everybody’s documents; everybody then sees these words, your reason and your name" },
];

function NotAgain({ finding: f }: { finding: Finding }) {
  const { decisions } = useSession();
  const [chosen, setChosen] = useState<DismissalScope | null>(null);
  return (
    <div class="reasons" role="group" aria-label="Do not raise it again (optional)">
      <span class="soft">Do not raise again</span>
      {SCOPES.map(({ scope, label, said, title }) => (
        <button
          type="button"
          key={scope}
          class="chip small"
          aria-pressed={chosen === scope}
          disabled={chosen === scope}
          title={title}
          data-test={`dismiss-${scope}`}
          onClick={() => {
            setChosen(scope);
            decisions.decide(f.id, "rejected", f.note, scope);
            say(`Not raised again ${said}.`, { action: { label: "See all", run: () => (settingsOpen.value = true) } });
          }}
        >
          {label}
        </button>
      ))}
    </div>
  );
}
