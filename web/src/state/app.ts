// What every screen shares: the server, you, messages that pass, the clock of "5 min ago".
import { signal } from "@preact/signals";

import { getMe, getServer, putMe } from "../api/client";
import { setToken } from "../api/http";
import type { Me, Server } from "../api/types";

export const server = signal<Server | null>(null);
export const me = signal<Me | null>(null);
export const now = signal(Date.now());
window.setInterval(() => {
  if (document.visibilityState === "visible") now.value = Date.now();
}, 30_000);

let asked: Promise<Me> | null = null;

// The first answer names this browser by a cookie. Nothing is sent to be kept before that: two first requests at once would be two visitors, and
// the documents of one of them out of reach.
export function known(): Promise<Me> {
  asked ??= getMe().then(
    (m) => (me.value = m),
    (error: unknown) => {
      asked = null;
      throw error;
    },
  );
  return asked;
}

// Failing is no matter here: each screen says itself when the server cannot be reached, and asks again.
export function loadServer(): void {
  if (!server.value) getServer().then((s) => (server.value = s), () => {});
  known().catch(() => {});
}

export async function rename(name: string): Promise<void> {
  me.value = await putMe(name);
}

// false: the server does not take it.
export async function beAdmin(token: string): Promise<boolean> {
  setToken(token);
  const now = await getMe().catch(() => null);
  if (now) me.value = now;
  if (!now?.admin) setToken("");
  return now?.admin ?? false;
}

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
  wrong?: boolean;
}

const TOAST_MS = 8000;
export const toast = signal<Toast | null>(null);
let toastTimer = 0;
let toastId = 0;

// One at a time: the newest takes the place of the one before.
export function say(text: string, options: Omit<Toast, "id" | "text"> = {}): void {
  toast.value = { id: ++toastId, text, ...options };
  keepToast(false);
}

// While a person points at it or has it in focus, it stays.
export function keepToast(keep: boolean): void {
  window.clearTimeout(toastTimer);
  if (!keep) toastTimer = window.setTimeout(() => (toast.value = null), TOAST_MS);
}

// For screen readers: what changed, said politely.
export const announcement = signal("");
export function announce(text: string): void {
  announcement.value = announcement.value === text ? `${text}\u00a0` : text;
}

export const helpOpen = signal(false);
export const settingsOpen = signal(false);
