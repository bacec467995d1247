// What a document is reviewed against: a framework, guidelines of one's own, or both.
import type { Framework } from "../api/types";
import { guidelines, guidelinesOpen, isReady } from "../state/guidelines";

export interface Choice {
  framework: string; // empty: the one that fits
  guidelines: string | null;
  both: boolean; // guidelines and a framework
}

export const USUAL: Choice = { framework: "", guidelines: null, both: true };
const OWN = "own:";

export function Against({ choice, frameworks, onChange }: { choice: Choice; frameworks: readonly Framework[]; onChange: (choice: Choice) => void }) {
  const own = (guidelines.value ?? []).filter(isReady);
  return (
    <>
      <label class="against">
        <span>Review against</span>
        <select
          value={choice.guidelines ? OWN + choice.guidelines : choice.framework}
          data-test="against"
          onChange={(event) => {
            const value = event.currentTarget.value;
            onChange(value.startsWith(OWN) ? { ...choice, guidelines: value.slice(OWN.length) } : { ...choice, framework: value, guidelines: null });
          }}
        >
          <option value="">what fits the document</option>
          {frameworks.map((f) => (
            <option key={f.id} value={f.id}>
              {f.title}
            </option>
          ))}
          {own.length > 0 && (
            <optgroup label="Guidelines">
              {own.map((g) => (
                <option key={g.id} value={OWN + g.id}>
                  {g.name}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      {guidelines.value && (
        <button type="button" class="link-button" data-test="guidelines" onClick={() => (guidelinesOpen.value = true)}>
          {guidelines.value.length ? "Guidelines…" : "Use guidelines of your own…"}
        </button>
      )}
      {choice.guidelines && (
        <label class="check against-both">
          <input type="checkbox" checked={choice.both} data-test="against-both" onChange={() => onChange({ ...choice, both: !choice.both })} />
          <span class="check-label">and the framework that fits</span>
        </label>
      )}
    </>
  );
}
