// On a narrow screen: which pane is shown.
import { n } from "../model/words";
import { useStore } from "../state/session";
import type { Pane } from "../state/store";

const PANES: { pane: Pane; label: string }[] = [
  { pane: "outline", label: "Outline" },
  { pane: "document", label: "Document" },
  { pane: "findings", label: "Findings" },
  { pane: "chat", label: "Chat" },
];

export function PaneBar() {
  const store = useStore();
  return (
    <nav class="pane-bar" aria-label="What is shown">
      {PANES.map(({ pane, label }) => (
        <button
          type="button"
          key={pane}
          aria-pressed={store.pane.value === pane}
          data-test={`pane-${pane}`}
          onClick={() => {
            if (pane === "findings" || pane === "chat") store.panel.value = pane;
            store.pane.value = pane;
          }}
        >
          {label}
          {pane === "findings" && store.findingsReady.value && <span class="tab-count">{n(store.counts.value.decision.open)}</span>}
        </button>
      ))}
    </nav>
  );
}
