// The document shows no sections by its own headings, so a model proposed some; a person can undo that, and take them back.
import { useState } from "preact/hooks";

import { useSections } from "../api/models";
import { say } from "../state/app";
import { failure } from "../state/failure";
import { useStore } from "../state/session";

export function Proposed() {
  const store = useStore();
  const [busy, setBusy] = useState(false);
  const proposed = store.content.value?.proposed_sections;
  if (!proposed || proposed.state === "none") return null;
  const used = proposed.state === "used";
  const go = async () => {
    setBusy(true);
    try {
      await useSections(store.id, !used);
      await store.loadContent();
      say(used ? "The proposed sections are gone. A new review uses the document’s own." : "The proposed sections are used.");
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
