// A finding of your own can be deleted; undo brings it back.
import { useState } from "preact/hooks";

import { deleteFinding } from "../api/client";
import type { Finding } from "../api/types";
import { announce, say } from "../state/app";
import { failure } from "../state/failure";
import { useSession } from "../state/session";
import { Icon } from "../ui/icons";

export function DeleteOwn({ finding }: { finding: Finding }) {
  const { store, decisions } = useSession();
  const [busy, setBusy] = useState(false);
  const go = async () => {
    setBusy(true);
    try {
      await decisions.settle();
      await deleteFinding(finding.id);
      store.drop(finding.id);
      say("Finding deleted", { action: { label: "Undo", run: () => void decisions.undo() } });
      announce("Finding deleted");
    } catch (error) {
      const f = failure(error);
      say(`${f.text} ${f.hint}`, { wrong: true });
      setBusy(false);
    }
  };
  return (
    <button type="button" class="icon-button" aria-label="Delete" title="Delete" disabled={busy} data-test="delete-own" onClick={() => void go()}>
      <Icon name="trash" />
    </button>
  );
}
