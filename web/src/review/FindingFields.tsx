// The fields of a finding, for writing one and for changing one.
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Kind, Risk } from "../api/types";
import { KINDS, RISKS } from "../model/filter";
import { KIND_WORD, RISK_WORD } from "../model/words";
import { server } from "../state/app";
import { RiskShape } from "../ui/icons";

export interface Fields {
  risk: Risk;
  kind: Kind;
  description: string;
  suggestion: string;
  rewrite: string | null;
}

export function FindingFields({ fields, onChange, name, onSubmit }: { fields: Fields; onChange: (part: Partial<Fields>) => void; name: string; onSubmit: () => void }) {
  const first = useRef<HTMLTextAreaElement>(null);
  const max = server.value?.limits.max_text_bytes ?? 10_000;
  // with the first frame: what is typed next goes into it
  useLayoutEffect(() => {
    first.current?.focus({ preventScroll: true });
    first.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const send = (event: KeyboardEvent) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onSubmit();
    }
  };
  return (
    <div class="fields" onKeyDown={send}>
      <label class="field">
        <span>What is wrong here</span>
        <textarea ref={first} rows={3} required maxLength={max} value={fields.description} data-test="description" onInput={(e) => onChange({ description: e.currentTarget.value })} />
      </label>
      <label class="field">
        <span>What to do (optional)</span>
        <textarea rows={2} maxLength={max} value={fields.suggestion} data-test="suggestion" onInput={(e) => onChange({ suggestion: e.currentTarget.value })} />
      </label>
      {fields.rewrite === null ? (
        <button type="button" class="link-button" data-test="add-rewrite" onClick={() => onChange({ rewrite: "" })}>
          Add exact new words
        </button>
      ) : (
        <label class="field">
          <span>
            New words in place of the marked ones{" "}
            <button type="button" class="link-button" onClick={() => onChange({ rewrite: null })}>
              remove
            </button>
          </span>
          <textarea rows={2} maxLength={max} value={fields.rewrite} data-test="rewrite" onInput={(e) => onChange({ rewrite: e.currentTarget.value })} />
        </label>
      )}
      <fieldset class="segments">
        <legend>Risk</legend>
        {RISKS.map((r) => (
          <label key={r}>
            <input type="radio" name={`${name}-risk`} checked={fields.risk === r} onChange={() => onChange({ risk: r })} />
            <span>
              <RiskShape risk={r} />
              {RISK_WORD[r]}
            </span>
          </label>
        ))}
      </fieldset>
      <fieldset class="segments">
        <legend>Kind</legend>
        {KINDS.map((k) => (
          <label key={k}>
            <input type="radio" name={`${name}-kind`} checked={fields.kind === k} onChange={() => onChange({ kind: k })} />
            <span>{KIND_WORD[k]}</span>
          </label>
        ))}
      </fieldset>
    </div>
  );
}
