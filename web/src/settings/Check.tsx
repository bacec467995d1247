// Tries each part of the server for real, a model by one token; for who runs it.
import { useState } from "preact/hooks";

import { runCheck } from "../api/models";
import type { CheckPart } from "../api/types";
import { me } from "../state/app";
import { failure, type Failure } from "../state/failure";
import { Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";

export function Check() {
  const [parts, setParts] = useState<CheckPart[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  if (!me.value?.admin) return null;
  const go = async () => {
    setBusy(true);
    try {
      setParts(await runCheck());
      setProblem(null);
    } catch (error) {
      setProblem(failure(error));
    }
    setBusy(false);
  };
  return (
    <section aria-labelledby="set-check" data-test="check">
      <h3 id="set-check">Check</h3>
      <p class="row">
        <button type="button" class="button small" disabled={busy} data-test="check-now" onClick={() => void go()}>
          <Icon name="refresh" />
          {busy ? "Checking…" : "Check now"}
        </button>
        <span class="soft">Tries the store, the files and each model for real; a model is asked for one token.</span>
      </p>
      {problem && <Trouble failure={problem} onRetry={() => void go()} />}
      {parts && (
        <ul class="checked" aria-live="polite">
          {parts.map((p, i) => (
            <li key={i} class={`checked-part ${p.state}`} data-test="checked" data-state={p.state}>
              <Icon name={p.state === "ok" ? "accept" : p.state === "failed" ? "warning" : "skip"} />
              <div>
                <p>
                  <strong>
                    {p.part}
                    {p.model && ` ${p.model}`}
                  </strong>{" "}
                  <span class="soft">{p.state === "ok" ? `works, ${p.ms} ms` : p.state === "failed" ? "does not work" : "not set up"}</span>
                </p>
                {p.message && <p>{p.message}</p>}
                {p.hint && <p class="soft">{p.hint}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
