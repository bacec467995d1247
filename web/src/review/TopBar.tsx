// The top line: where you are, how far you are, whether it is saved, and the way to finish.
import { many, n } from "../model/words";
import { helpOpen, settingsOpen } from "../state/app";
import { outlineShown } from "../state/prefs";
import { useSession, useStore } from "../state/session";
import type { Panel } from "../state/store";
import { Link } from "../ui/bits";
import { Icon, Logo } from "../ui/icons";
import { ThemeSwitch } from "../ui/ThemeSwitch";
import { SaveState } from "./SaveState";

export function TopBar() {
  const store = useStore();
  const name = store.document.value?.name;
  return (
    <header class="topbar">
      <Link href="/" class="brand" label="Your documents">
        <Logo />
      </Link>
      <button type="button" class="icon-button outline-toggle" aria-pressed={outlineShown.value} aria-label="Outline" title="Outline" onClick={() => (outlineShown.value = !outlineShown.value)}>
        <Icon name="outline" />
      </button>
      <h1 class="topbar-name" title={name}>
        {name ?? "Loading…"}
      </h1>
      <Decided />
      <SaveState />
      <div class="topbar-tools">
        <PanelButton panel="activity" label="Activity" />
        <ThemeSwitch />
        <button type="button" class="icon-button" aria-label="Models and settings" title="Models and settings (,)" data-test="settings" onClick={() => (settingsOpen.value = true)}>
          <Icon name="settings" />
        </button>
        <button type="button" class="icon-button" aria-label="Help and shortcuts" title="Help and shortcuts (?)" data-test="help" onClick={() => (helpOpen.value = true)}>
          <Icon name="help" />
        </button>
        <FinishButton />
      </div>
    </header>
  );
}

// "14 of 37 decided"; the number leads to the next that is not.
function Decided() {
  const { store } = useSession();
  const { total, decision } = store.counts.value;
  if (!store.findingsReady.value || !total) return <span class="decided" />;
  const decided = total - decision.open;
  return (
    <div class="decided">
      <progress class="progress" value={decided} max={total} aria-label={`${decided} of ${many(total, "finding")} decided`} />
      <button type="button" class="decided-text" data-test="progress" disabled={decision.open === 0} title={decision.open ? "Go to the next open finding (N)" : ""} onClick={() => store.nextOpen()}>
        {decision.open === 0 ? "All decided" : `${n(decided)} of ${n(total)} decided`}
      </button>
    </div>
  );
}

function PanelButton({ panel, label }: { panel: Panel; label: string }) {
  const store = useStore();
  const on = store.panel.value === panel;
  return (
    <button type="button" class="icon-button" aria-pressed={on} aria-label={label} title={label} data-test={panel} onClick={() => togglePanel(store, panel)}>
      <Icon name="clock" />
    </button>
  );
}

function FinishButton() {
  const store = useStore();
  const on = store.panel.value === "finish";
  return (
    <button type="button" class="button primary" aria-pressed={on} data-test="finish" onClick={() => togglePanel(store, "finish")}>
      Finish
    </button>
  );
}

function togglePanel(store: ReturnType<typeof useStore>, panel: Panel): void {
  store.panel.value = store.panel.value === panel ? "findings" : panel;
  store.pane.value = store.panel.value === "findings" ? "document" : "findings";
}
