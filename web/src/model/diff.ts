// What a rewrite changes, word by word: the longest common run of words stays, the rest is deleted or inserted.
export interface Change {
  kind: "same" | "gone" | "new";
  text: string;
}

const WORDS_MAX = 400; // beyond it the quadratic table would be felt: all old, all new

export function diffWords(before: string, after: string): Change[] {
  const a = before.match(/\s+|[\p{L}\p{N}_]+|./gsu) ?? [];
  const b = after.match(/\s+|[\p{L}\p{N}_]+|./gsu) ?? [];
  if (a.length > WORDS_MAX || b.length > WORDS_MAX) return join([...(before ? [{ kind: "gone", text: before } as Change] : []), ...(after ? [{ kind: "new", text: after } as Change] : [])]);
  const width = b.length + 1;
  const table = new Uint16Array((a.length + 1) * width); // longest common subsequence of the rests
  const at = (i: number, j: number) => table[i * width + j] as number;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) table[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const result: Change[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      result.push({ kind: "same", text: a[i] as string });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) result.push({ kind: "gone", text: a[i++] as string });
    else result.push({ kind: "new", text: b[j++] as string });
  }
  return join(result);
}

function join(changes: Change[]): Change[] {
  const result: Change[] = [];
  for (const change of changes) {
    const last = result[result.length - 1];
    if (last && last.kind === change.kind) last.text += change.text;
    else result.push({ ...change });
  }
  return result;
}
