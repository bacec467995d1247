// The browser's own storage, which may be full, switched off, or hold what another version wrote.
export function load<T>(storage: () => Storage, key: string, fallback: T, check: (value: unknown) => value is T): T {
  try {
    const text = storage().getItem(key);
    if (text === null) return fallback;
    const value: unknown = JSON.parse(text);
    return check(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export function save(storage: () => Storage, key: string, value: unknown): void {
  try {
    if (value === null || value === undefined) storage().removeItem(key);
    else storage().setItem(key, JSON.stringify(value));
  } catch {
    // it then lasts as long as the page
  }
}

export const local = () => localStorage;
export const tab = () => sessionStorage;
