// Whether what you did is with the server: saved, being saved, or waiting here because the server cannot be reached.
import { many } from "../model/words";
import { useSession } from "../state/session";
import { Icon } from "../ui/icons";

export function SaveState() {
  const { store, decisions } = useSession();
  const waiting = decisions.waiting.value;
  const offline = decisions.state.value === "offline" || !store.connected.value;
  if (offline)
    return (
      <p class="save-state offline" role="status" data-test="save-state">
        <Icon name="warning" />
        <span>
          Offline
          {waiting ? `: ${many(waiting, "change")} kept here, saved when the server is back` : ": trying to reach the server"}
        </span>
        <button
          type="button"
          class="link-button"
          onClick={() => {
            decisions.retryNow();
            void store.reload();
          }}
        >
          Try now
        </button>
      </p>
    );
  return (
    <p class="save-state" role="status" data-test="save-state">
      {decisions.state.value === "saving" ? "Saving…" : store.findingsReady.value ? "Saved" : ""}
    </p>
  );
}
