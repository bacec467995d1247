// Selecting words by keyboard: the document is no text field, so the browser has no caret in it. With the document in focus, Shift and an arrow key
// begin a selection at the chosen finding's words, or at the paragraph being read, and extend it: by letters, by words with Ctrl or Alt, by lines.
import type { Store } from "../state/store";

const MOVES: Record<string, ["forward" | "backward", "character" | "line"]> = {
  ArrowRight: ["forward", "character"],
  ArrowLeft: ["backward", "character"],
  ArrowDown: ["forward", "line"],
  ArrowUp: ["backward", "line"],
};

export function extendByKey(event: KeyboardEvent, root: HTMLElement, store: Store): void {
  const move = MOVES[event.key];
  const now = getSelection();
  if (!move || !event.shiftKey || event.metaKey || !now) return;
  event.preventDefault();
  if (!now.anchorNode || !root.contains(now.anchorNode)) {
    const start = begin(root, store);
    if (!start) return;
    now.collapse(start, 0);
  }
  now.modify("extend", move[0], move[1] === "character" && (event.ctrlKey || event.altKey) ? "word" : move[1]);
}

function begin(root: HTMLElement, store: Store): Node | null {
  const id = store.active.value;
  const words = id ? root.querySelector(`[data-f~="${CSS.escape(id)}"]`) : null;
  if (words) return words.firstChild;
  const box = root.getBoundingClientRect();
  const block = [...root.querySelectorAll<HTMLElement>("[data-block]")].find((b) => {
    const rect = b.getBoundingClientRect();
    return rect.top >= box.top && rect.height > 0 && b.querySelector("[data-o]");
  });
  return block?.querySelector("[data-o]")?.firstChild ?? null;
}
