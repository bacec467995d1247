// Tries each part of the server for real, a model by one token; for who runs it.
import { useState } from "preact/hooks";

import { runCheck } from "../api/models";
import type { CheckPart } from "../api/types";
import { sentence } from "../model/words";
import { beAdmin, me } from "../state/app";
import { failure, type Failure } from "../state/failure";
import { Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";

const PART: Record<CheckPart["part"], string> = { settings: "Settings", data: "Data folder", store: "Store", files: "Files", model: "Model" };

export function Check() {
  const [parts, setParts] = useState<CheckPart[] | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
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
      {me.value?.admin ? (
        <p class="row">
          <button type="button" class="button small" disabled={busy} data-test="check-now" onClick={() => void go()}>
            <Icon name="refresh" />
            {busy ? "Checking…" : "Check now"}
          </button>
          <span class="soft">Tries the store, the files and each model for real; a model is asked for one token.</span>
        </p>
      ) : (
        <Token />
      )}
      {problem && <Trouble failure={problem} onRetry={() => void go()} />}
      {parts && (
        <ul class="checked" aria-live="polite">
          {parts.map((p, i) => (
            <li key={i} class={`checked-part ${p.state}`} data-test="checked" data-state={p.state}>
              <Icon name={p.state === "ok" ? "accept" : p.state === "failed" ? "warning" : "skip"} />
              <div>
                <p>
                  <strong>
                    {PART[p.part] ?? p.part}
                    {p.model && ` ${p.model}`}
                  </strong>{" "}
                  <span class="soft">{p.state === "ok" ? `works, ${p.ms} ms` : p.state === "failed" ? "does not work" : "not set up"}</span>
                </p>
                {p.message && <p>{sentence(p.message)}</p>}
                {p.hint && <p class="soft">{p.hint}</p>}
              </div>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

// Where a token is set, whoever has it may check and reset. It stays in this page alone, and is gone with it.
export function Token() {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState("");
  const send = async (event: Event) => {
    event.preventDefault();
    setWrong((await beAdmin(text.trim())) ? "" : "The server does not take this token. It is the value of PRISM_ADMIN_TOKEN.");
  };
  return (
    <form class="row" onSubmit={send}>
      <label class="field token">
        <span>For administrators: the value of PRISM_ADMIN_TOKEN</span>
        <input type="password" autocomplete="off" value={text} onInput={(e) => setText(e.currentTarget.value)} data-test="admin-token" />
      </label>
      <button type="submit" class="button" disabled={!text.trim()}>
        Use it
      </button>
      {wrong && (
        <p class="wrong-text" role="alert">
          {wrong}
        </p>
      )}
    </form>
  );
}
