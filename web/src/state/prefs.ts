// What a person set for this browser.
import { effect, signal } from "@preact/signals";

import { DEFAULT_MAP, readMap, type KeyMap } from "../model/keymap";
import { load, local, save } from "./storage";
import { readTheme, writeTheme, type Theme } from "./theme-choice";

interface Stored {
  keysOn: boolean;
  keys: KeyMap;
  advance: boolean; // after a decision by key, go to the next finding
  outline: boolean;
  outlineWidth: number;
  railWidth: number;
}

const KEY = "prism.prefs";
const isObject = (value: unknown): value is Partial<Stored> => typeof value === "object" && value !== null;
const stored = load(local, KEY, {}, isObject);
const within = (value: unknown, low: number, high: number, fallback: number) =>
  typeof value === "number" && value >= low && value <= high ? value : fallback;

export const WIDTHS = { outline: { min: 180, max: 380, usual: 240 }, rail: { min: 320, max: 560, usual: 392 } };

export const keysOn = signal(stored.keysOn !== false);
export const keys = signal<KeyMap>(stored.keys ? readMap(stored.keys) : DEFAULT_MAP);
export const advance = signal(stored.advance !== false);
export const outlineShown = signal(stored.outline !== false);
export const outlineWidth = signal(within(stored.outlineWidth, WIDTHS.outline.min, WIDTHS.outline.max, WIDTHS.outline.usual));
export const railWidth = signal(within(stored.railWidth, WIDTHS.rail.min, WIDTHS.rail.max, WIDTHS.rail.usual));
export const theme = signal<Theme>(readTheme());

// One pane at a time; the same width as in style/narrow.css.
const narrowQuery = matchMedia("(max-width: 820px)");
export const narrow = signal(narrowQuery.matches);
narrowQuery.addEventListener("change", (event) => (narrow.value = event.matches));

export function setTheme(next: Theme): void {
  theme.value = next;
  writeTheme(next);
}

effect(() =>
  save(local, KEY, {
    keysOn: keysOn.value,
    keys: keys.value,
    advance: advance.value,
    outline: outlineShown.value,
    outlineWidth: outlineWidth.value,
    railWidth: railWidth.value,
  } satisfies Stored),
);
