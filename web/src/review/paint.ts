// Which words are those of the chosen finding, and of the one under the pointer. This is set on the elements directly: it changes with every move, and
// rendering blocks for it would be work for nothing. A block that is rendered anew is painted again (repaint).
let active: string | null = null;
let hover: string | null = null;

const NAMES = { active: "data-active", hover: "data-hover" } as const;

function mark(root: ParentNode, name: string, id: string | null): void {
  if (id) for (const e of root.querySelectorAll(`[data-f~="${CSS.escape(id)}"]`)) e.setAttribute(name, "");
}

export function paint(root: ParentNode, nextActive: string | null, nextHover: string | null): void {
  for (const name of Object.values(NAMES)) for (const e of root.querySelectorAll(`[${name}]`)) e.removeAttribute(name);
  active = nextActive;
  hover = nextHover;
  mark(root, NAMES.active, active);
  mark(root, NAMES.hover, hover);
}

export function repaint(block: Element | null, ids: readonly string[]): void {
  if (!block) return;
  if (active && ids.includes(active)) mark(block, NAMES.active, active);
  if (hover && ids.includes(hover)) mark(block, NAMES.hover, hover);
}
