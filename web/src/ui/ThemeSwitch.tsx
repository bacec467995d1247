// System, light, dark: one of three, always visible.
import { setTheme, theme } from "../state/prefs";
import type { Theme } from "../state/theme-choice";
import { Icon, type IconName } from "./icons";

const CHOICES: { value: Theme; icon: IconName; label: string }[] = [
  { value: "system", icon: "screen", label: "Theme of the system" },
  { value: "light", icon: "sun", label: "Light theme" },
  { value: "dark", icon: "moon", label: "Dark theme" },
];

export function ThemeSwitch() {
  return (
    <div class="theme-switch" role="group" aria-label="Theme">
      {CHOICES.map(({ value, icon, label }) => (
        <button type="button" key={value} class="icon-button" aria-pressed={theme.value === value} aria-label={label} title={label} onClick={() => setTheme(value)}>
          <Icon name={icon} />
        </button>
      ))}
    </div>
  );
}
