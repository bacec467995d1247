// The document shows few sections by its own headings, so a model proposed some; a person can undo that, and take them back.
import { useState } from "preact/hooks";

import { useSections } from "../api/models";
import type { ProposedSections } from "../api/types";
import { isFolded } from "../model/filter";
import { many, n } from "../model/words";
import { say } from "../state/app";
import { failure } from "../state/failure";
import { useStore } from "../state/session";

// Where the proposed ones lead. What is found is counted by the document's own sections, so here by place.
export function ProposedRow({ section: s }: { section: ProposedSections["sections"][number] }) {
  const store = useStore();
  const here = store.all.value.filter((f) => !isFolded(f) && f.anchor && f.anchor.block >= s.first_block && f.anchor.block <= s.last_block);
  const open = here.filter((f) => f.decision === "open").length;
  return (
    <li class={`outline-row depth-${s.level}`} data-test="proposed-section">
      <button
        type="button"
        class="outline-go"
        onClick={() => {
          store.pane.value = "document";
          store.reveal.value = { what: "block", block: s.first_block };
        }}
      >
        <span class="outline-title">{s.title}</span>
      </button>
      {here.length > 0 && (
        <span class="outline-places" title={`${many(here.length, "finding")}, ${n(open)} open`}>
          {n(open || here.length)}
        </span>
      )}
    </li>
  );
}

export function Proposed() {
  const store = useStore();
  const [busy, setBusy] = useState(false);
  const proposed = store.proposed.value;
  if (!proposed || proposed.state === "none") return null;
  const used = proposed.state === "used";
  const go = async () => {
    setBusy(true);
    try {
      store.proposed.value = await useSections(store.id, !used);
      say(used ? "The proposed sections are gone. New reviews go by the document’s own." : "The proposed sections are used.");
    } catch (error) {
      const f = failure(error);
      say(`${f.text} ${f.hint}`, { wrong: true });
    }
    setBusy(false);
  };
  return (
    <p class="proposed" data-test="proposed" data-state={proposed.state}>
      {used ? `The document has few headings of its own: these sections were proposed by ${proposed.by || "the model"}. ` : "The sections that the model proposed are not used. "}
      <button type="button" class="link-button" disabled={busy} data-test="proposed-toggle" onClick={() => void go()}>
        {used ? "Undo" : "Use them"}
      </button>
    </p>
  );
}
