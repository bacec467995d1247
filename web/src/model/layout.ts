// From the flat list of blocks to what is shown: sections of chunks of items, where an item is a paragraph or heading, a list, or a table whose
// cells hold items again. A chunk is what the browser may leave unpainted while it is far away, so it is small and never cuts a table.
import type { Block, Content, Note, Section } from "../api/types";

export type Item =
  | { type: "block"; block: Block }
  | { type: "list"; blocks: Block[] }
  | { type: "table"; t: number; rows: Cell[][] }
  | { type: "box"; items: Item[] }; // a text box

export interface Cell {
  row: number;
  col: number;
  rowSpan: number;
  colSpan: number;
  header: boolean;
  items: Item[];
}

export interface Chunk {
  number: number; // in reading order
  first: number; // block
  last: number;
  words: number; // about, to guess its height while it is unpainted
  items: Item[];
}

export interface Part {
  section: Section | null;
  depth: number; // of its heading among headings: 1 is the top, without jumps
  chunks: Chunk[];
}

export interface Layout {
  parts: Part[];
  notes: { note: Note; index: number; items: Item[] }[];
  edges: { kind: "header" | "footer"; items: Item[] }[];
  chunkOf: number[]; // by block: the chunk's number, -1 where it is not in the body
  chunkCount: number;
}

const CHUNK_BLOCKS = 40;

export function layout(content: Content): Layout {
  const { blocks, sections } = content;
  const body = blocks.filter((b) => b.story === undefined || b.story === "textbox");
  const parts: Part[] = [];
  const depths = depthsOf(sections);
  let at = 0;
  while (at < body.length) {
    const section = (body[at] as Block).section;
    let end = at + 1;
    while (end < body.length && (body[end] as Block).section === section) end++;
    const own = section === null ? null : (sections[section] ?? null);
    parts.push({ section: own, depth: own ? (depths[own.id] ?? 1) : 1, chunks: chunks(items(body.slice(at, end), content, null)) });
    at = end;
  }
  const notes = content.notes.flatMap((note, index) =>
    note.first_block === null || note.last_block === null
      ? []
      : [{ note, index, items: items(blocks.slice(note.first_block, note.last_block + 1), content, null) }],
  );
  const edges = (["header", "footer"] as const).flatMap((kind) => {
    const own = blocks.filter((b) => b.story === kind && b.runs.length > 0);
    return own.length ? [{ kind, items: items(own, content, null) }] : [];
  });
  const chunkOf = new Array<number>(blocks.length).fill(-1);
  let number = 0;
  for (const part of parts)
    for (const chunk of part.chunks) {
      chunk.number = number;
      for (let i = chunk.first; i <= chunk.last; i++) chunkOf[i] = number;
      number++;
    }
  return { parts, notes, edges, chunkOf, chunkCount: number };
}

// Headings as deep as they are nested: a document that jumps from level 1 to 4 is read out without a jump.
export function depthsOf(sections: readonly Section[]): number[] {
  const open: number[] = [];
  return sections.map((section) => {
    if (section.level === 0) return 1;
    while (open.length && (open[open.length - 1] as number) >= section.level) open.pop();
    open.push(section.level);
    return open.length;
  });
}

// The items of these blocks; inside: the table whose cell they stand in.
function items(blocks: readonly Block[], content: Content, inside: number | null): Item[] {
  const result: Item[] = [];
  let at = 0;
  while (at < blocks.length) {
    const block = blocks[at] as Block;
    const table = outermost(block, content, inside);
    if (block.story === "textbox" && inside === null && table === null) {
      const end = while_(blocks, at, (b) => b.story === "textbox");
      result.push({ type: "box", items: plain(blocks.slice(at, end), content, inside) });
      at = end;
    } else if (table !== null) {
      const end = while_(blocks, at, (b) => outermost(b, content, inside) === table);
      result.push({ type: "table", t: table, rows: rows(blocks.slice(at, end), content, table) });
      at = end;
    } else if (block.kind === "list_item" || (block.kind === "cell" && block.list_level)) {
      const end = while_(
        blocks,
        at,
        (b) => (b.kind === "list_item" || (b.kind === "cell" && b.list_level !== undefined)) && outermost(b, content, inside) === null,
      );
      result.push({ type: "list", blocks: blocks.slice(at, end) as Block[] });
      at = end;
    } else {
      result.push({ type: "block", block });
      at++;
    }
  }
  return result;
}

// As items, but text boxes are not put into boxes again.
function plain(blocks: readonly Block[], content: Content, inside: number | null): Item[] {
  return items(
    blocks.map((b) => ({ ...b, story: undefined }) as unknown as Block),
    content,
    inside,
  );
}

function while_(blocks: readonly Block[], from: number, holds: (b: Block) => boolean): number {
  let end = from + 1;
  while (end < blocks.length && holds(blocks[end] as Block)) end++;
  return end;
}

// The table that the block stands in, seen from the table inside (null: from none); null: in none further in.
function outermost(block: Block, content: Content, inside: number | null): number | null {
  if (!block.table) return null;
  let t: number | null = block.table.t;
  while (t !== null && t !== inside) {
    const parent: number | null = content.tables[t]?.in?.t ?? null;
    if (parent === inside) return t;
    t = parent;
  }
  return null;
}

function rows(blocks: readonly Block[], content: Content, t: number): Cell[][] {
  const cells = new Map<string, { cell: Cell; blocks: Block[] }>();
  for (const block of blocks) {
    const place = placeIn(block, content, t);
    if (!place || place.merged) continue;
    const key = `${place.row}/${place.col}`;
    let entry = cells.get(key);
    if (!entry) {
      entry = {
        cell: { row: place.row, col: place.col, rowSpan: place.row_span, colSpan: place.col_span, header: place.header, items: [] },
        blocks: [],
      };
      cells.set(key, entry);
    }
    if (block.table?.t === t && entry.cell.rowSpan === 1 && entry.cell.colSpan === 1) {
      // a nested table's block may have come first and knows no spans
      entry.cell.rowSpan = place.row_span;
      entry.cell.colSpan = place.col_span;
      entry.cell.header = place.header;
    }
    entry.blocks.push(block);
  }
  const result: Cell[][] = [];
  for (const { cell, blocks: own } of cells.values()) {
    cell.items = items(own, content, t);
    while (result.length <= cell.row) result.push([]);
    (result[cell.row] as Cell[]).push(cell);
  }
  for (const row of result) row.sort((a, b) => a.col - b.col);
  return result;
}

function placeIn(block: Block, content: Content, t: number) {
  if (block.table?.t === t) return block.table;
  // in a table nested in one of the cells of t
  let at = block.table?.t ?? null;
  while (at !== null) {
    const parent: { t: number; row: number; col: number } | null = content.tables[at]?.in ?? null;
    if (parent?.t === t) return { ...parent, row_span: 1, col_span: 1, header: false, merged: false };
    at = parent?.t ?? null;
  }
  return null;
}

function chunks(all: Item[]): Chunk[] {
  const result: Chunk[] = [];
  let chunk: Chunk | null = null;
  let count = 0;
  for (const item of all) {
    const own = blocksOf(item);
    const first = own[0]?.i ?? 0;
    if (!chunk || count + own.length > CHUNK_BLOCKS) {
      chunk = { number: 0, first, last: first, words: 0, items: [] };
      result.push(chunk);
      count = 0;
    }
    chunk.items.push(item);
    count += own.length;
    for (const block of own) {
      chunk.last = Math.max(chunk.last, block.i);
      chunk.first = Math.min(chunk.first, block.i);
      chunk.words += 6 + block.runs.reduce((n, run) => n + run.t.length / 6, 0);
    }
  }
  return result;
}

export function blocksOf(item: Item): Block[] {
  switch (item.type) {
    case "block":
      return [item.block];
    case "list":
      return item.blocks;
    case "box":
      return item.items.flatMap(blocksOf);
    case "table":
      return item.rows.flat().flatMap((cell) => cell.items.flatMap(blocksOf));
  }
}
