// The review screen: outline, document, findings; one scroller each. On a narrow screen one pane at a time.
import { useEffect } from "preact/hooks";

import { outlineShown, outlineWidth, railWidth } from "../state/prefs";
import { useSession, useStore } from "../state/session";
import { Link, setVars, Trouble } from "../ui/bits";
import { later } from "../ui/Later";
import { Activity } from "./Activity";
import { Coverage } from "./Coverage";
import { Finish } from "./Finish";
import { useKeys } from "./keys";
import { Minimap } from "./Minimap";
import { Outline } from "./Outline";
import { PaneBar } from "./PaneBar";
import { Paper } from "./Paper";
import { Rail } from "./Rail";
import { RailTabs } from "./RailTabs";
import { SelectionBar } from "./SelectionBar";
import { Sheet } from "./Sheet";
import { Splitter } from "./Splitter";
import { TopBar } from "./TopBar";

const ChatPanel = later(() => import("../later").then((m) => m.ChatPanel), "The chat");

export function Review() {
  const session = useSession();
  const { store } = session;
  useKeys(session);
  const name = store.document.value?.name;
  useEffect(() => {
    document.title = name ? `${name} – AI-Prism` : "AI-Prism";
  }, [name]);

  if (store.deleted.value) return <Gone text="This document was deleted." />;
  if (store.problem.value)
    return store.problem.value.reason === "not_found" ? (
      <Gone text="There is no such document, or it is not yours. Documents belong to the browser that uploaded them." />
    ) : (
      <main class="lost">
        <h1>The document cannot be shown</h1>
        <Trouble failure={store.problem.value} onRetry={() => void store.open()}>
          <Link href="/" class="button small">
            Your documents
          </Link>
        </Trouble>
      </main>
    );

  const panel = store.panel.value;
  return (
    <div class={`review pane-${store.pane.value}${outlineShown.value ? "" : " no-outline"}`} ref={(e) => setVars(e, { "--outline-width": `${outlineWidth.value}px`, "--rail-width": `${railWidth.value}px` })}>
      <TopBar />
      <main class="shell">
        <Outline />
        <div class="reading">
          <Splitter side="outline" />
          <Paper />
          <Minimap />
          <Splitter side="rail" />
          <SelectionBar />
        </div>
        {panel === "findings" && <Rail />}
        {panel === "finish" && <Finish />}
        {panel === "chat" && (
          <section class="rail" aria-label="Chat">
            <RailTabs />
            <ChatPanel />
          </section>
        )}
        {panel === "activity" && <Activity />}
        {panel === "coverage" && <Coverage />}
      </main>
      <Sheet />
      <PaneBar />
    </div>
  );
}

function Gone({ text }: { text: string }) {
  useStore();
  return (
    <main class="lost">
      <h1>Nothing to review here</h1>
      <p>{text}</p>
      <p>
        <Link href="/" class="button primary">
          Your documents
        </Link>
      </p>
    </main>
  );
}
