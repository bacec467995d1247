// How things are said: numbers, sizes, times, names of kinds.
import type { Decision, Kind, Risk } from "../api/types";

export const RISK_WORD: Record<Risk, string> = { high: "High", medium: "Medium", low: "Low" };
export const KIND_WORD: Record<Kind, string> = { critical: "Critical", important: "Important", suggestion: "Suggestion" };
export const DECISION_WORD: Record<Decision, string> = { open: "Open", accepted: "Accepted", rejected: "Rejected" };

const number = new Intl.NumberFormat("en");

export const n = (value: number): string => number.format(value);

export function many(value: number, one: string, more = `${one}s`): string {
  return `${n(value)} ${value === 1 ? one : more}`;
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
  if (bytes >= 1024 ** 3) {
    const gb = bytes / 1024 ** 3;
    return `${(gb < 10 ? gb.toFixed(1) : gb.toFixed(0)).replace(/\.0$/, "")} GB`;
  }
  const mb = bytes / (1024 * 1024);
  return `${(mb < 10 ? mb.toFixed(1) : mb.toFixed(0)).replace(/\.0$/, "")} MB`;
}

const hours = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dayYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });

// "just now", "5 min ago", "14:05", "3 Mar": as exact as is of use.
export function when(iso: string, now: number): string {
  const at = new Date(iso);
  const seconds = (now - at.getTime()) / 1000;
  if (seconds < 45) return "just now";
  if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`;
  const today = new Date(now);
  if (at.toDateString() === today.toDateString()) return `today, ${hours.format(at)}`;
  return at.getFullYear() === today.getFullYear() ? `${day.format(at)}, ${hours.format(at)}` : dayYear.format(at);
}

export const clock = (iso: string): string => hours.format(new Date(iso));
export const exactly = (iso: string): string => full.format(new Date(iso));
export const onDay = (iso: string): string => dayYear.format(new Date(iso));

export function confidenceWord(confidence: number): string {
  return confidence >= 0.8 ? "High" : confidence >= 0.5 ? "Medium" : "Low";
}

export const percent = (share: number): string => `${Math.round(share * 100)}\u00a0%`;

const dollars = new Intl.NumberFormat("en", { style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const usd = (value: number): string => (value > 0 && value < 0.01 ? "under $0.01" : dollars.format(value));

// What is said of an error may begin and end anyhow; as a sentence, behind and before others. A name at its beginning stays as it is.
export const sentence = (text: string): string => {
  const begun = text.replace(/^[a-z]+(?= )/, (word) => word[0]?.toUpperCase() + word.slice(1));
  return begun === "" || /[.!?…]["”’)]?$/.test(begun) ? begun : `${begun}.`;
};

export function shorten(text: string, max: number): string {
  const one = text.replace(/\s+/g, " ").trim();
  if (one.length <= max) return one;
  const cut = one.slice(0, max);
  const space = cut.lastIndexOf(" ");
  return `${(space > max / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
