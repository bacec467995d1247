// Decisions: shown at once, sent in order, kept until the server has them. What cannot be sent for the moment waits here and in the browser's storage,
// so that neither a lost connection nor a reload loses a decision; what the server refuses goes back to what it was, with the reason on its card.
import { batch, signal } from "@preact/signals";

import * as api from "../api/client";
import { ApiError, isTransient } from "../api/http";
import type { Decision, DismissalScope, Finding } from "../api/types";
import { DECISION_WORD, many, shorten } from "../model/words";
import { announce, me, say } from "./app";
import { failure, type Failure } from "./failure";
import { load, local, save } from "./storage";
import type { Store } from "./store";

interface Waiting {
  id: string;
  decision: Decision;
  note: string | null; // null: as it was
  dismiss?: DismissalScope; // and it is not to be raised again there
  version: number | null; // that the person saw; null: whatever there is when it is sent
}

const PREFIX = "prism.waiting.";
const isList = (value: unknown): value is Waiting[] => Array.isArray(value);
const LONGEST_WAIT_MS = 15_000;

export type SaveState = "saved" | "saving" | "offline";

export class Decisions {
  readonly state = signal<SaveState>("saved");
  readonly waiting = signal(0);
  readonly problems = signal<ReadonlyMap<string, Failure>>(new Map()); // by finding

  readonly #store: Store;
  readonly #confirmed = new Map<string, Finding>(); // as the server had them, of those with decisions on their way
  #queue: Waiting[] = [];
  #review = "";
  #key = "";
  #working: Promise<void> | null = null;
  #wait = 0;
  #timer = 0;
  readonly #online = () => this.retryNow();

  constructor(store: Store) {
    this.#store = store;
    store.overlay = (finding) => this.#overlay(finding);
    window.addEventListener("online", this.#online);
  }

  close(): void {
    window.removeEventListener("online", this.#online);
    window.clearTimeout(this.#timer);
  }

  // When the findings of a review are there: what an earlier page left unsent is taken over.
  begin(review: string): void {
    if (this.#review === review) return;
    this.#review = review;
    this.#key = `${PREFIX}${review}.${crypto.randomUUID().slice(0, 8)}`;
    const left: Waiting[] = [];
    try {
      for (const key of Object.keys(localStorage))
        if (key.startsWith(`${PREFIX}${review}.`)) {
          left.push(...load(local, key, [], isList));
          localStorage.removeItem(key);
        }
    } catch {
      return; // no storage, so nothing was left
    }
    for (const one of left) this.#add({ ...one, version: null });
  }

  decide(id: string, decision: Decision, note: string | null = null, dismiss?: DismissalScope): void {
    const finding = this.#store.get(id);
    if (!finding || (finding.decision === decision && note === null && !dismiss)) return;
    const pending = this.#queue.some((w) => w.id === id);
    batch(() => {
      this.#keepShown([id]);
      this.#forget(id);
      this.#add({ id, decision, note, ...(dismiss ? { dismiss } : {}), version: pending ? null : finding.version });
    });
    if (finding.decision !== decision) {
      const text = `${decision === "open" ? "Reopened" : DECISION_WORD[decision]}: ${shorten(finding.title, 60)}`;
      say(text, { action: { label: "Undo", run: () => void this.undo() } });
      announce(text);
    }
  }

  // Many at once: one step of undo. It waits for the server, which says how many changed.
  async decideMany(ids: string[], decision: Decision): Promise<boolean> {
    try {
      await this.settle();
      let changed = 0;
      const LIMIT = 1000; // of one request
      for (let at = 0; at < ids.length; at += LIMIT) {
        const result = await api.decideMany(this.#review, ids.slice(at, at + LIMIT), decision);
        changed += result.changed;
        batch(() => {
          this.#keepShown(ids);
          this.#store.put(result.findings);
        });
      }
      const text = `${many(changed, "finding")} ${decision === "open" ? "reopened" : decision}`;
      say(text, changed && ids.length <= LIMIT ? { action: { label: "Undo", run: () => void this.undo() } } : {});
      announce(text);
      return true;
    } catch (error) {
      const f = failure(error);
      say(`${f.text} Nothing was decided.`, { wrong: true, action: { label: "Try again", run: () => void this.decideMany(ids, decision) } });
      return false;
    }
  }

  async undo(): Promise<void> {
    if (this.#store.busyUndo.value) return;
    if (this.state.value === "offline" && this.#queue.length > 1) return this.#takeBackLast();
    this.#store.busyUndo.value = true;
    try {
      await this.settle();
      const result = await api.undo(this.#review);
      const gone = result.undone.kind === "add";
      batch(() => {
        this.#store.put(result.findings);
        const first = result.findings[0];
        if (first) this.#store.choose(first.id);
      });
      if (gone) await this.#store.loadFindings();
      const text = UNDONE[result.undone.kind](result.findings.length, result.findings[0]);
      say(text);
      announce(text);
    } catch (error) {
      const f = failure(error);
      say(f.reason === "nothing_to_undo" ? "There is nothing to undo." : `${f.text} ${f.hint}`, { wrong: f.reason !== "nothing_to_undo" });
    } finally {
      this.#store.busyUndo.value = false;
    }
  }

  // Until everything is with the server; throws when it cannot be.
  async settle(): Promise<void> {
    this.retryNow();
    await this.#working;
    if (this.#queue.length) throw new Error("Some decisions could not be saved yet.");
  }

  retryNow(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    if (this.#queue.length) this.#work();
  }

  dismiss(id: string): void {
    this.#forget(id);
  }

  // While offline, the last decision is not with the server, so taking it back is ours.
  #takeBackLast(): void {
    const last = this.#queue.pop() as Waiting;
    const earlier = this.#queue.findLast((w) => w.id === last.id);
    const base = this.#confirmed.get(last.id);
    if (base) this.#store.show(earlier ? this.#with(base, earlier) : base);
    if (!earlier) this.#confirmed.delete(last.id);
    this.#changed();
    this.#store.choose(last.id);
    say("Taken back.");
  }

  #add(one: Waiting): void {
    const finding = this.#store.get(one.id);
    if (!finding) return;
    if (!this.#confirmed.has(one.id)) this.#confirmed.set(one.id, finding);
    this.#queue.push(one);
    this.#store.show(this.#with(finding, one));
    this.#changed();
    if (!this.#timer) this.#work();
  }

  #with(finding: Finding, one: Waiting): Finding {
    const open = one.decision === "open";
    return {
      ...finding,
      decision: one.decision,
      note: one.note === null ? finding.note : one.note,
      decided_by: open ? null : me.value?.name || "You",
      decided_at: open ? null : new Date().toISOString(),
    };
  }

  #overlay(finding: Finding): Finding {
    const last = this.#queue.findLast((w) => w.id === finding.id);
    if (!last) return finding;
    this.#confirmed.set(finding.id, finding);
    return this.#with(finding, last);
  }

  #work(): void {
    this.#working ??= this.#send().finally(() => {
      this.#working = null;
      this.#changed();
      if (this.#queue.length && !this.#timer) this.#work(); // came in between
    });
  }

  async #send(): Promise<void> {
    if (this.state.value !== "offline") this.state.value = "saving";
    while (this.#queue.length) {
      const one = this.#queue[0] as Waiting;
      const version = one.version ?? this.#confirmed.get(one.id)?.version;
      try {
        const saved = await api.decideOne(one.id, { decision: one.decision, ...(one.note === null ? {} : { note: one.note }), ...(one.dismiss ? { dismiss: one.dismiss } : {}), ...(version ? { version } : {}) });
        this.#wait = 0;
        this.state.value = "saving";
        this.#done(one, saved);
      } catch (error) {
        if (isTransient(error)) return this.#later();
        await this.#refused(one, error);
      }
    }
  }

  #done(one: Waiting, saved: Finding): void {
    batch(() => {
      this.#queue.splice(this.#queue.indexOf(one), 1);
      const more = this.#queue.some((w) => w.id === one.id);
      if (!more) this.#confirmed.delete(one.id);
      this.#store.put([saved]); // keeps what waits on top of it
      this.#changed();
    });
  }

  #later(): void {
    this.state.value = "offline";
    this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait ? this.#wait * 2 : 1000);
    this.#timer = window.setTimeout(() => {
      this.#timer = 0;
      this.#work();
    }, this.#wait);
  }

  async #refused(one: Waiting, error: unknown): Promise<void> {
    this.#queue = this.#queue.filter((w) => w.id !== one.id);
    const base = this.#confirmed.get(one.id);
    this.#confirmed.delete(one.id);
    let now = base;
    const changed = error instanceof ApiError && error.reason === "changed_since";
    const f = failure(error);
    if (changed) {
      try {
        now = await api.getFinding(one.id);
      } catch {
        // the one that was here is shown; the stream brings the newer one
      }
    }
    batch(() => {
      if (now) {
        this.#store.show(now);
        this.#store.put([now]);
      }
      this.problems.value = new Map(this.problems.value).set(
        one.id,
        changed && now
          ? { ...f, text: "This finding was changed elsewhere meanwhile, so your decision was not saved.", hint: `It is now as shown here (${DECISION_WORD[now.decision].toLowerCase()}). Decide again if you wish.` }
          : f,
      );
      this.#changed();
    });
    announce(`Not saved: ${f.text}`);
  }

  #forget(id: string): void {
    if (!this.problems.value.has(id)) return;
    const map = new Map(this.problems.value);
    map.delete(id);
    this.problems.value = map;
  }

  #keepShown(ids: string[]): void {
    this.#store.keep.value = new Set([...this.#store.keep.value, ...ids.filter((id) => this.#store.shown.value.includes(id))]);
  }

  #changed(): void {
    this.waiting.value = this.#queue.length;
    if (this.#key) save(local, this.#key, this.#queue.length ? this.#queue : null);
    if (!this.#queue.length) this.state.value = "saved";
  }
}

const UNDONE: Record<api.Undone["undone"]["kind"], (count: number, first: Finding | undefined) => string> = {
  decide: (count, first) => (count === 1 && first ? `Undone: “${shorten(first.title, 50)}” is ${DECISION_WORD[first.decision].toLowerCase()} again` : `Undone: ${many(count, "decision")}`),
  edit: () => "Undone: the edit",
  add: () => "Undone: the finding that you added is gone",
  delete: () => "Undone: the finding that you deleted is back",
};
