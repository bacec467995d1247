// What is set for one document: whether a model may see it, and the guidelines that it is reviewed against.
import { changeDocument } from "../api/models";
import { say } from "./app";
import { failure } from "./failure";
import type { Store } from "./store";

async function change(store: Store, part: { never_send?: boolean; guidelines?: string | null }): Promise<boolean> {
  try {
    const saved = await changeDocument(store.id, part);
    store.document.value = { ...(store.document.value ?? saved), ...saved };
    return true;
  } catch (error) {
    const f = failure(error);
    say(`${f.text} ${f.hint}`, { wrong: true });
    return false;
  }
}

export async function setNeverSend(store: Store, never_send: boolean): Promise<boolean> {
  if (!(await change(store, { never_send }))) return false;
  say(never_send ? "Nothing of this document is sent to a model from now on." : "This document may be sent to the model.", { action: { label: "Undo", run: () => void setNeverSend(store, !never_send) } });
  return true;
}

export const setGuidelines = (store: Store, guidelines: string | null): Promise<boolean> => change(store, { guidelines });
