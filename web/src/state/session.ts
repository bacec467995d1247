// The open document with all that belongs to it, made when its screen is opened and closed with it.
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { effect } from "@preact/signals";

import { Chat } from "./chat";
import { Decisions } from "./decisions";
import { Drafts } from "./draft";
import { Store } from "./store";

export class Session {
  readonly store: Store;
  readonly decisions: Decisions;
  readonly drafts: Drafts;
  readonly chat: Chat;
  readonly #stop: () => void;

  constructor(document: string) {
    this.store = new Store(document);
    this.decisions = new Decisions(this.store);
    this.drafts = new Drafts(this.store);
    this.chat = new Chat(this.store);
    this.#stop = effect(() => {
      const review = this.store.review.value;
      if (review && this.store.findingsReady.value) queueMicrotask(() => this.decisions.begin(review.id));
    });
  }

  close(): void {
    this.#stop();
    this.store.close();
    this.decisions.close();
    this.drafts.close();
    this.chat.close();
  }
}

export const SessionContext = createContext<Session>(null as unknown as Session);
export const useSession = (): Session => useContext(SessionContext);
export const useStore = (): Store => useSession().store;
