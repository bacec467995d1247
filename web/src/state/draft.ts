// A finding that a person is writing on selected words. It is kept in the tab's storage while it is written, so a reload does not lose it.
import { effect, signal } from "@preact/signals";

import { addFinding } from "../api/client";
import type { Anchor, Kind, Risk } from "../api/types";
import { announce, say } from "./app";
import { failure, type Failure } from "./failure";
import { load, save, tab } from "./storage";
import type { Store } from "./store";

export interface Draft {
  anchor: Anchor;
  risk: Risk;
  kind: Kind;
  description: string;
  suggestion: string;
  rewrite: string | null;
}

const isDraft = (value: unknown): value is Draft => typeof value === "object" && value !== null && "anchor" in value && "description" in value;

export class Drafts {
  readonly draft = signal<Draft | null>(null);
  readonly saving = signal(false);
  readonly problem = signal<Failure | null>(null);
  readonly #store: Store;
  readonly #stop: () => void;

  constructor(store: Store) {
    this.#store = store;
    const key = `prism.draft.${store.id}`;
    this.draft.value = load<Draft | null>(tab, key, null, isDraft);
    this.#stop = effect(() => {
      const draft = this.draft.value;
      save(tab, key, draft);
      const old = store.drafting.peek();
      if (draft?.anchor !== old) store.drafting.value = draft?.anchor ?? null;
    });
  }

  close(): void {
    this.#stop();
  }

  begin(anchor: Anchor): void {
    const old = this.draft.value;
    this.problem.value = null;
    this.draft.value = old?.description ? { ...old, anchor } : { anchor, risk: "medium", kind: "important", description: "", suggestion: "", rewrite: null };
    this.#store.panel.value = "findings";
    this.#store.pane.value = "findings";
  }

  change(part: Partial<Draft>): void {
    if (this.draft.value) this.draft.value = { ...this.draft.value, ...part };
  }

  discard(): void {
    const old = this.draft.value;
    this.draft.value = null;
    this.problem.value = null;
    if (old?.description) say("Draft discarded", { action: { label: "Bring it back", run: () => (this.draft.value = old) } });
  }

  async add(): Promise<void> {
    const draft = this.draft.value;
    const review = this.#store.review.value;
    if (!draft || !review || this.saving.value) return;
    this.saving.value = true;
    try {
      const made = await addFinding(review.id, draft);
      this.draft.value = null;
      this.problem.value = null;
      this.#store.put([made]);
      this.#store.choose(made.id);
      announce("Finding added.");
    } catch (error) {
      this.problem.value = failure(error);
    } finally {
      this.saving.value = false;
    }
  }
}
