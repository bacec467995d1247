// A finding that the model proposes. It becomes one when a person takes it.
import { useState } from "preact/hooks";

import type { Proposal } from "../api/types";
import { diffWords } from "../model/diff";
import { KIND_WORD, RISK_WORD, shorten } from "../model/words";
import type { Failure } from "../state/failure";
import { useSession } from "../state/session";
import { Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";

export function ProposalCard({ answer, proposal: p }: { answer: string; proposal: Proposal }) {
  const { chat, store } = useSession();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const decide = async (state: "accepted" | "rejected") => {
    setBusy(true);
    setProblem(await chat.decide(answer, p.n, state));
    setBusy(false);
  };
  if (p.state === "rejected")
    return (
      <p class="chat-waiting" data-test="proposal" data-state="rejected">
        Dismissed: {shorten(p.description, 80)}
      </p>
    );
  return (
    <section class={`proposal ${p.risk}`} aria-label="A proposed finding" data-test="proposal" data-state={p.state}>
      <p class="card-facts">
        <span class={`tag ${p.risk}`}>{RISK_WORD[p.risk]} risk</span>
        <span class="tag">{KIND_WORD[p.kind]}</span>
        {p.category && <span class="tag">{p.category}</span>}
      </p>
      <blockquote class="card-words">
        <button type="button" class="words-link" title="Show in the document" onClick={() => store.showWords(p.anchor)}>
          {shorten(p.anchor.quote, 200)}
        </button>
      </blockquote>
      <p class="card-text">{p.description}</p>
      {p.suggestion && (
        <p class="card-suggestion">
          <span class="card-label">Suggestion</span>
          {p.suggestion}
        </p>
      )}
      {p.rewrite !== null && (
        <div class="card-rewrite">
          <span class="card-label">{p.rewrite === "" ? "Delete these words" : "Rewrite"}</span>
          <p>{diffWords(p.anchor.quote, p.rewrite).map((c, i) => (c.kind === "same" ? <span key={i}>{c.text}</span> : c.kind === "gone" ? <del key={i}>{c.text}</del> : <ins key={i}>{c.text}</ins>))}</p>
        </div>
      )}
      {problem && <Trouble failure={problem} />}
      {p.state === "accepted" ? (
        <p class="row">
          <span class="badge accepted">
            <Icon name="accept" />
            Added
          </span>
          {p.finding && store.get(p.finding) && (
            <button type="button" class="link-button" onClick={() => store.choose(p.finding)}>
              Show it
            </button>
          )}
        </p>
      ) : (
        <p class="row">
          <button type="button" class="button small primary" disabled={busy} data-test="proposal-add" onClick={() => void decide("accepted")}>
            <Icon name="add" />
            Add to the findings
          </button>
          <button type="button" class="button small" disabled={busy} data-test="proposal-dismiss" onClick={() => void decide("rejected")}>
            Dismiss
          </button>
        </p>
      )}
    </section>
  );
}
