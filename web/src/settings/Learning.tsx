// What was accepted and rejected teaches: how often findings of each kind are accepted is shown here, and can be forgotten.
import { useState } from "preact/hooks";

import { getLearning, resetLearning } from "../api/models";
import { many, n, onDay, percent } from "../model/words";
import { say } from "../state/app";
import { failure } from "../state/failure";
import { Trouble } from "../ui/bits";
import { useAsked } from "./useAsked";

const SHOWN = 8;

export function LearningPart() {
  const { value, problem, again } = useAsked(getLearning);
  const [all, setAll] = useState(false);
  const forget = async () => {
    try {
      await resetLearning();
      again();
      say("What was learnt is forgotten. Your decisions stay.");
    } catch (error) {
      const f = failure(error);
      say(`${f.text} ${f.hint}`, { wrong: true });
    }
  };
  const rows = value?.reviewers ?? [];
  const shown = all ? rows : rows.slice(0, SHOWN);
  return (
    <section aria-labelledby="set-learning" data-test="learning">
      <h3 id="set-learning">Learning</h3>
      <p class="soft">
        Within a risk, what you accept more often comes first; and the model is given a few of the findings that you accepted and rejected{value && value.examples.accepted + value.examples.rejected > 0 && ` (now ${n(value.examples.accepted)} accepted and ${n(value.examples.rejected)} rejected)`}
        {value?.since && `, since ${onDay(value.since)}`}.
      </p>
      {problem && <Trouble failure={problem} onRetry={again} />}
      {value && rows.length === 0 && <p>Nothing was decided yet, so nothing was learnt.</p>}
      {rows.length > 0 && (
        <>
          <div class="learnt-box" tabIndex={0} role="group" aria-label="How often findings were accepted">
            <table class="learnt">
              <thead>
                <tr>
                  <th scope="col">Found by</th>
                  <th scope="col">Accepted</th>
                  <th scope="col">Rejected</th>
                  <th scope="col">Rate</th>
                </tr>
              </thead>
              <tbody>
                {shown.map((r) => (
                  <tr key={`${r.kind} ${r.id} ${r.category}`} data-test="learnt">
                    <th scope="row">
                      {r.name} {r.category && <span class="soft">{r.category}</span>}
                    </th>
                    <td>{n(r.accepted)}</td>
                    <td>{n(r.rejected)}</td>
                    <td>{percent(r.rate)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p class="row">
            {rows.length > SHOWN && (
              <button type="button" class="link-button" onClick={() => setAll(!all)}>
                {all ? "Show fewer" : `Show all ${many(rows.length, "row")}`}
              </button>
            )}
            <button type="button" class="button small" data-test="forget" onClick={() => void forget()}>
              Forget what was learnt
            </button>
          </p>
        </>
      )}
    </section>
  );
}
