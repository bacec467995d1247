// Why nothing can be asked, and what to do about it.
import type { JobProblem } from "../api/types";
import { sentence } from "../model/words";
import { setNeverSend } from "../state/documents";
import { settingsOpen } from "../state/app";
import { useStore } from "../state/session";

export function Nobody({ problem }: { problem: JobProblem }) {
  const store = useStore();
  const noModel = problem.reason === "no_model";
  const marked = problem.reason === "never_send" && store.document.value?.never_send;
  return (
    <div class="chat-empty" data-test="chat-nobody">
      <p>
        <strong>{noModel ? "There is no model to talk with." : "This document is not sent to a model."}</strong>
      </p>
      <p class="soft">
        {sentence(problem.detail)} {problem.hint}
      </p>
      {noModel && <p class="soft">The rules review documents all the same, and nothing leaves this server.</p>}
      <p class="row center">
        {marked && (
          <button type="button" class="button" onClick={() => void setNeverSend(store, false)}>
            Allow it for this document
          </button>
        )}
        <button type="button" class="button" onClick={() => (settingsOpen.value = true)}>
          Models and settings
        </button>
      </p>
    </div>
  );
}
