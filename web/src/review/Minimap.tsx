// A narrow map of the whole document beside its scrollbar: a tick for each finding, where it stands. For the pointer; the keys have J and K.
// One path a look, not one element a finding: there may be thousands.
import { useEffect, useState } from "preact/hooks";

import type { Finding } from "../api/types";
import { useStore } from "../state/session";

const HEIGHT = 1000; // of the drawing, stretched over the height of the pane
const LOOKS = ["rejected", "accepted", "low", "medium", "high"] as const; // the last is on top
const look = (f: Finding) => (f.decision === "open" ? f.risk : f.decision);

export function Minimap() {
  const store = useStore();
  const [spots, setSpots] = useState<ReadonlyMap<number, number>>(new Map()); // by block: 0–1 of the document's height
  const mounting = store.mounting.value;
  useEffect(() => {
    const paper = document.querySelector<HTMLElement>(".paper-scroll");
    const article = paper?.querySelector(".paper");
    if (!paper || !article || !mounting) return;
    let timer = 0;
    const soon = () => {
      clearTimeout(timer);
      timer = window.setTimeout(() => setSpots(measure(paper)), 150);
    };
    const observer = new ResizeObserver(soon);
    observer.observe(article);
    observer.observe(paper);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
    };
  }, [mounting]);
  const shown = store.shown.value;
  const at = (f: Finding | undefined) => (f?.anchor ? spots.get(f.anchor.block) : undefined);
  const paths: Record<string, string> = {};
  for (const id of shown) {
    const f = store.cell(id)?.value;
    const y = at(f);
    if (f && y !== undefined) paths[look(f)] = `${paths[look(f)] ?? ""}M0 ${(y * HEIGHT).toFixed(1)}h1`;
  }
  const nearest = (y: number): string | undefined => {
    let best: string | undefined;
    let far = 0.02;
    for (const id of shown) {
      const spot = at(store.get(id));
      if (spot !== undefined && Math.abs(spot - y) < far) {
        far = Math.abs(spot - y);
        best = id;
      }
    }
    return best;
  };
  return (
    <svg
      class="minimap"
      viewBox={`0 0 1 ${HEIGHT}`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
      onClick={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        const id = nearest((event.clientY - box.top) / box.height);
        if (id) store.choose(id);
      }}
    >
      {LOOKS.map((name) => paths[name] && <path key={name} class={`tick ${name}`} d={paths[name]} />)}
      <ActiveTick spots={spots} />
    </svg>
  );
}

function ActiveTick({ spots }: { spots: ReadonlyMap<number, number> }) {
  const store = useStore();
  const active = store.active.value;
  const f = active ? store.cell(active)?.value : undefined;
  const y = f?.anchor ? spots.get(f.anchor.block) : undefined;
  return y === undefined ? null : <path class="tick active" d={`M0 ${(y * HEIGHT).toFixed(1)}h1`} />;
}

function measure(paper: HTMLElement): Map<number, number> {
  const height = paper.scrollHeight || 1;
  const top = paper.getBoundingClientRect().top - paper.scrollTop;
  const result = new Map<number, number>();
  for (const chunk of paper.querySelectorAll<HTMLElement>(".chunk")) {
    const rect = chunk.getBoundingClientRect();
    const first = Number(chunk.dataset["first"]);
    const last = Number(chunk.dataset["last"]);
    for (let i = first; i <= last; i++) result.set(i, (rect.top - top + (rect.height * (i - first)) / (last - first + 1)) / height);
  }
  return result;
}
