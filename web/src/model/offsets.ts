// From a selection in the page to an anchor in the document. Each piece of a block's text is an element with data-o, its offset in the block's text;
// what is shown but is no text of the block (labels, note numbers, deleted words) has none.
import type { Anchor } from "../api/types";

// The offset in its block's text of a point in the page; points outside any piece count as the end of the last piece before them.
function offsetAt(block: Element, node: Node, nodeOffset: number): number {
  const point = document.createRange();
  point.setStart(node, nodeOffset);
  let result = 0;
  for (const piece of block.querySelectorAll<HTMLElement>("[data-o]")) {
    if (piece.closest("[data-block]") !== block) continue;
    const start = Number(piece.dataset["o"]);
    const length = Number(piece.dataset["n"]);
    if (piece.contains(node)) return start + Math.min(length, within(piece, point));
    const range = document.createRange();
    range.selectNode(piece);
    if (range.compareBoundaryPoints(Range.START_TO_START, point) >= 0) return Math.max(result, 0);
    result = start + length;
  }
  return result;
}

function within(piece: HTMLElement, point: Range): number {
  const range = document.createRange();
  range.selectNodeContents(piece);
  range.setEnd(point.startContainer, point.startOffset);
  return range.toString().length;
}

const blockOf = (node: Node): HTMLElement | null =>
  (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>("[data-block]") ?? null;

export interface Selected {
  anchor: Anchor;
  clipped: boolean; // it went on behind the paragraph
}

// text: of a block. null: nothing of the document's text is selected.
export function selected(range: Range, paper: Element, text: (block: number) => string): Selected | null {
  if (range.collapsed || !paper.contains(range.commonAncestorContainer)) return null;
  const last = blockOf(range.endContainer);
  let first = blockOf(range.startContainer);
  if (!first) {
    first = [...paper.querySelectorAll<HTMLElement>("[data-block]")].find((b) => range.intersectsNode(b)) ?? null;
    if (!first) return null;
  }
  const block = Number(first.dataset["block"]);
  const words = text(block);
  let start = first.contains(range.startContainer) ? offsetAt(first, range.startContainer, range.startOffset) : 0;
  let end = last === first ? offsetAt(first, range.endContainer, range.endOffset) : words.length;
  while (start < end && /\s/.test(words[start] as string)) start++;
  while (end > start && /\s/.test(words[end - 1] as string)) end--;
  if (end <= start) return null;
  // a double click on the last word may end at the start of the next block: that is no clipping
  const clipped = last !== first && !(last && range.endOffset === 0 && blockOf(range.endContainer) === last && offsetAt(last, range.endContainer, 0) === 0);
  return { anchor: { block, start, end, quote: words.slice(start, end) }, clipped };
}
