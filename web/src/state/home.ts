// The documents and what is being uploaded.
import { signal } from "@preact/signals";

import { deleteDocument, getFrameworks, getReview, listDocuments, startReview, type Uploaded } from "../api/client";
import { isAbort } from "../api/http";
import { changeDocument } from "../api/models";
import type { Doc, Framework, Review } from "../api/types";
import { refusal, upload, type Upload } from "../api/upload";
import { size } from "../model/words";
import { USUAL, type Choice } from "../ui/Against";
import { known, me, say, server } from "./app";
import { failure, type Failure } from "./failure";
import { documentPath, navigate, route } from "./route";
import { at } from "../base";

export const documents = signal<Doc[] | null>(null); // null: not asked yet
export const next = signal<string | null>(null);
export const listFailure = signal<Failure | null>(null);
export const frameworks = signal<Framework[]>([]);
// For the next uploads.
export const against = signal<Choice>(USUAL);
export const neverSend = signal(false);

export async function loadDocuments(): Promise<void> {
  try {
    const page = await listDocuments(null);
    documents.value = page.documents;
    next.value = page.next;
    listFailure.value = null;
  } catch (error) {
    listFailure.value = failure(error);
  }
}

export async function loadMore(): Promise<void> {
  if (!next.value) return;
  try {
    const page = await listDocuments(next.value);
    documents.value = [...(documents.value ?? []), ...page.documents];
    next.value = page.next;
    listFailure.value = null;
  } catch (error) {
    listFailure.value = failure(error);
  }
}

export function loadFrameworks(): void {
  if (!frameworks.value.length) getFrameworks().then((list) => (frameworks.value = list), () => {});
}

export interface Sending {
  id: number;
  file: File;
  name: string;
  sent: number; // of total, in bytes of the request
  total: number;
  state: "waiting" | "sending" | "reading" | "failed";
  failure: Failure | null;
}

export const sendings = signal<Sending[]>([]);
const running = new Map<number, Upload>();
const AT_ONCE = 2;
let lastId = 0;

function change(id: number, part: Partial<Sending>): void {
  sendings.value = sendings.value.map((s) => (s.id === id ? { ...s, ...part } : s));
}

export function dismiss(id: number): void {
  running.get(id)?.cancel();
  running.delete(id);
  sendings.value = sendings.value.filter((s) => s.id !== id);
}

export function addFiles(files: Iterable<File>): void {
  const added: Sending[] = [];
  for (const file of files) {
    const no = refusal(file, server.value?.limits.max_upload_bytes ?? Number.MAX_SAFE_INTEGER, size);
    added.push({
      id: ++lastId,
      file,
      name: file.name,
      sent: 0,
      total: file.size,
      state: no ? "failed" : "waiting",
      failure: no ? failure(no) : null,
    });
  }
  if (!added.length) return;
  sendings.value = [...sendings.value, ...added];
  alone = added.length === 1 && running.size === 0;
  pump();
}

export function retry(id: number): void {
  change(id, { state: "waiting", failure: null, sent: 0 });
  pump();
}

let alone = false; // one file was given, so its document is opened when it is there

function pump(): void {
  if (!me.value) return void known().then(pump, nobody);
  for (const s of sendings.value) {
    if (running.size >= AT_ONCE) return;
    if (s.state === "waiting" && !running.has(s.id)) void send(s);
  }
}

// The server did not say who this is: nothing can be sent yet.
function nobody(error: unknown): void {
  for (const s of sendings.value) if (s.state === "waiting") change(s.id, { state: "failed", failure: failure(error) });
}

async function send(sending: Sending): Promise<void> {
  const { id } = sending;
  const { framework, guidelines, both } = against.value;
  const secret = neverSend.value;
  const one = upload(sending.file, { framework, neverSend: secret, review: !guidelines }, (sent, total) => change(id, { sent, total, state: sent >= total ? "reading" : "sending" }));
  running.set(id, one);
  change(id, { state: "sending" });
  try {
    const made = await one.done;
    if (guidelines) {
      made.document = await changeDocument(made.document.id, { guidelines });
      made.review = await startReview(made.document.id, { framework, guidelines, with_framework: both });
    }
    sendings.value = sendings.value.filter((s) => s.id !== id);
    arrived(made);
  } catch (error) {
    if (isAbort(error)) sendings.value = sendings.value.filter((s) => s.id !== id);
    else change(id, { state: "failed", failure: failure(error) });
  } finally {
    running.delete(id);
    pump();
  }
}

function arrived({ document, review }: Uploaded): void {
  documents.value = [{ ...document, latest_review: review }, ...(documents.value ?? [])];
  if (alone && route.value.screen === "home") navigate(documentPath(document.id));
}

declare const SAMPLE_PATH: string; // put in by build.mjs

// The sample report comes with the page, and goes the way of any file.
export async function trySample(): Promise<void> {
  const answer = await fetch(at(SAMPLE_PATH)).catch(() => null);
  if (!answer?.ok) return say("The sample report could not be fetched. Is the server still there?", { wrong: true });
  addFiles([new File([await answer.blob()], "Sample report.docx")]);
}

export async function remove(id: string): Promise<void> {
  await deleteDocument(id);
  documents.value = (documents.value ?? []).filter((d) => d.id !== id);
}

// Reviews that have not ended are asked for until they have; the list has no stream of its own.
export async function refreshRunning(): Promise<void> {
  const waiting = (documents.value ?? []).filter((d) => d.latest_review && (d.latest_review.state === "queued" || d.latest_review.state === "running"));
  const fresh = await Promise.all(waiting.map((d) => getReview((d.latest_review as Review).id).catch(() => null)));
  if (!fresh.some((r) => r !== null)) return;
  const byDocument = new Map(fresh.flatMap((r) => (r ? [[r.document, r] as const] : [])));
  documents.value = (documents.value ?? []).map((d) => (byDocument.has(d.id) ? { ...d, latest_review: byDocument.get(d.id) ?? null } : d));
}
