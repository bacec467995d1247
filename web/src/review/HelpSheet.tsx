// Help, made from the map of the keys as they are; they can be changed here, and switched off.
import { useState } from "preact/hooks";

import { DEFAULT_MAP, KEYS, remap, type Key } from "../model/keymap";
import { helpOpen } from "../state/app";
import { advance, keys, keysOn } from "../state/prefs";
import { Dialog } from "../ui/bits";
import { ThemeSwitch } from "../ui/ThemeSwitch";

const GROUPS = ["Move", "Decide", "Write", "Other"] as const;

export function HelpSheet() {
  const [changing, setChanging] = useState<Key["action"] | null>(null);
  const [problem, setProblem] = useState("");
  const changed = KEYS.some((k) => keys.value[k.action] !== DEFAULT_MAP[k.action]);
  return (
    <Dialog label="Help and shortcuts" class="help" onClose={() => (helpOpen.value = false)} test="help-sheet">
      <header class="help-head">
        <h2>Help and shortcuts</h2>
        <button type="button" class="button small" onClick={() => (helpOpen.value = false)}>
          Close
        </button>
      </header>
      <div class="help-switches">
        <p class="help-theme">
          <span>Theme</span>
          <ThemeSwitch />
        </p>
        <label class="check">
          <input type="checkbox" checked={keysOn.value} data-test="keys-on" onChange={() => (keysOn.value = !keysOn.value)} />
          <span class="check-label">Single-key shortcuts</span>
        </label>
        <label class="check">
          <input type="checkbox" checked={advance.value} onChange={() => (advance.value = !advance.value)} />
          <span class="check-label">After a decision by key, go to the next open finding</span>
        </label>
      </div>
      {problem && (
        <p class="wrong-text" role="alert">
          {problem}
        </p>
      )}
      <div class="help-groups">
        {GROUPS.map((group) => (
          <section key={group}>
            <h3>{group}</h3>
            <ul>
              {KEYS.filter((k) => k.group === group).map((k) => (
                <li key={k.action}>
                  <span>{k.says}</span>
                  <button
                    type="button"
                    class={`key${changing === k.action ? " waiting" : ""}`}
                    title="Change this key"
                    aria-label={`${k.says}: ${keys.value[k.action]}. Change this key`}
                    onClick={() => {
                      setChanging(k.action);
                      setProblem("");
                    }}
                    onBlur={() => setChanging(null)}
                    onKeyDown={(event) => {
                      if (changing !== k.action || event.key === "Tab" || event.key === "Shift") return;
                      event.preventDefault();
                      event.stopPropagation();
                      setChanging(null);
                      if (event.key === "Escape") return;
                      const next = remap(keys.value, k.action, event.key);
                      if (typeof next === "string") setProblem(next);
                      else keys.value = next;
                    }}
                  >
                    {changing === k.action ? "press a key" : <kbd>{keys.value[k.action].toUpperCase()}</kbd>}
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <p class="soft">
        <kbd>Ctrl</kbd> <kbd>Alt</kbd> <kbd>M</kbd> adds a finding on the selected text, also while single keys are off. <kbd>Esc</kbd> closes what is open. In the document,{" "}
        <kbd>Shift</kbd> with the arrow keys extends a selection.
      </p>
      {changed && (
        <p>
          <button type="button" class="link-button" onClick={() => (keys.value = DEFAULT_MAP)}>
            Set all keys back
          </button>
        </p>
      )}
    </Dialog>
  );
}
