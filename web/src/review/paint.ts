// Which words are those of the chosen finding, and of the one under the pointer. This is set on the elements directly: it changes with every move, and
// rendering blocks for it would be work for nothing. A block that is rendered anew is painted again (repaint).
import type { Finding } from "../api/types";

const elements = new Map<number, Element>(); // of the blocks that are in the page
const NAMES = { active: "data-active", hover: "data-hover" } as const;
type Name = keyof typeof NAMES;
const chosen: Record<Name, Finding | undefined> = { active: undefined, hover: undefined };

export function place(block: number, element: Element | null): void {
  if (element) elements.set(block, element);
  else elements.delete(block);
}

export const elementOf = (block: number): HTMLElement | null => (elements.get(block) as HTMLElement | undefined) ?? null;

// The first piece of a finding's words, or its block.
export function wordsOf(finding: Finding | undefined): HTMLElement | null {
  const block = finding?.anchor ? elementOf(finding.anchor.block) : null;
  return block?.querySelector<HTMLElement>(`[data-f~="${CSS.escape((finding as Finding).id)}"]`) ?? block;
}

function mark(name: Name, on: boolean): void {
  const finding = chosen[name];
  const block = finding?.anchor && elements.get(finding.anchor.block);
  if (!block) return;
  for (const e of block.querySelectorAll(`[data-f~="${CSS.escape(finding.id)}"]`)) e.toggleAttribute(NAMES[name], on);
}

export function paint(name: Name, finding: Finding | undefined): void {
  mark(name, false);
  chosen[name] = finding;
  mark(name, true);
}

export function repaint(block: number): void {
  for (const name of ["active", "hover"] as const) if (chosen[name]?.anchor?.block === block) mark(name, true);
}
