// How far the model is with the review, and what stopped it.
import type { Review } from "../api/types";
import { progress } from "../model/coverage";
import { sentence } from "../model/words";
import { useStore } from "../state/session";
import { Icon } from "../ui/icons";

export function stageLine(review: Review): string {
  if (review.state === "queued") return "Waiting for its turn";
  switch (review.model?.state) {
    case "queued":
      return "Rules done, the model is to begin";
    case "running":
      return `Rules done, the model is at ${progress(review)}`;
    default:
      return "Reviewing";
  }
}

// After the end: the model's part failed or is not whole. The rules' findings are there all the same.
export function ModelProblem({ review, onRetry }: { review: Review; onRetry: () => void }) {
  const { problem, state, name } = review.model;
  if (state !== "failed" && (state !== "done" || review.coverage?.complete !== false)) return null;
  return (
    <div class="about-problem" role="status" data-test="model-problem">
      <p>
        <strong>{state === "failed" ? `${name || "The model"} could not review it.` : `${name || "The model"} did not review all of it.`}</strong>{" "}
        {problem ? `${sentence(problem.detail)} ${problem.hint}` : "“What was reviewed” says what is missing, and why."}
      </p>
      <p class="fine">The findings of the rules are here all the same.</p>
      <button type="button" class="button small" onClick={onRetry}>
        Review again
      </button>
    </div>
  );
}

export function CoverageButton() {
  const store = useStore();
  const on = store.panel.value === "coverage";
  return (
    <button
      type="button"
      class="button small"
      aria-pressed={on}
      data-test="coverage"
      onClick={() => {
        store.panel.value = on ? "findings" : "coverage";
        store.pane.value = on ? "document" : "findings";
      }}
    >
      <Icon name="outline" />
      What was reviewed
    </button>
  );
}
