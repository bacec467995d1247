// What the review was: against which framework and why, by whom, what was left out; cancel and run again.
import { useEffect, useState } from "preact/hooks";

import { cancelReview, getFrameworks, startReview, type ReviewOptions } from "../api/client";
import type { Framework, Review } from "../api/types";
import { summary } from "../model/coverage";
import { when } from "../model/words";
import { now, say, server } from "../state/app";
import { setNeverSend } from "../state/documents";
import { failure } from "../state/failure";
import { loadGuidelines } from "../state/guidelines";
import { useStore } from "../state/session";
import type { Store } from "../state/store";
import { Against, USUAL, type Choice } from "../ui/Against";
import { Dialog, Progress } from "../ui/bits";
import { Icon } from "../ui/icons";
import { CoverageButton, ModelProblem, stageLine } from "./ModelState";

export function About() {
  const store = useStore();
  const review = store.review.value;
  const [again, setAgain] = useState(false);
  if (!review) return store.document.value ? <NotReviewed store={store} /> : null;
  return (
    <section class="about" aria-label="The review">
      {store.running.value ? (
        <Running review={review} store={store} />
      ) : (
        <>
          <details class="about-details">
            <summary>
              <span class="about-title">{review.framework.title ?? "No framework"}</span>
              <span class="about-fine">
                {reviewers(review)} · {when(review.finished_at ?? review.created_at, now.value)}
              </span>
            </summary>
            <dl>
              <dt>Reviewed against</dt>
              <dd>
                {review.framework.title ?? "nothing in particular"}
                {review.framework.why && <span class="soft"> – {review.framework.why}</span>}
              </dd>
              <dt>Reviewed by</dt>
              <dd>{review.model ? summary(review) : "The rules alone: no language model is set up on this server."}</dd>
              {review.not_reviewed.length > 0 && (
                <>
                  <dt>Not reviewed</dt>
                  <dd>
                    <ul class="about-left">
                      {review.not_reviewed.map((x, i) => (
                        <li key={i}>
                          <strong>{x.section}</strong>: {x.why}
                        </li>
                      ))}
                    </ul>
                  </dd>
                </>
              )}
            </dl>
            <NeverSend store={store} />
            <Versions store={store} />
            <p class="row">
              <CoverageButton />
              <button type="button" class="button small" data-test="review-again" onClick={() => setAgain(true)}>
                <Icon name="refresh" />
                Review again…
              </button>
            </p>
          </details>
          {review.state === "done" && review.model && <ModelProblem review={review} onRetry={() => void run(store, { framework: review.framework.id ?? "" })} />}
          {review.state === "failed" && (
            <div class="about-problem" role="alert">
              <p>
                <strong>The review failed.</strong> {review.problem?.detail} {review.problem?.hint}
              </p>
              <button type="button" class="button small" onClick={() => void run(store, { framework: review.framework.id ?? "" })}>
                Run it again
              </button>
            </div>
          )}
          {review.state === "cancelled" && (
            <div class="about-problem">
              <p>The review was cancelled.</p>
              <button type="button" class="button small" onClick={() => void run(store, { framework: review.framework.id ?? "" })}>
                Run it again
              </button>
            </div>
          )}
        </>
      )}
      {again && <AgainDialog store={store} onClose={() => setAgain(false)} />}
    </section>
  );
}

function reviewers({ model }: Review): string {
  switch (model?.state) {
    case "done":
      return "Rules and model";
    case "failed":
    case "cancelled":
      return "Rules, model in part";
    default:
      return "Rules alone";
  }
}

function NotReviewed({ store }: { store: Store }) {
  return (
    <section class="about" aria-label="The review">
      <p>This document was stored without a review.</p>
      <button type="button" class="button small primary" onClick={() => void run(store, {})}>
        Review it
      </button>
    </section>
  );
}

function Running({ review, store }: { review: Review; store: Store }) {
  const cancel = async () => {
    try {
      store.setReview(await cancelReview(review.id));
    } catch (error) {
      say(failure(error).text, { wrong: true });
    }
  };
  return (
    <div class="about-running" data-test="running">
      <p>
        <strong data-test="stage">{stageLine(review)}</strong>
        {review.stage && review.model?.state !== "running" && review.model?.state !== "queued" && <span class="soft"> {review.stage}</span>}
      </p>
      <Progress value={review.state === "queued" ? null : review.progress} label="Review" />
      <button type="button" class="button small" onClick={() => void cancel()}>
        Cancel
      </button>
    </div>
  );
}

// Earlier reviews stay as they were, with their decisions.
function Versions({ store }: { store: Store }) {
  const reviews = store.reviews.value;
  if (reviews.length < 2) return null;
  return (
    <label class="field">
      <span>Show the review of</span>
      <select value={store.review.value?.id} onChange={(event) => store.chooseReview(event.currentTarget.value === reviews[0]?.id ? null : event.currentTarget.value)}>
        {reviews.map((r, i) => (
          <option key={r.id} value={r.id}>
            {when(r.created_at, now.value)}
            {i === 0 ? " (latest)" : ""} – {r.framework.title ?? r.state}
          </option>
        ))}
      </select>
    </label>
  );
}

async function run(store: Store, options: ReviewOptions): Promise<boolean> {
  try {
    const review = await startReview(store.id, options);
    store.setReview(review);
    store.chooseReview(null);
    return true;
  } catch (error) {
    const f = failure(error);
    say(`${f.text} ${f.hint}`, { wrong: true });
    return false;
  }
}

function AgainDialog({ store, onClose }: { store: Store; onClose: () => void }) {
  const [frameworks, setFrameworks] = useState<Framework[]>([]);
  const [choice, setChoice] = useState<Choice>({ ...USUAL, framework: store.review.value?.framework.id ?? "", guidelines: store.document.value?.guidelines ?? null });
  const [model, setModel] = useState(true);
  useEffect(() => {
    getFrameworks().then(setFrameworks, () => {});
    loadGuidelines().catch(() => {});
  }, []);
  const { accepted, rejected } = store.counts.value.decision;
  const may = server.value?.model && !store.document.value?.never_send;
  const options = (): ReviewOptions => ({
    framework: choice.framework,
    ...(choice.guidelines ? { guidelines: choice.guidelines, with_framework: choice.both } : store.document.value?.guidelines ? { guidelines: "" } : {}),
    ...(may && !model ? { model: false } : {}),
  });
  return (
    <Dialog label="Review again" onClose={onClose}>
      <h2>Review again</h2>
      <div class="again-options">
        <Against choice={choice} frameworks={frameworks} onChange={setChoice} />
        {may && (
          <label class="check">
            <input type="checkbox" checked={model} data-test="with-model" onChange={() => setModel(!model)} />
            <span class="check-label">By the model too, not by the rules alone</span>
          </label>
        )}
      </div>
      <p class="soft">
        {accepted + rejected > 0
          ? "The new review begins with every finding open. What you decided so far stays with this review, and you can come back to it here."
          : "The new review begins with every finding open; this one stays here beside it."}
      </p>
      <p class="row end">
        <button type="button" class="button" onClick={onClose}>
          Not now
        </button>
        <button
          type="button"
          class="button primary"
          onClick={async () => {
            if (await run(store, options())) onClose();
          }}
        >
          Review again
        </button>
      </p>
    </Dialog>
  );
}

// Whether a model may see this document at all.
function NeverSend({ store }: { store: Store }) {
  const document = store.document.value;
  if (!server.value?.model || !document) return null;
  return (
    <label class="check">
      <input type="checkbox" checked={document.never_send} data-test="never-send" onChange={() => void setNeverSend(store, !document.never_send)} />
      <span class="check-label">Never send this document to a model</span>
    </label>
  );
}
