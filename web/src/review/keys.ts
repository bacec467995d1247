// The keys of the review, from the one table. They are silent while something is being written, while a modifier is held, while a dialog is open, and
// when a person switched them off.
import { useLayoutEffect } from "preact/hooks";

import { actionOf, type Action } from "../model/keymap";
import { helpOpen, say, settingsOpen } from "../state/app";
import { advance, keys, keysOn } from "../state/prefs";
import type { Session } from "../state/session";
import { askAbout, startDraft } from "./selecting";

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;

export function perform(session: Session, action: Action): void {
  const { store, decisions } = session;
  const active = store.active.value;
  const decide = (decision: "accepted" | "rejected" | "open") => {
    if (!active) return say("Choose a finding first: J goes to the next one.");
    const already = store.get(active)?.decision === decision;
    decisions.decide(active, decision);
    if (decision !== "open" && !already && advance.value) store.nextOpen();
  };
  switch (action) {
    case "next":
      return store.step(1);
    case "previous":
      return store.step(-1);
    case "next_open":
      if (!store.nextOpen()) say(store.counts.value.decision.open ? "No open finding passes the filter." : "Every finding is decided.");
      return;
    case "accept":
      return decide("accepted");
    case "reject":
      return decide("rejected");
    case "reopen":
      return decide("open");
    case "undo":
      return void decisions.undo();
    case "edit":
      if (active) store.editing.value = active;
      return;
    case "comment":
      return startDraft(session);
    case "chat":
      return askAbout(session);
    case "search":
      store.panel.value = "findings";
      store.pane.value = "findings";
      focusSearch();
      if (document.activeElement?.id !== SEARCH) requestAnimationFrame(focusSearch); // it is shown with the next frame
      return;
    case "next_section":
    case "previous_section":
      return stepSection(session, action === "next_section" ? 1 : -1);
    case "finish":
      store.panel.value = store.panel.value === "finish" ? "findings" : "finish";
      store.pane.value = "findings";
      return;
    case "settings":
      settingsOpen.value = true;
      return;
    case "help":
      helpOpen.value = true;
  }
}

const SEARCH = "finding-search";

// At once where it can be: what is typed next goes into it.
function focusSearch(): void {
  document.getElementById(SEARCH)?.focus();
}

function stepSection({ store }: Session, by: 1 | -1): void {
  const sections = (store.content.value?.sections ?? []).filter((s) => s.first_block !== null);
  const at = sections.findIndex((s) => s.id === store.section.value);
  const next = sections[Math.min(sections.length - 1, Math.max(0, at + by))];
  if (!next || next.first_block === null) return;
  store.section.value = next.id;
  store.reveal.value = { what: "block", block: next.first_block };
}

export function useKeys(session: Session): void {
  // with the first frame: an effect after painting would miss keys on a busy machine
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // Ctrl+Alt+M (Cmd+Alt+M) as in Word: a finding on the selected text; works also when single keys are off
      if ((event.ctrlKey || event.metaKey) && event.altKey && event.code === "KeyM") {
        event.preventDefault();
        startDraft(session);
        return;
      }
      if (event.defaultPrevented || document.querySelector("dialog[open], [popover]:popover-open")) return;
      if (event.key === "Escape") {
        escape(session);
        return;
      }
      if (!keysOn.value || isWriting(event.target)) return;
      const action = actionOf(event, keys.value);
      if (!action) return;
      event.preventDefault();
      perform(session, action);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [session]);
}

// One step out: of the form, the panel, the choice.
function escape({ store, drafts }: Session): void {
  if (store.editing.value) store.editing.value = null;
  else if (drafts.draft.value && document.activeElement?.closest(".draft")) drafts.discard();
  else if (store.panel.value !== "findings") {
    const left = store.panel.value;
    store.panel.value = "findings";
    if (store.pane.value === "chat") store.pane.value = "document";
    document.querySelector<HTMLElement>(`[data-test=${left}]`)?.focus();
  } else if (store.active.value) store.choose(null);
}
