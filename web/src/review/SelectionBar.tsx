// A small bar beside selected words, to add a finding on them.
import { useEffect, useRef } from "preact/hooks";

import { server } from "../state/app";
import { useSession } from "../state/session";
import { setVars } from "../ui/bits";
import { Icon } from "../ui/icons";
import { askAbout, readSelection, selection, startDraft } from "./selecting";

const MAC = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function SelectionBar() {
  const session = useSession();
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let frame = 0;
    const read = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => readSelection(session));
    };
    document.addEventListener("selectionchange", read);
    const paper = document.querySelector(".paper-scroll");
    paper?.addEventListener("scroll", read, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      document.removeEventListener("selectionchange", read);
      paper?.removeEventListener("scroll", read);
      selection.value = null;
    };
  }, [session]);
  const one = selection.value;
  useEffect(() => {
    if (!one || !bar.current) return;
    const { width, height } = bar.current.getBoundingClientRect();
    const left = Math.min(innerWidth - width - 8, Math.max(8, one.rect.left + one.rect.width / 2 - width / 2));
    const above = one.rect.top - height - 8;
    const top = above > 60 ? above : one.rect.bottom + 8;
    setVars(bar.current, { "--left": `${left}px`, "--top": `${Math.min(innerHeight - height - 8, Math.max(60, top))}px` });
  }, [one]);
  const done = session.store.canAdd.value;
  if (!one || !(done || server.value?.model?.chat)) return null;
  return (
    <div ref={bar} class="selection-bar" role="toolbar" aria-label="Selected text" data-test="selection-bar">
      {done && (
        <button type="button" class="button primary small" data-test="add-finding" onMouseDown={(e) => e.preventDefault()} onClick={() => startDraft(session)}>
          <Icon name="comment" />
          Add finding
          <kbd>{MAC ? "⌘⌥M" : "Ctrl Alt M"}</kbd>
        </button>
      )}
      {server.value?.model?.chat && (
        <button type="button" class="button small" data-test="ask-selection" onMouseDown={(e) => e.preventDefault()} onClick={() => askAbout(session)}>
          <Icon name="chat" />
          Ask
        </button>
      )}
    </div>
  );
}
