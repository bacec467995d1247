import { advance, keysOn } from "../state/prefs";
import { ThemeSwitch } from "../ui/ThemeSwitch";

export function Appearance() {
  return (
    <section aria-labelledby="set-appearance">
      <h3 id="set-appearance">Appearance and keys</h3>
      <div class="help-switches">
        <p class="help-theme">
          <span>Theme</span>
          <ThemeSwitch />
        </p>
        <label class="check">
          <input type="checkbox" checked={keysOn.value} onChange={() => (keysOn.value = !keysOn.value)} />
          <span class="check-label">Single-key shortcuts</span>
        </label>
        <label class="check">
          <input type="checkbox" checked={advance.value} onChange={() => (advance.value = !advance.value)} />
          <span class="check-label">After a decision by key, go to the next open finding</span>
        </label>
      </div>
    </section>
  );
}
