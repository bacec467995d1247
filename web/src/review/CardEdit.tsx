// Changing what a finding says, before it is accepted or after. What it said at first is kept.
import { useState } from "preact/hooks";

import { editFinding } from "../api/client";
import type { Finding } from "../api/types";
import { announce } from "../state/app";
import { failure, type Failure } from "../state/failure";
import { useSession } from "../state/session";
import { Trouble } from "../ui/bits";
import { FindingFields, type Fields } from "./FindingFields";

export function CardEdit({ finding: f }: { finding: Finding }) {
  const { store, decisions } = useSession();
  const [fields, setFields] = useState<Fields>({ risk: f.risk, kind: f.kind, description: f.description, suggestion: f.suggestion, rewrite: f.rewrite });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const save = async (accept: boolean) => {
    if (busy || !fields.description.trim()) return;
    setBusy(true);
    try {
      await decisions.settle(); // a decision on its way changes the version
      const version = store.get(f.id)?.version ?? f.version;
      const saved = await editFinding(f.id, { ...fields, version });
      store.put([saved]);
      store.editing.value = null;
      announce("Finding changed.");
      if (accept) decisions.decide(f.id, "accepted");
    } catch (error) {
      setProblem(failure(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="card-body card-edit"
      aria-label="Edit the finding"
      data-test="edit-form"
      onSubmit={(event) => {
        event.preventDefault();
        void save(false);
      }}
    >
      {f.anchor && <blockquote class="card-words">{f.anchor.quote}</blockquote>}
      <FindingFields fields={fields} onChange={(part) => setFields({ ...fields, ...part })} name={`edit-${f.id}`} onSubmit={() => void save(false)} />
      {problem && <Trouble failure={problem} />}
      <p class="row end">
        <button type="button" class="button" onClick={() => (store.editing.value = null)}>
          Cancel
        </button>
        <button type="submit" class="button" disabled={busy || !fields.description.trim()} data-test="edit-save">
          Save
        </button>
        {f.decision !== "accepted" && (
          <button type="button" class="button primary" disabled={busy || !fields.description.trim()} data-test="edit-accept" onClick={() => void save(true)}>
            Save and accept
          </button>
        )}
      </p>
    </form>
  );
}
