// The talk about the open document. A question is shown at once; its answer grows as it comes, and is followed again when the connection was lost or
// the page loaded anew, for as long as the server goes on with it.
import { batch, signal, type Signal } from "@preact/signals";

import * as api from "../api/chat";
import { ApiError, isAbort, OfflineError } from "../api/http";
import type { Anchor, ChatContext, ChatMessage, JobProblem } from "../api/types";
import { withEvent } from "../model/answer";
import { announce, say } from "./app";
import { failure, type Failure } from "./failure";
import { load, save, tab } from "./storage";
import type { Store } from "./store";

const SENDING = "sending"; // the question that the server has not taken yet
const AGAIN_MS = 1000;
const LONGEST_WAIT_MS = 10_000;
const isText = (value: unknown): value is string => typeof value === "string";

export class Chat {
  readonly ids = signal<readonly string[]>([]);
  readonly ready = signal(false);
  readonly problem = signal<Failure | null>(null); // why the talk cannot be shown
  readonly blocked = signal<JobProblem | null>(null); // why nothing can be asked
  readonly model = signal<string | null>(null);
  readonly running = signal<string | null>(null); // the answer that is being given, or SENDING
  readonly lost = signal(false); // the answer goes on, but is not heard for the moment
  readonly refused = signal<Failure | null>(null); // why the question was not taken
  readonly maxText = signal(8000);

  readonly text = signal(""); // being written
  readonly selection = signal<Anchor | null>(null); // words that it is about
  readonly findings = signal<readonly string[]>([]); // findings that it is about
  readonly withSection = signal(true); // and the section being read
  readonly editing = signal<string | null>(null); // the question that it takes the place of
  readonly focus = signal(0); // asks for the focus: goes up

  readonly #store: Store;
  readonly #cells = new Map<string, Signal<ChatMessage>>();
  readonly #abort = new AbortController();
  readonly #key: string;
  #opening: Promise<void> | null = null;

  constructor(store: Store) {
    this.#store = store;
    this.#key = `prism.chat.${store.id}`;
    this.text.value = load(tab, this.#key, "", isText);
  }

  close(): void {
    this.#abort.abort();
  }

  message(id: string): Signal<ChatMessage> | undefined {
    return this.#cells.get(id);
  }

  // Whenever the panel is shown: another tab may have gone on.
  open(): Promise<void> {
    if (this.running.peek()) return Promise.resolve();
    this.#opening ??= this.#load().finally(() => (this.#opening = null));
    return this.#opening;
  }

  async #load(): Promise<void> {
    try {
      const all: ChatMessage[] = [];
      let after: number | null = 0;
      let running: string | null = null;
      while (after !== null) {
        const page: Awaited<ReturnType<typeof api.getChat>> = await api.getChat(this.#store.id, after, this.#abort.signal);
        all.push(...page.messages);
        batch(() => {
          this.blocked.value = page.problem;
          this.model.value = page.model;
          this.maxText.value = page.limits.max_text_bytes;
        });
        running = page.running;
        after = page.next;
      }
      if (this.running.peek()) return; // asked meanwhile
      batch(() => {
        for (const id of [...this.#cells.keys()]) if (!all.some((m) => m.id === id)) this.#cells.delete(id);
        for (const m of all) this.#put(m);
        this.ids.value = all.map((m) => m.id);
        this.ready.value = true;
        this.problem.value = null;
      });
      if (running) void this.#follow(running, "");
    } catch (error) {
      if (!isAbort(error)) this.problem.value = failure(error);
    }
  }

  write(text: string): void {
    this.text.value = text;
    save(tab, this.#key, text || null);
  }

  // From a selection or a card.
  about(what: { selection?: Anchor; finding?: string }): void {
    batch(() => {
      if (what.selection) this.selection.value = what.selection;
      if (what.finding && !this.findings.value.includes(what.finding)) this.findings.value = [...this.findings.value, what.finding];
      this.#store.panel.value = "chat";
      this.#store.pane.value = "chat";
      this.focus.value++;
    });
  }

  async send(text = this.text.value): Promise<void> {
    const said = text.trim();
    if (!said || this.running.value) return;
    const section = this.withSection.value ? this.#store.section.value : null;
    const review = this.#store.review.value;
    const replaces = this.editing.value;
    const context: ChatContext = { section, review: review?.state === "done" ? review.id : null, findings: [...this.findings.value], selection: this.selection.value };
    const question: api.Question = {
      text: said,
      ...(section === null ? {} : { section }),
      ...(context.review ? { review: context.review } : {}),
      ...(context.findings.length ? { findings: context.findings } : {}),
      ...(context.selection ? { selection: context.selection } : {}),
      ...(replaces ? { replaces } : {}),
    };
    const before = this.ids.value;
    batch(() => {
      if (replaces) this.ids.value = before.slice(0, before.indexOf(replaces));
      this.#begin(said, context);
      this.write("");
      this.editing.value = null;
      this.selection.value = null;
      this.findings.value = [];
    });
    const taken = await this.#stream((on) => api.askChat(this.#store.id, question, on, this.#abort.signal));
    if (taken) return;
    batch(() => {
      // it was not taken: all is as before, and the words are back in the box
      this.ids.value = before;
      if (!this.text.value) this.write(text);
      this.editing.value = replaces;
      this.selection.value = context.selection;
      this.findings.value = context.findings;
    });
  }

  async retry(answer: string): Promise<void> {
    if (this.running.value) return;
    const before = this.ids.value;
    batch(() => {
      this.ids.value = before.slice(0, before.indexOf(answer));
      this.running.value = SENDING;
    });
    const taken = await this.#stream((on) => api.retryChat(this.#store.id, answer, on, this.#abort.signal));
    if (!taken) this.ids.value = before;
  }

  edit(question: string): void {
    const one = this.#cells.get(question)?.peek();
    if (!one) return;
    batch(() => {
      this.editing.value = question;
      this.write(one.text);
      this.selection.value = one.context?.selection ?? null;
      this.findings.value = one.context?.findings ?? [];
      this.focus.value++;
    });
  }

  cancelEdit(): void {
    batch(() => {
      this.editing.value = null;
      this.write("");
      this.selection.value = null;
      this.findings.value = [];
    });
  }

  async stop(): Promise<void> {
    try {
      const { stopped } = await api.stopChat(this.#store.id);
      if (stopped === null && this.running.value && this.running.value !== SENDING) await this.#again();
    } catch (error) {
      const f = failure(error);
      say(`${f.text} ${f.hint}`, { wrong: true });
    }
  }

  async clear(): Promise<boolean> {
    try {
      await api.clearChat(this.#store.id);
      batch(() => {
        this.ids.value = [];
        this.#cells.clear();
        this.refused.value = null;
      });
      announce("The talk is cleared.");
      return true;
    } catch (error) {
      const f = failure(error);
      say(`${f.text} ${f.hint}`, { wrong: true });
      return false;
    }
  }

  async decide(answer: string, n: number, state: "accepted" | "rejected"): Promise<Failure | null> {
    const review = this.#store.review.value;
    try {
      const { proposal, finding } = await api.decideProposal(this.#store.id, answer, n, { state, ...(state === "accepted" && review?.state === "done" ? { review: review.id } : {}) });
      batch(() => {
        const cell = this.#cells.get(answer);
        if (cell) cell.value = { ...cell.value, proposals: cell.value.proposals.map((p) => (p.n === n ? proposal : p)) };
        if (finding && finding.review === review?.id) this.#store.put([finding]);
      });
      announce(state === "accepted" ? "Finding added." : "Dismissed.");
      return null;
    } catch (error) {
      return failure(error);
    }
  }

  #begin(text: string, context: ChatContext): void {
    const now = new Date().toISOString();
    this.#put({ id: SENDING, seq: 0, role: "person", text, state: "done", model: "", problem: null, context, citations: [], tools: [], proposals: [], created_at: now, finished_at: now });
    this.ids.value = [...this.ids.value, SENDING];
    this.running.value = SENDING;
  }

  #put(message: ChatMessage): void {
    const cell = this.#cells.get(message.id);
    if (cell) cell.value = message;
    else this.#cells.set(message.id, signal(message));
  }

  // A question or a retry. false: the server did not take it, and says why in refused.
  async #stream(ask: (on: (event: api.ChatEvent, id: string) => void) => Promise<void>): Promise<boolean> {
    const at = { answer: "", from: "", over: false, anew: true };
    this.refused.value = null;
    try {
      await ask((event, id) => this.#on(event, id, at));
    } catch (error) {
      if (isAbort(error)) return true;
      if (!at.answer) {
        this.running.value = null;
        this.refused.value = failure(error);
        if (error instanceof ApiError && error.status === 409) queueMicrotask(() => void this.open()); // another window has gone on: show that
        return false;
      }
    }
    if (!at.answer) {
      this.running.value = null;
      this.refused.value = failure(new OfflineError());
      return false;
    }
    if (!at.over) await this.#follow(at.answer, at.from);
    return true;
  }

  // Until it has ended. The server knows how far it is, so nothing is lost by coming late.
  async #follow(answer: string, from: string): Promise<void> {
    const at = { answer, from, over: false, anew: false };
    this.running.value = answer;
    for (let wait = 0; !at.over; ) {
      const seen = at.from;
      try {
        await api.followChat(this.#store.id, answer, at.from, (event, id) => this.#on(event, id, at), this.#abort.signal);
        if (at.from !== seen) wait = 0;
      } catch (error) {
        if (isAbort(error)) return;
        if (error instanceof ApiError && error.status < 500 && error.status !== 429) return this.#again(); // it is not there any more
        this.lost.value = true;
      }
      if (at.over) return;
      wait = Math.min(LONGEST_WAIT_MS, wait ? wait * 2 : AGAIN_MS);
      await new Promise((resolve) => window.setTimeout(resolve, wait));
      if (this.#abort.signal.aborted) return;
    }
  }

  async #again(): Promise<void> {
    this.running.value = null;
    this.lost.value = false;
    await this.open();
  }

  #on(event: api.ChatEvent, id: string, at: { answer: string; from: string; over: boolean; anew: boolean }): void {
    if (id) at.from = id;
    batch(() => {
      this.lost.value = false;
      if (event.event === "message") {
        const { question, answer } = event.data;
        at.answer = answer.id;
        this.running.value = answer.id;
        if (question) {
          this.#put(question);
          this.ids.value = this.ids.value.map((one) => (one === SENDING ? question.id : one));
          this.#cells.delete(SENDING);
        }
        if (at.anew || !this.#cells.has(answer.id)) this.#put({ ...answer, text: "" });
        if (!this.ids.value.includes(answer.id)) this.ids.value = [...this.ids.value.filter((one) => one !== SENDING), answer.id];
      }
      const cell = this.#cells.get(at.answer);
      if (cell) cell.value = withEvent(cell.value, event);
      if (event.event !== "end") return;
      at.over = true;
      this.running.value = null;
      announce(event.data.state === "done" ? "The answer is complete." : event.data.state === "cancelled" ? "The answer was stopped." : "The answer failed.");
    });
  }
}
