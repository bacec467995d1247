// The document. Its blocks come from data alone; what is far away stays unpainted (content-visibility), so that 6,000 paragraphs scroll like sixty.
import { memo } from "../ui/memo";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { effect } from "@preact/signals";

import type { Chunk, Part } from "../model/layout";
import { onDay } from "../model/words";
import type { Mounting } from "../state/mounting";
import { load, save, tab } from "../state/storage";
import { useSession, useStore } from "../state/session";
import type { Store } from "../state/store";
import { setVars } from "../ui/bits";
import { extendByKey } from "./caret";
import { Items } from "./Items";
import { elementOf, paint, wordsOf } from "./paint";

export function Paper() {
  const session = useSession();
  const { store } = session;
  const scroller = useRef<HTMLElement>(null);
  const layout = store.layout.value;
  const removed = store.document.value?.file_removed_at;
  const mounting = store.mounting.value;
  useReveal(store, scroller, mounting);
  useReading(store, scroller, mounting);
  usePointing(store, scroller);
  return (
    <section class="paper-scroll" ref={scroller} tabIndex={0} aria-label="Document" data-test="document-pane" onKeyDown={(event) => event.target === event.currentTarget && extendByKey(event, event.currentTarget, store)}>
      {removed ? (
        <div class="paper removed" data-test="file-removed">
          <h2>The file of this document is not here any more</h2>
          <p>
            It was removed on <time dateTime={removed}>{onDay(removed)}</time>, as nobody had used it for a while. Its findings, decisions and activity are kept: read and decide them in the list, and take them with you as CSV or JSON.
          </p>
          <p>Upload the document again to see its text, to review it anew, or to make a Word document with comments.</p>
        </div>
      ) : layout ? (
        <article class="paper" aria-label="Text of the document" data-test="paper">
          <Warnings />
          {layout.parts.map((part, i) => (
            <PartView key={i} part={part} />
          ))}
          {layout.notes.length > 0 && (
            <section class="notes" aria-label="Notes">
              <p class="paper-label">Notes</p>
              {layout.notes.map(({ note, index, items }) => (
                <div key={index} class="note" id={`note-${index}`}>
                  <span class="note-number">{note.number}</span>
                  <div>
                    <Items items={items} depth={1} />
                  </div>
                </div>
              ))}
            </section>
          )}
          {layout.edges.map(({ kind, items }) => (
            <section key={kind} class="edges" aria-label={kind === "header" ? "Page header" : "Page footer"}>
              <p class="paper-label">{kind === "header" ? "Page header" : "Page footer"}</p>
              <Items items={items} depth={1} />
            </section>
          ))}
        </article>
      ) : (
        <Skeleton />
      )}
    </section>
  );
}

function Skeleton() {
  return (
    <div class="paper skeleton" role="status" aria-label="The document is being loaded">
      {Array.from({ length: 9 }, (_, i) => (
        <span key={i} class={`bone bone-${i % 3}`} />
      ))}
    </div>
  );
}

function Warnings() {
  const warnings = useStore().content.value?.warnings ?? [];
  if (!warnings.length) return null;
  return (
    <details class="paper-warnings">
      <summary>{warnings.length === 1 ? "One thing of this file was left aside" : `${warnings.length} things of this file were left aside`}</summary>
      <ul>
        {warnings.map((w, i) => (
          <li key={i}>{w}</li>
        ))}
      </ul>
    </details>
  );
}

const PartView = memo(({ part }: { part: Part }) => {
  const { section } = part;
  const left = section && !section.reviewed;
  return (
    <section class={`part${left ? " left-out" : ""}`} data-section={section?.id} aria-label={section?.title || "Beginning"}>
      {left && <p class="left-out-why">Not reviewed: {section.why_not ?? "it was left out"}</p>}
      {part.chunks.map((chunk) => (
        <ChunkView key={chunk.first} chunk={chunk} depth={part.depth} />
      ))}
    </section>
  );
});

const LINE_WORDS = 11;
const LINE_PX = 26;

const ChunkView = memo(({ chunk, depth }: { chunk: Chunk; depth: number }) => {
  const there = useStore().mounting.value?.there(chunk.number) ?? true;
  return (
    <div
      class={`chunk${there ? "" : " away"}`}
      data-chunk={chunk.number}
      data-first={chunk.first}
      data-last={chunk.last}
      ref={(e) => setVars(e, { "--guess": `${Math.round((chunk.words / LINE_WORDS) * LINE_PX)}px` })}
    >
      {there && <Items items={chunk.items} depth={depth} />}
    </div>
  );
});

// Brings into view what the store asks for: the words, and the card level with them.
function useReveal(store: Store, scroller: { current: HTMLElement | null }, mounting: Mounting | null): void {
  useEffect(() => {
    if (!mounting) return;
    return effect(() => {
      const want = store.reveal.value;
      if (!want) return;
      const block = want.what === "block" ? want.block : want.what === "words" ? want.anchor.block : store.get(want.id)?.anchor?.block;
      if (block !== undefined) mounting.ensure(block);
      whenThere(block, () => {
        const root = scroller.current;
        if (!root) return;
        if (want.what === "block") {
          elementOf(want.block)?.scrollIntoView({ block: "start" });
          return;
        }
        if (want.what === "words") {
          const words = elementOf(want.anchor.block)?.querySelector<HTMLElement>(".flash") ?? elementOf(want.anchor.block);
          if (words) showWithin(root, words);
          return;
        }
        const words = wordsOf(store.get(want.id));
        if (words && root.clientHeight) showWithin(root, words);
        if (want.card) levelCard(want.id, words);
      });
    });
  }, [store, mounting]);
}

const FRAMES = 20;

// With the frame in which the block is in the page; without one, with the next.
function whenThere(block: number | undefined, run: () => void, frames = FRAMES): void {
  requestAnimationFrame(() => {
    if (block === undefined || elementOf(block) || frames === 0) run();
    else whenThere(block, run, frames - 1);
  });
}

function showWithin(root: HTMLElement, words: HTMLElement): void {
  words.scrollIntoView({ block: "nearest", inline: "nearest" });
  const a = root.getBoundingClientRect();
  const b = words.getBoundingClientRect();
  if (b.top < a.top + 72 || b.bottom > a.bottom - 96) root.scrollTop += b.top - a.top - a.height * 0.36;
}

// The chosen card stands level with its words, as far as it stays whole within the list.
export function levelCard(id: string, words: HTMLElement | null): void {
  const list = document.querySelector<HTMLElement>(".rail-list");
  const card = list?.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);
  if (!list || !card || !list.clientHeight) return;
  if (list.scrollHeight <= list.clientHeight) return card.scrollIntoView({ block: "nearest" }); // a low window: the list does not scroll by itself
  const box = list.getBoundingClientRect();
  const top = card.getBoundingClientRect().top - box.top + list.scrollTop;
  const level = words ? words.getBoundingClientRect().top - box.top - 14 : box.height * 0.2;
  const lowest = Math.max(8, box.height - card.offsetHeight - 12);
  list.scrollTop = top - Math.min(lowest, Math.max(8, level));
}

interface Place {
  block: number;
  delta: number;
  chosen: string | null; // the finding that was chosen there
}
const isPlace = (value: unknown): value is Place => typeof value === "object" && value !== null && "block" in value && "delta" in value;

// Which section is being read; and the place, so that the document opens again where it was left.
function useReading(store: Store, scroller: { current: HTMLElement | null }, mounting: Mounting | null): void {
  useLayoutEffect(() => {
    const root = scroller.current;
    if (!root || !mounting) return;
    const key = `prism.place.${store.id}`;
    const left = load<Place | null>(tab, key, null, isPlace);
    const place = left && (left.chosen === store.active.peek() || store.active.peek() === null) ? left : null; // a link to another finding leads to that
    if (place) {
      mounting.ensure(Number(place.block));
      whenThere(Number(place.block), () => {
        elementOf(Number(place.block))?.scrollIntoView({ block: "start" });
        root.scrollTop += Number(place.delta) || 0;
      });
    }
    // once the findings are there: the chosen one's card, and its words where no place was left
    const stopFirst = effect(() => {
      if (!store.findingsReady.value) return;
      const id = store.active.peek();
      if (id && store.get(id)) {
        if (place) requestAnimationFrame(() => levelCard(id, wordsOf(store.get(id))));
        else store.reveal.value = { what: "finding", id, card: true };
      }
      queueMicrotask(() => stopFirst());
    });
    const stopMounting = mounting.begin(root);
    const note = (block: HTMLElement, delta: number) => save(tab, key, { block: Number(block.dataset["block"]), delta, chosen: store.active.peek() } satisfies Place);
    let frame = 0;
    let timer = 0;
    const look = () => {
      frame = 0;
      const box = root.getBoundingClientRect();
      if (!box.height) return;
      const under = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(120, box.height / 3));
      const section = under?.closest<HTMLElement>("[data-section]");
      if (section && root.contains(section)) store.section.value = Number(section.dataset["section"]);
      clearTimeout(timer);
      timer = window.setTimeout(() => {
        const x = box.left + box.width / 2;
        for (let y = box.top + 4; y < box.bottom; y += 24) {
          const block = document.elementFromPoint(x, y)?.closest<HTMLElement>("[data-block]");
          if (!block || !root.contains(block)) continue;
          note(block, box.top - block.getBoundingClientRect().top);
          return;
        }
      }, 200);
    };
    const onScroll = () => {
      frame ||= requestAnimationFrame(look);
    };
    root.addEventListener("scroll", onScroll, { passive: true });
    onScroll();
    return () => {
      stopMounting();
      root.removeEventListener("scroll", onScroll);
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, [store, mounting]);
}

// Words answer to the pointer: what is under it is shown in the list too, a click chooses it, a second click on overlapping words the next one.
function usePointing(store: Store, scroller: { current: HTMLElement | null }): void {
  useEffect(() => {
    const root = scroller.current;
    if (!root) return;
    const idsAt = (target: EventTarget | null): string[] =>
      target instanceof Element ? (target.closest<HTMLElement>("[data-f]")?.dataset["f"]?.split(" ") ?? []) : [];
    const click = (event: MouseEvent) => {
      if (event.target instanceof Element && event.target.closest("a, button, summary")) return;
      if (getSelection()?.isCollapsed === false) return;
      const ids = idsAt(event.target);
      if (!ids.length) return;
      const at = store.active.value ? ids.indexOf(store.active.value) : -1;
      const next = ids[(at + 1) % ids.length] as string;
      store.choose(next, "none");
      store.reveal.value = { what: "finding", id: next, card: true };
    };
    const over = (event: MouseEvent) => {
      const ids = idsAt(event.target);
      store.hover.value = ids.find((id) => id === store.active.value) ?? ids[0] ?? null;
    };
    const out = () => (store.hover.value = null);
    root.addEventListener("click", click);
    root.addEventListener("mouseover", over);
    root.addEventListener("mouseleave", out);
    const stops = [effect(() => paint("active", store.findingsReady.value && store.active.value ? store.cell(store.active.value)?.value : undefined)), effect(() => paint("hover", store.get(store.hover.value)))];
    return () => {
      for (const stop of stops) stop();
      root.removeEventListener("click", click);
      root.removeEventListener("mouseover", over);
      root.removeEventListener("mouseleave", out);
    };
  }, [store]);
}
