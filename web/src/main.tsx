// The page: the address says which screen.
import type { Signal } from "@preact/signals";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";

import { Home } from "./home/Home";
import { HelpSheet } from "./review/HelpSheet";
import { Review } from "./review/Review";
import { helpOpen, loadServer, say, settingsOpen } from "./state/app";
import { guidelinesOpen } from "./state/guidelines";
import { route } from "./state/route";
import { Session, SessionContext } from "./state/session";
import { Link, Toasts } from "./ui/bits";
import { Logo } from "./ui/icons";
import { later } from "./ui/Later";

// A dialog whose part of the page did not come.
function notThere(open: Signal<boolean>): void {
  open.value = false;
  say("This part of the page could not be loaded. Try again; if it stays so, reload the page.", { wrong: true });
}

const Settings = later(() => import("./later").then((m) => m.Settings), "The settings", () => notThere(settingsOpen));

const GuidelinesDialog = later(() => import("./later").then((m) => m.GuidelinesDialog), "The guidelines", () => notThere(guidelinesOpen));

const Status = later(() => import("./later").then((m) => m.Status), "The status of the server");

function Opened({ document }: { document: string }) {
  const [session, setSession] = useState<Session | null>(null);
  useEffect(() => {
    const one = new Session(document);
    setSession(one);
    void one.store.open();
    return () => one.close();
  }, [document]);
  return session && session.store.id === document ? (
    <SessionContext.Provider value={session}>
      <Review />
    </SessionContext.Provider>
  ) : null;
}

function Lost() {
  return (
    <main class="lost">
      <Logo />
      <h1>There is no such page</h1>
      <p>
        Nothing is at this address. <Link href="/">Go to your documents</Link>.
      </p>
    </main>
  );
}

function App() {
  const at = route.value;
  return (
    <>
      {at.screen === "home" && <Home />}
      {at.screen === "review" && <Opened key={at.document} document={at.document} />}
      {at.screen === "status" && <Status />}
      {at.screen === "lost" && <Lost />}
      {helpOpen.value && <HelpSheet />}
      {settingsOpen.value && <Settings />}
      {guidelinesOpen.value && <GuidelinesDialog />}
      <Toasts />
    </>
  );
}

loadServer();
render(<App />, document.getElementById("app") as HTMLElement);
