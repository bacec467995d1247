// The start: drop a document, or go on with one.
import { useEffect } from "preact/hooks";

import { helpOpen, loadServer, server, settingsOpen } from "../state/app";
import { loadGuidelines } from "../state/guidelines";
import { documents, listFailure, loadDocuments, loadFrameworks, loadMore, next, refreshRunning, sendings } from "../state/home";
import { Link, Trouble } from "../ui/bits";
import { Icon, Logo } from "../ui/icons";
import { ThemeSwitch } from "../ui/ThemeSwitch";
import { DocumentList } from "./DocumentList";
import { DropZone } from "./DropZone";
import { NameField } from "./NameField";
import { Sendings } from "./Sendings";

export function Home() {
  useEffect(() => {
    document.title = "Documents – AI-Prism";
    loadServer();
    void loadDocuments();
    loadFrameworks();
    loadGuidelines().catch(() => {});
    const timer = window.setInterval(() => {
      if (document.visibilityState === "visible") void refreshRunning();
    }, 1500);
    return () => window.clearInterval(timer);
  }, []);
  const list = documents.value;
  const known = server.value;
  return (
    <div class="home">
      <header class="home-head">
        <Link href="/" class="brand">
          <Logo />
          <span>AI-Prism</span>
        </Link>
        <div class="home-tools">
          <NameField />
          <ThemeSwitch />
          <button type="button" class="icon-button" aria-label="Models and settings" title="Models and settings" data-test="settings" onClick={() => (settingsOpen.value = true)}>
            <Icon name="settings" />
          </button>
          <button type="button" class="icon-button" aria-label="Help and shortcuts" title="Help and shortcuts" onClick={() => (helpOpen.value = true)}>
            <Icon name="help" />
          </button>
        </div>
      </header>
      <main class="home-main">
        <h1 class="hero">Review a document</h1>
        <p class="lead">
          Drop a Word document. Each finding sits on the exact words it is about; you decide, and get the same file back with real Word comments.
        </p>
        <DropZone />
        {known && known.model === null && (
          <p class="note-line">
            <Icon name="info" />
            <span>No language model is set up here: documents are reviewed by the rules alone. Nothing leaves this server.</span>
          </p>
        )}
        {sendings.value.length > 0 && <Sendings />}
        {listFailure.value && <Trouble failure={listFailure.value} onRetry={() => void loadDocuments()} />}
        {list && <DocumentList documents={list} />}
        {next.value && (
          <p class="center">
            <button type="button" class="button" onClick={() => void loadMore()}>
              Show more documents
            </button>
          </p>
        )}
      </main>
      <footer class="home-foot">
        <ThemeSwitch />
        {known ? `AI-Prism ${known.version}` : ""}
      </footer>
    </div>
  );
}
