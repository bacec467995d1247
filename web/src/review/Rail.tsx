// The findings: filters on top, the cards below. Only as many cards are painted as are near; the arrow keys move between them.
import { effect } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { many } from "../model/words";
import { keys } from "../state/prefs";
import { useSession, useStore } from "../state/session";
import { Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";
import { Card } from "./Card";
import { DraftForm } from "./DraftForm";
import { Filters } from "./Filters";
import { Hidden } from "./Hidden";
import { RailTabs } from "./RailTabs";

export function Rail() {
  const { store, drafts } = useSession();
  return (
    <section class="rail" aria-label="Findings" data-test="rail">
      <RailTabs />
      <Filters />
      {drafts.draft.value && <DraftForm />}
      {store.findingsProblem.value && <Trouble failure={store.findingsProblem.value} onRetry={() => void store.loadFindings()} />}
      <List />
    </section>
  );
}

function List() {
  const store = useStore();
  const list = useRef<HTMLOListElement>(null);
  const ids = store.shown.value;
  const folded = store.folded.value;
  const main = store.unfolded.value ? ids.slice(0, ids.length - folded.length) : ids;
  useStill(list, ids);
  useEffect(
    () =>
      effect(() => {
        // the focus goes with the choice when it is in the list
        const active = store.active.value;
        if (!active || !list.current?.contains(document.activeElement)) return;
        requestAnimationFrame(() => {
          const card = list.current?.querySelector(`[data-card="${CSS.escape(active)}"]`);
          const here = document.activeElement === document.body || list.current?.contains(document.activeElement);
          if (card && here && !card.contains(document.activeElement)) card.querySelector<HTMLElement>(".card-head")?.focus({ preventScroll: true });
        });
      }),
    [store],
  );
  return (
    <ol
      class="rail-list"
      role="list"
      ref={list}
      data-test="list"
      onKeyDown={(event) => {
        if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
        if (!(event.target instanceof HTMLElement) || !event.target.classList.contains("card-head")) return;
        event.preventDefault();
        store.step(event.key === "ArrowDown" ? 1 : -1);
      }}
    >
      {main.map((id) => (
        <Card key={id} id={id} />
      ))}
      {folded.length > 0 && (
        <li key="fold" class="fold">
          <button type="button" class="fold-toggle" aria-expanded={store.unfolded.value} data-test="fold" onClick={() => (store.unfolded.value = !store.unfolded.value)}>
            <Icon name={store.unfolded.value ? "up" : "down"} />
            {many(folded.length, "less sure finding")}
          </button>
          {store.unfolded.value && <p class="fine">The model is less sure of these. They count when you decide on them.</p>}
        </li>
      )}
      {store.unfolded.value && folded.map((id) => <Card key={id} id={id} />)}
      <Hidden />
      <Empty />
    </ol>
  );
}

const HELD_FRAMES = 30;
const INPUTS = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

// Findings that come while somebody reads do not move what is being read: the first card in sight is held where it is. Cards that were never painted
// have a guessed height and get their own with the next frames, so it is held for a while; whoever does something moves the list from then on.
function useStill(list: { current: HTMLOListElement | null }, ids: readonly string[]): void {
  const before = useRef(ids);
  const held = useRef<{ card: HTMLElement; top: number; frames: number } | null>(null);
  const root = list.current;
  if (root && ids !== before.current && ids.length > before.current.length && root.scrollTop > 0) {
    const edge = root.getBoundingClientRect().top;
    const card = held.current?.card ?? [...root.querySelectorAll<HTMLElement>("[data-card]")].find((one) => one.getBoundingClientRect().bottom > edge);
    if (card) held.current = { card, top: held.current?.top ?? card.getBoundingClientRect().top, frames: HELD_FRAMES };
  }
  useLayoutEffect(() => {
    before.current = ids;
    const hold = () => {
      const one = held.current;
      if (!root || !one) return;
      if (!one.card.isConnected || one.frames-- <= 0) {
        held.current = null;
        return;
      }
      const moved = one.card.getBoundingClientRect().top - one.top;
      if (moved) root.scrollTop += moved;
      frame = requestAnimationFrame(hold);
    };
    let frame = 0;
    hold();
    return () => cancelAnimationFrame(frame);
  }, [ids]);
  useEffect(() => {
    const end = () => (held.current = null);
    for (const name of INPUTS) window.addEventListener(name, end, { capture: true, passive: true });
    return () => {
      for (const name of INPUTS) window.removeEventListener(name, end, { capture: true });
    };
  }, []);
}

function Empty() {
  const store = useStore();
  if (store.all.value.length || !store.findingsReady.value) return store.findingsReady.value || store.findingsProblem.value ? null : <Loading />;
  const review = store.review.value;
  if (!review || store.running.value)
    return (
      <li class="rail-empty">
        <p>{review ? "Findings appear here as soon as they are there. You can read the document meanwhile." : "Not reviewed yet."}</p>
      </li>
    );
  if (review.state !== "done") return null;
  return (
    <li class="rail-empty">
      <p>
        <strong>Nothing was found.</strong>
      </p>
      <p class="soft">
        {review.model.state === "done" ? "Neither the rules nor the model found anything" : "The rules found nothing"} to say about this document. Select text in it and press <kbd>{keys.value.comment.toUpperCase()}</kbd> to add a finding of your own.
      </p>
    </li>
  );
}

function Loading() {
  return (
    <>
      {[0, 1, 2, 3].map((i) => (
        <li key={i} class="card bone-card" aria-hidden="true">
          <span class="bone bone-1" />
          <span class="bone bone-0" />
        </li>
      ))}
    </>
  );
}
