// The words that are selected in the document.
import { signal } from "@preact/signals";

import { selected, type Selected } from "../model/offsets";
import { say } from "../state/app";
import type { Session } from "../state/session";

export const selection = signal<(Selected & { rect: DOMRect }) | null>(null);

export function readSelection({ store }: Session): void {
  const paper = document.querySelector(".paper");
  const now = getSelection();
  if (!paper || !now || now.rangeCount === 0 || now.isCollapsed) {
    selection.value = null;
    return;
  }
  const range = now.getRangeAt(0);
  const found = selected(range, paper, (block) => store.text(block));
  selection.value = found && { ...found, rect: range.getBoundingClientRect() };
}

export function startDraft(session: Session): void {
  readSelection(session);
  const one = selection.value;
  if (!session.store.canAdd.value) return say("Findings can be added when the rules have looked at the document.");
  if (!one) return say("Select some text of the document first; then your finding sits on exactly these words.");
  if (one.clipped) say("A finding sits in one paragraph: it is on the first one that you selected.");
  session.drafts.begin(one.anchor);
  getSelection()?.removeAllRanges();
  selection.value = null;
}

// The talk, about the selected words if there are some.
export function askAbout(session: Session): void {
  readSelection(session);
  const one = selection.value;
  session.chat.about(one ? { selection: one.anchor } : {});
  if (one) getSelection()?.removeAllRanges();
  selection.value = null;
}
