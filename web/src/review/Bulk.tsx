// Deciding all that is shown at once: how many is said before, and it is one step of undo.
import { useState } from "preact/hooks";

import type { Decision } from "../api/types";
import { n } from "../model/words";
import { useSession } from "../state/session";
import { Icon } from "../ui/icons";

export function Bulk() {
  const { store, decisions } = useSession();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const shown = store.shown.value;
  if (shown.length < 2) return null;
  const openIds = shown.filter((id) => store.cell(id)?.value.decision === "open");
  const decidedIds = shown.filter((id) => store.cell(id)?.value.decision !== "open");
  const go = async (ids: string[], decision: Decision) => {
    setBusy(true);
    await decisions.decideMany(ids, decision);
    setBusy(false);
    setOpen(false);
  };
  const what = store.filtering.value ? "these" : "all";
  return (
    <div class="bulk">
      <button type="button" class="link-button bulk-toggle" aria-expanded={open} data-test="bulk" onClick={() => setOpen(!open)}>
        <Icon name={open ? "up" : "down"} />
        Decide {what} {n(shown.length)} at once
      </button>
      {open && (
        <div class="bulk-actions">
          <button type="button" class="button small" disabled={busy || !openIds.length} data-test="bulk-accept" onClick={() => void go(openIds, "accepted")}>
            Accept {openIds.length} open
          </button>
          <button type="button" class="button small" disabled={busy || !openIds.length} data-test="bulk-reject" onClick={() => void go(openIds, "rejected")}>
            Reject {openIds.length} open
          </button>
          <button type="button" class="button small" disabled={busy || !decidedIds.length} data-test="bulk-reopen" onClick={() => void go(decidedIds, "open")}>
            Reopen {decidedIds.length} decided
          </button>
          <p class="fine">One step: “Undo” takes all of it back.</p>
        </div>
      )}
    </div>
  );
}
