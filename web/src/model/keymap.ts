// The keys, as one table: what is pressed, what it does, what the help sheet says. The sheet is made from it, so it cannot say anything else.
export type Action =
  | "next"
  | "previous"
  | "accept"
  | "reject"
  | "reopen"
  | "undo"
  | "edit"
  | "comment"
  | "next_open"
  | "search"
  | "next_section"
  | "previous_section"
  | "chat"
  | "finish"
  | "settings"
  | "help";

export interface Key {
  action: Action;
  key: string; // by default, as KeyboardEvent.key
  group: "Move" | "Decide" | "Write" | "Other";
  says: string;
}

export const KEYS: readonly Key[] = [
  { action: "next", key: "j", group: "Move", says: "Next finding" },
  { action: "previous", key: "k", group: "Move", says: "Previous finding" },
  { action: "next_open", key: "n", group: "Move", says: "Next finding without a decision" },
  { action: "next_section", key: "]", group: "Move", says: "Next section" },
  { action: "previous_section", key: "[", group: "Move", says: "Previous section" },
  { action: "accept", key: "a", group: "Decide", says: "Accept the finding" },
  { action: "reject", key: "r", group: "Decide", says: "Reject the finding" },
  { action: "reopen", key: "o", group: "Decide", says: "Take its decision back (open again)" },
  { action: "undo", key: "u", group: "Decide", says: "Undo your last change" },
  { action: "edit", key: "e", group: "Write", says: "Edit the finding" },
  { action: "comment", key: "m", group: "Write", says: "Add a finding on the selected text" },
  { action: "chat", key: "c", group: "Write", says: "Talk about the document, or about the selected text" },
  { action: "search", key: "/", group: "Other", says: "Search the findings" },
  { action: "finish", key: "f", group: "Other", says: "Finish: make the reviewed file" },
  { action: "settings", key: ",", group: "Other", says: "Models and settings" },
  { action: "help", key: "?", group: "Other", says: "This sheet" },
];

export type KeyMap = Readonly<Record<Action, string>>;

export const DEFAULT_MAP = Object.fromEntries(KEYS.map((k) => [k.action, k.key])) as KeyMap;

export interface Pressed {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  isComposing?: boolean;
}

// Ctrl, Cmd and Alt belong to the browser, always.
export function actionOf(event: Pressed, map: KeyMap): Action | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return KEYS.find((k) => map[k.action].toLowerCase() === key)?.action ?? null;
}

// The map with one key changed; a string: why it cannot be.
export function remap(map: KeyMap, action: Action, key: string): KeyMap | string {
  if (key.length !== 1 || key === " ") return "Only a letter, a digit or a sign can be a shortcut.";
  const other = KEYS.find((k) => k.action !== action && map[k.action].toLowerCase() === key.toLowerCase());
  if (other) return `“${key}” is taken by: ${other.says}.`;
  return { ...map, [action]: key };
}

// As it was stored. Actions that are newer than that, or whose key is none, have their usual key, or the first that is free.
export function readMap(stored: unknown): KeyMap {
  const map: Record<string, string> = {};
  const usable = (value: unknown): value is string => typeof value === "string" && value.length === 1 && value !== " ";
  if (typeof stored === "object" && stored !== null)
    for (const { action } of KEYS) {
      const key = (stored as Record<string, unknown>)[action];
      if (usable(key) && !taken(map, key)) map[action] = key;
    }
  for (const { action, key } of KEYS) map[action] ??= [key, ..."abcdefghijklmnopqrstuvwxyz"].find((k) => !taken(map, k)) as string;
  return map as KeyMap;
}

const taken = (map: Record<string, string>, key: string) => Object.values(map).some((k) => k.toLowerCase() === key.toLowerCase());
