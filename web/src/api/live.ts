// What happens to a document, as it happens. EventSource reconnects by itself and then says which event it saw last, so nothing is missed; when the
// server refuses the stream it gives up, and then we begin again after a while and say that the state must be asked for anew.
import type { LiveEvent } from "./types";
import { at } from "../base";

const KINDS = [
  "document.deleted",
  "document.never_send",
  "document.may_send",
  "document.sections",
  "review.queued",
  "review.started",
  "review.progress",
  "review.rules_done",
  "review.done",
  "review.failed",
  "review.cancelled",
  "finding.added",
  "finding.edited",
  "finding.deleted",
  "findings.decided",
  "undone",
  "export.queued",
  "export.progress",
  "export.done",
  "export.failed",
];
const AGAIN_MS = 3000;

export interface Live {
  onEvent(event: LiveEvent): void;
  onReload(): void;
  onState(connected: boolean): void;
}

export function listen(document: string, live: Live): () => void {
  let source: EventSource | null = null;
  let timer = 0;
  let missed = false;

  const open = () => {
    source = new EventSource(at(`/api/v1/documents/${encodeURIComponent(document)}/events`));
    source.onopen = () => {
      live.onState(true);
      if (missed) live.onReload();
      missed = false;
    };
    source.onerror = () => {
      live.onState(false);
      if (source?.readyState !== EventSource.CLOSED) return;
      missed = true;
      timer = window.setTimeout(open, AGAIN_MS);
    };
    for (const kind of KINDS)
      source.addEventListener(kind, (event) => live.onEvent(JSON.parse((event as MessageEvent<string>).data) as LiveEvent));
    source.addEventListener("reload", () => live.onReload());
  };
  open();
  return () => {
    window.clearTimeout(timer);
    source?.close();
  };
}
