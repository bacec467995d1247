// Guidelines: documents whose requirements documents are reviewed against. They are read on the server, which takes a while with a model.
import { signal } from "@preact/signals";

import { deleteGuidelines, editGuidelines, getGuidelines, listGuidelines } from "../api/models";
import type { Guidelines } from "../api/types";
import { uploadGuidelines } from "../api/upload";

export const guidelines = signal<Guidelines[] | null>(null); // null: not asked yet, or the server did not say
export const guidelinesOpen = signal(false);

const AGAIN_MS = 1500;
let timer = 0;

export async function loadGuidelines(): Promise<void> {
  guidelines.value = await listGuidelines();
  watch();
}

// Also where a model could not read them: their words then say what they require.
export const isReady = (g: Guidelines): boolean => isRead(g) && g.points.length > 0;
const isRead = (g: Guidelines): boolean => g.state !== "queued" && g.state !== "running";

function put(one: Guidelines): void {
  const list = guidelines.value ?? [];
  guidelines.value = list.some((g) => g.id === one.id) ? list.map((g) => (g.id === one.id ? one : g)) : [one, ...list];
}

// Until all are read.
function watch(): void {
  window.clearTimeout(timer);
  if (!guidelines.value?.some((g) => !isRead(g))) return;
  timer = window.setTimeout(async () => {
    for (const g of guidelines.value ?? []) {
      if (isRead(g)) continue;
      const now = await getGuidelines(g.id).catch(() => null);
      if (now) put(now);
    }
    watch();
  }, AGAIN_MS);
}

export async function addGuidelines(file: File): Promise<Guidelines> {
  const one = await uploadGuidelines(file);
  put(one);
  watch();
  return one;
}

export async function saveGuidelines(id: string, body: Parameters<typeof editGuidelines>[1]): Promise<void> {
  put(await editGuidelines(id, body));
}

export async function removeGuidelines(id: string): Promise<void> {
  await deleteGuidelines(id);
  guidelines.value = (guidelines.value ?? []).filter((g) => g.id !== id);
}
