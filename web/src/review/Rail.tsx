// The findings: filters on top, the cards below. Only as many cards are painted as are near; the arrow keys move between them.
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { useSession, useStore } from "../state/session";
import { Trouble } from "../ui/bits";
import { Card } from "./Card";
import { DraftForm } from "./DraftForm";
import { Filters } from "./Filters";
import { Hidden } from "./Hidden";

export function Rail() {
  const { store, drafts } = useSession();
  return (
    <section class="rail" aria-label="Findings" data-test="rail">
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
      {ids.map((id) => (
        <Card key={id} id={id} />
      ))}
      <Hidden />
      <Empty />
    </ol>
  );
}

function Empty() {
  const store = useStore();
  if (store.all.value.length || !store.findingsReady.value) return store.findingsReady.value || store.findingsProblem.value ? null : <Loading />;
  const review = store.review.value;
  if (!review || store.running.value)
    return (
      <li class="rail-empty">
        <p>{review ? "Findings appear here as soon as the review is done. You can read the document meanwhile." : "Not reviewed yet."}</p>
      </li>
    );
  if (review.state !== "done") return null;
  return (
    <li class="rail-empty">
      <p>
        <strong>Nothing was found.</strong>
      </p>
      <p class="soft">
        The rules found nothing to say about this document. Select text in it and press <kbd>C</kbd> to add a finding of your own.
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
