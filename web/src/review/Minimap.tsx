// A narrow map of the whole document beside its scrollbar: a tick for each finding, where it stands. For the pointer; the keys have J and K.
import { useEffect, useRef, useState } from "preact/hooks";

import { useStore } from "../state/session";
import { setVars } from "../ui/bits";

interface Spot {
  top: number; // of the document's height, 0–1
}

export function Minimap() {
  const store = useStore();
  const [spots, setSpots] = useState<ReadonlyMap<number, Spot>>(new Map()); // by block
  const box = useRef<HTMLDivElement>(null);
  const layout = store.layout.value;
  useEffect(() => {
    const paper = document.querySelector<HTMLElement>(".paper-scroll");
    if (!paper || !layout) return;
    let timer = 0;
    const measure = () => {
      const height = paper.scrollHeight || 1;
      const result = new Map<number, Spot>();
      const top = paper.getBoundingClientRect().top - paper.scrollTop;
      for (const chunk of paper.querySelectorAll<HTMLElement>(".chunk")) {
        const rect = chunk.getBoundingClientRect();
        const first = Number(chunk.dataset["first"]);
        const last = Number(chunk.dataset["last"]);
        for (let i = first; i <= last; i++) result.set(i, { top: (rect.top - top + (rect.height * (i - first)) / (last - first + 1)) / height });
      }
      setSpots(result);
    };
    const soon = () => {
      clearTimeout(timer);
      timer = window.setTimeout(measure, 120);
    };
    const observer = new ResizeObserver(soon);
    const article = paper.querySelector(".paper");
    if (article) observer.observe(article);
    observer.observe(paper);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [layout]);
  const shown = new Set(store.shown.value);
  const active = store.active.value;
  return (
    <div class="minimap" ref={box} aria-hidden="true">
      {store.all.value.map((f) => {
        const spot = f.anchor && spots.get(f.anchor.block);
        if (!spot || !shown.has(f.id)) return null;
        return (
          <span
            key={f.id}
            class={`tick ${f.risk} ${f.decision}${f.id === active ? " active" : ""}`}
            title={f.title}
            ref={(e) => setVars(e, { "--at": `${(spot.top * 100).toFixed(2)}%` })}
            onClick={() => store.choose(f.id)}
          />
        );
      })}
    </div>
  );
}
