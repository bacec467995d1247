// The providers' cache of prompts, as it shows in the counts of tokens: a prefix up to a marked point that was sent before is read, a new one
// is written, and one below the least size is neither.
import { createHash } from "node:crypto";

const least = 1024;
const most = 1000;

export class PromptCache {
  constructor() {
    this.seen = new Set();
  }
  // prefixes: the texts up to each marked point, the shortest first.
  look(prefixes) {
    const marked = prefixes.filter((text) => text.length / 4 >= least).map((text) => [createHash("sha256").update(text).digest("base64"), Math.ceil(text.length / 4)]);
    const read = marked.filter(([hash]) => this.seen.has(hash)).reduce((n, [, tokens]) => Math.max(n, tokens), 0);
    const all = marked.reduce((n, [, tokens]) => Math.max(n, tokens), 0);
    for (const [hash] of marked) {
      if (this.seen.size >= most) this.seen.clear();
      this.seen.add(hash);
    }
    return { read, write: all - read };
  }
}
