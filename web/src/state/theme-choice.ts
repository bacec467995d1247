// Light, dark, or what the system says. Its own small file because it also runs before the first paint.
export type Theme = "system" | "light" | "dark";

const KEY = "prism.theme";

export function readTheme(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system"; // storage is switched off: the choice then lasts for this page
  }
}

export function writeTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // see above
  }
}
