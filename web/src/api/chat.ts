// Talking with the model. An answer is a stream of events; the server goes on with it whether or not it is read, so it can be followed again.
import { ask, OfflineError, problemFrom } from "./http";
import { readEvents } from "./sse";
import type { Anchor, ChatMessage, ChatPage, Citation, Finding, JobProblem, Proposal, ToolUse } from "./types";
import { at } from "../base";

const seg = encodeURIComponent;
const path = (document: string) => `/documents/${seg(document)}/chat`;

export type ChatEvent =
  | { event: "message"; data: { question: ChatMessage | null; answer: ChatMessage } }
  | { event: "begin"; data: { model: string } }
  | { event: "delta"; data: { offset: number; text: string } }
  | { event: "restart"; data: { model: string; offset: number; citations: number; problem: JobProblem | null } }
  | { event: "citation"; data: Citation }
  | { event: "tool"; data: ToolUse }
  | { event: "proposal"; data: Proposal }
  | { event: "end"; data: { id: string; state: ChatMessage["state"]; model: string; problem: JobProblem | null; length: number; finished_at: string | null } };

const KNOWN = new Set(["message", "begin", "delta", "restart", "citation", "tool", "proposal", "end"]);

export interface Question {
  text: string;
  section?: number;
  review?: string;
  findings?: string[];
  selection?: Anchor;
  replaces?: string;
}

export const getChat = (document: string, after: number, signal: AbortSignal) => ask<ChatPage>(`${path(document)}?limit=100${after ? `&after=${after}` : ""}`, { signal });
export const stopChat = (document: string) => ask<{ stopped: string | null }>(`${path(document)}/stop`, { method: "POST" });
export const clearChat = (document: string) => ask<void>(path(document), { method: "DELETE" });
export const decideProposal = (document: string, message: string, n: number, body: { state: "accepted" | "rejected"; review?: string }) =>
  ask<{ proposal: Proposal; finding: Finding | null }>(`${path(document)}/${seg(message)}/proposals/${n}`, { method: "PUT", body });

type On = (event: ChatEvent, id: string) => void;

export const askChat = (document: string, question: Question, on: On, signal: AbortSignal) => stream(path(document), { method: "POST", body: JSON.stringify(question) }, on, signal);
export const retryChat = (document: string, answer: string, on: On, signal: AbortSignal) => stream(`${path(document)}/${seg(answer)}/retry`, { method: "POST" }, on, signal);
// from: the id of the last delta that was seen; empty: from the beginning
export const followChat = (document: string, answer: string, from: string, on: On, signal: AbortSignal) =>
  stream(`${path(document)}/${seg(answer)}/events${from ? `?from=${seg(from)}` : ""}`, { method: "GET" }, on, signal);

// Resolves when the stream is over, whether or not the answer is; throws ApiError when the server says no, OfflineError when nothing comes.
async function stream(where: string, init: { method: string; body?: string }, on: On, signal: AbortSignal): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(at(`/api/v1${where}`), { ...init, signal, headers: { Accept: "text/event-stream", ...(init.body ? { "Content-Type": "application/json" } : {}) } });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new OfflineError();
  }
  if (!answer.ok || !answer.body) throw problemFrom(answer.status, await answer.text());
  try {
    await readEvents(answer.body, ({ event, data, id }) => {
      if (KNOWN.has(event)) on({ event, data: JSON.parse(data) } as ChatEvent, id);
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new OfflineError();
  }
}
