// Which words of a block are marked, and with what. Marks may overlap and nest: the block's runs are cut wherever one begins or ends, and each piece
// knows every mark that is on it. Positions come from data alone, so any re-render gives the same.
import type { DocComment, Finding, Run } from "../api/types";

export interface Mark {
  id: string; // of the finding
  start: number;
  end: number;
}

export const DRAFT = "draft"; // the mark of a finding that is being written
export const FLASH = "flash"; // of words that are pointed at for a moment

export interface Piece {
  run: Run;
  text: string;
  offset: number; // of its first code unit in the block's text
  marks: readonly Mark[]; // the shortest first
  comments: readonly number[]; // indices of the document's own comments on it
}

export interface CommentSpan {
  index: number;
  start: number;
  end: number;
}

// The pieces of a block in order. Runs without text (a note's reference, deleted text) are pieces of their own that carry no marks.
export function pieces(runs: readonly Run[], marks: readonly Mark[], comments: readonly CommentSpan[]): Piece[] {
  const cuts = new Set<number>();
  for (const mark of [...marks, ...comments]) cuts.add(mark.start).add(mark.end);
  const sorted = [...cuts].sort((a, b) => a - b);
  const result: Piece[] = [];
  let offset = 0;
  let next = 0; // first cut behind offset
  for (const run of runs) {
    if (run.t === "") {
      result.push({ run, text: "", offset, marks: [], comments: [] });
      continue;
    }
    const end = offset + run.t.length;
    let at = offset;
    while (at < end) {
      while (next < sorted.length && (sorted[next] as number) <= at) next++;
      const to = Math.min(end, sorted[next] ?? end);
      result.push({
        run,
        text: run.t.slice(at - offset, to - offset),
        offset: at,
        marks: marks.filter((m) => m.start <= at && m.end >= to).sort((a, b) => a.end - a.start - (b.end - b.start)),
        comments: comments.filter((c) => c.start <= at && c.end >= to).map((c) => c.index),
      });
      at = to;
    }
    offset = end;
  }
  return result;
}

export function blockText(runs: readonly Run[]): string {
  let text = "";
  for (const run of runs) text += run.t;
  return text;
}

// The findings' marks by block.
export function marksByBlock(findings: readonly Finding[]): Map<number, Mark[]> {
  const result = new Map<number, Mark[]>();
  for (const { id, anchor } of findings) {
    if (!anchor || anchor.end <= anchor.start) continue;
    const mark = { id, start: anchor.start, end: anchor.end };
    const list = result.get(anchor.block);
    if (list) list.push(mark);
    else result.set(anchor.block, [mark]);
  }
  return result;
}

// Where the document's own comments lie, by block. One over several blocks has a span in each.
export function commentsByBlock(comments: readonly DocComment[], length: (block: number) => number): Map<number, CommentSpan[]> {
  const result = new Map<number, CommentSpan[]>();
  comments.forEach((comment, index) => {
    if (comment.block === null || comment.parent !== null) return;
    const last = comment.end_block ?? comment.block;
    for (let block = comment.block; block <= last; block++) {
      const span = { index, start: block === comment.block ? (comment.start ?? 0) : 0, end: block === last ? (comment.end ?? 0) : length(block) };
      const list = result.get(block);
      if (list) list.push(span);
      else result.set(block, [span]);
    }
  });
  return result;
}
