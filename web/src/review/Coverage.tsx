// What was reviewed, by what, and what not and why: the record with which each review ends.
import type { Coverage as Record } from "../api/types";
import { isReviewed, sorted, STATE_WORD, summary } from "../model/coverage";
import { many, n, sentence } from "../model/words";
import { useStore } from "../state/session";
import { Icon } from "../ui/icons";
import { PanelHead } from "./PanelHead";

export function Coverage() {
  const store = useStore();
  const review = store.review.value;
  const record = review?.coverage ?? null;
  return (
    <section class="rail panel" aria-label="What was reviewed" data-test="coverage-panel">
      <PanelHead title="What was reviewed" />
      <div class="panel-scroll" tabIndex={0} role="group" aria-label="The record of the review">
        {review && (
          <>
            <p>{summary(review)}</p>
            {review.model.problem && (
              <p class="wrong-text">
                {sentence(review.model.problem.detail)} {review.model.problem.hint}
              </p>
            )}
            {record && <Sections record={record} />}
            {record && <Facts record={record} model={review.model.name} framework={review.framework.title} />}
            {review.dismissed > 0 && <p class="fine">{many(review.dismissed, "finding")} of the rules had been dismissed before, and {review.dismissed === 1 ? "was" : "were"} not raised again.</p>}
            {review.not_reviewed.length > 0 && (
              <section>
                <h3 class="panel-title">Not reviewed by the rules</h3>
                <ul class="covered">
                  {review.not_reviewed.map((x, i) => (
                    <li key={i} class="covered-row">
                      <span class="covered-title">{x.section}</span>
                      <span class="fine">{x.why}</span>
                    </li>
                  ))}
                </ul>
              </section>
            )}
          </>
        )}
      </div>
    </section>
  );
}

function Sections({ record }: { record: Record }) {
  const store = useStore();
  const sections = store.content.value?.sections ?? [];
  return (
    <section>
      <h3 class="panel-title">By the model</h3>
      <ul class="covered">
        {record.sections.map((s) => {
          const block = s.section === null ? null : (sections[s.section]?.first_block ?? null);
          const title = s.title || (s.section === null ? "Outside of all sections" : "Beginning");
          return (
            <li key={s.section ?? "none"} class="covered-row" data-test="covered" data-state={s.state}>
              <span class={`covered-state ${isReviewed(s.state) ? "good" : "not"}`}>
                <Icon name={isReviewed(s.state) ? "accept" : "skip"} />
              </span>
              {block === null ? (
                <span class="covered-title">{title}</span>
              ) : (
                <button
                  type="button"
                  class="covered-title covered-go"
                  onClick={() => {
                    store.pane.value = "document";
                    store.reveal.value = { what: "block", block };
                  }}
                >
                  {title}
                </button>
              )}
              <span class="covered-word">{STATE_WORD[s.state]}</span>
              {s.why && <span class="fine covered-why">{s.why}</span>}
            </li>
          );
        })}
        {record.whole && (
          <li class="covered-row">
            <span class={`covered-state ${isReviewed(record.whole.state) ? "good" : "not"}`}>
              <Icon name={isReviewed(record.whole.state) ? "accept" : "skip"} />
            </span>
            <span class="covered-title">The document as a whole</span>
            <span class="covered-word">{STATE_WORD[record.whole.state]}</span>
            {record.whole.why && <span class="fine covered-why">{record.whole.why}</span>}
          </li>
        )}
      </ul>
    </section>
  );
}

function Facts({ record, model, framework }: { record: Record; model: string | null; framework: string | null }) {
  return (
    <dl class="facts">
      {record.blocks > 0 && (
        <>
          <dt>Paragraphs</dt>
          <dd>
            {n(record.blocks_reviewed)} of {n(record.blocks)} reviewed by the model
          </dd>
        </>
      )}
      {record.points.length > 0 && (
        <>
          <dt>Points</dt>
          <dd>
            {record.points.join(", ")} {framework && <span class="soft">of {framework}</span>}
          </dd>
        </>
      )}
      {model && (
        <>
          <dt>Model</dt>
          <dd class="break">
            {model} <span class="soft">{record.calls ? many(record.calls, "call") : "no call: it was answered before"}</span>
          </dd>
        </>
      )}
      {(record.prompt_version || record.framework_version) && (
        <>
          <dt>Versions</dt>
          <dd>
            {record.prompt_version && (
              <>
                prompt <code>{record.prompt_version}</code>
              </>
            )}
            {record.prompt_version && record.framework_version && ", "}
            {record.framework_version && (
              <>
                framework <code>{record.framework_version}</code>
              </>
            )}
          </dd>
        </>
      )}
      {record.sections.length > 0 && (
        <>
          <dt>The model’s findings</dt>
          <dd>
            <ul>
              {sorted(record).map((row, i) => (
                <li key={i}>
                  {row.label} {n(row.count)} <span class="soft">{row.says}</span>
                </li>
              ))}
            </ul>
          </dd>
        </>
      )}
    </dl>
  );
}
