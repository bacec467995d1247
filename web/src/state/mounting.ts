// Which chunks of the document are in the page yet. The first ones and those in sight are there at once, the others follow while the browser is idle,
// so that the first paint of a long document does not wait for its end, and "find in page" has it all soon after.
import { signal, type Signal } from "@preact/signals";

import type { Layout } from "../model/layout";

const AT_ONCE = 4;
const CAN_IDLE: boolean = typeof requestIdleCallback === "function";
const NEAR = "1200px 0px";

export class Mounting {
  readonly #layout: Layout;
  readonly #cells: Signal<boolean>[];

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#cells = Array.from({ length: layout.chunkCount }, (_, i) => signal(i < AT_ONCE));
  }

  // Read by the chunk itself.
  there(chunk: number): boolean {
    return this.#cells[chunk]?.value ?? true;
  }

  // Before a block is brought into view. It is there with the next frame.
  ensure(block: number): void {
    const at = this.#layout.chunkOf[block] ?? -1;
    for (const near of [at - 1, at, at + 1]) this.#set(near);
  }

  #set(chunk: number): void {
    const cell = this.#cells[chunk];
    if (cell && !cell.peek()) cell.value = true;
  }

  begin(root: HTMLElement): () => void {
    const observer = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (!entry.isIntersecting) continue;
          this.#set(Number((entry.target as HTMLElement).dataset["chunk"]));
          observer.unobserve(entry.target);
        }
      },
      { root, rootMargin: NEAR },
    );
    for (const chunk of root.querySelectorAll(".chunk")) observer.observe(chunk);
    let idle = 0;
    let next = 0;
    const soon = (run: () => void): number => (CAN_IDLE ? requestIdleCallback(run, { timeout: 500 }) : window.setTimeout(run, 30));
    const fill = () => {
      while (next < this.#cells.length && this.#cells[next]?.peek()) next++;
      if (next >= this.#cells.length) return;
      this.#set(next);
      idle = soon(fill);
    };
    idle = soon(fill);
    return () => {
      observer.disconnect();
      if (CAN_IDLE) cancelIdleCallback(idle);
      else clearTimeout(idle);
    };
  }
}
