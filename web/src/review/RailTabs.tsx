// Beside the document: the findings, or the talk about it.
import { n } from "../model/words";
import { useSession } from "../state/session";
import type { Panel } from "../state/store";
import { Icon } from "../ui/icons";

export function RailTabs() {
  const { store, chat } = useSession();
  const open = store.findingsReady.value ? store.counts.value.decision.open : null;
  const go = (panel: Extract<Panel, "findings" | "chat">) => {
    store.panel.value = panel;
    store.pane.value = panel;
    if (panel === "chat") chat.focus.value++;
  };
  return (
    <div class="rail-tabs" role="group" aria-label="Beside the document">
      <button type="button" class="rail-tab" aria-pressed={store.panel.value === "findings"} data-test="show-findings" onClick={() => go("findings")}>
        Findings
        {open !== null && <span class="tab-count">{n(open)}</span>}
      </button>
      <button type="button" class="rail-tab" aria-pressed={store.panel.value === "chat"} data-test="chat" title="Talk about the document" onClick={() => go("chat")}>
        <Icon name="chat" />
        Chat
        {chat.running.value !== null && <span class="unseen"> (an answer is being given)</span>}
        {chat.running.value !== null && <span class="rail-busy" aria-hidden="true" />}
      </button>
    </div>
  );
}
