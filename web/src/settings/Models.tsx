// The models: how each is, what was used today, and what is left of the budget.
import { getModels, resetModel } from "../api/models";
import type { BudgetUse, ModelHealth, Models, ModelUse } from "../api/types";
import { clock, many, n, usd } from "../model/words";
import { me, say } from "../state/app";
import { failure } from "../state/failure";
import { Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";
import { useAsked } from "./useAsked";

const EVERY_MS = 5000;

export function ModelsPart() {
  const { value, problem, again } = useAsked(getModels, EVERY_MS);
  return (
    <section aria-labelledby="set-models" data-test="models">
      <h3 id="set-models">Models</h3>
      {problem && <Trouble failure={problem} onRetry={again} />}
      {value && !value.configured && <None />}
      {value?.never_send && <p>This server is marked never to send anything to a model: the rules review alone.</p>}
      {value?.configured && (
        <>
          <ul class="models">
            {value.models.map((m) => (
              <Model key={m.model} model={m} today={value.today.find((t) => t.model === m.model)} primary={m.model === value.primary} onReset={again} />
            ))}
          </ul>
          {value.today
            .filter((t) => !value.models.some((m) => m.model === t.model))
            .map((t) => (
              <p key={t.model} class="fine">
                {t.model}, which is not asked any more: {used(t)}
              </p>
            ))}
          <Budgets models={value} />
        </>
      )}
    </section>
  );
}

function None() {
  return (
    <>
      <p>No language model is set up on this server: the rules review documents alone, and there is nobody to talk with. Everything else works.</p>
      <p class="soft">
        Whoever runs the server can set one up: Amazon Bedrock (<code>BEDROCK_MODEL_ID</code>), Anthropic (<code>ANTHROPIC_API_KEY</code>), or a model on this computer through an OpenAI-compatible server such as llama.cpp or Ollama (<code>PRISM_OPENAI_URL</code>). docs/models.md says how; <code>prism check</code> tries it.
      </p>
    </>
  );
}

const HEALTH: Record<ModelHealth["health"], string> = { well: "Well", cooling: "Cooling down", probing: "Being tried again", broken: "Not answering" };

const used = (t: ModelUse): string =>
  [
    `${many(t.calls, "call")} today${t.failed ? `, ${n(t.failed)} failed` : ""}`,
    `${n(t.tokens.in)} tokens in${t.tokens.cached ? `, ${n(t.tokens.cached)} from the cache` : ""}, ${n(t.tokens.out)} out`,
    t.priced ? usd(t.cost_usd) : "price not known",
  ].join(" · ");

function Model({ model: m, today, primary, onReset }: { model: ModelHealth; today: ModelUse | undefined; primary: boolean; onReset: () => void }) {
  const reset = async () => {
    try {
      await resetModel(m.model);
      onReset();
      say(`${m.model} is asked again.`);
    } catch (error) {
      const f = failure(error);
      say(`${f.text} ${f.hint}`, { wrong: true });
    }
  };
  const ill = m.health !== "well";
  return (
    <li class="model" data-test="model" data-health={m.health}>
      <p class="model-head">
        <span class={`health ${m.health}`} aria-hidden="true" />
        <strong class="break">{m.model}</strong>
        <span class="soft">{primary ? "asked first" : "fallback"}</span>
        <span class={ill ? "health-word ill" : "health-word"}>{HEALTH[m.health]}</span>
      </p>
      {ill && (
        <p class="fine">
          {m.reason}
          {m.until && (
            <>
              , until <time dateTime={m.until}>{clock(m.until)}</time>
            </>
          )}
          {me.value?.admin && (
            <>
              {" "}
              <button type="button" class="link-button" data-test="reset-model" onClick={() => void reset()}>
                Ask it again now
              </button>
            </>
          )}
        </p>
      )}
      <p class="fine">{today ? used(today) : "Not asked today."}</p>
      {(m.running > 0 || m.waiting > 0 || m.throttled > 0 || m.first_token_ms !== null) && (
        <p class="fine">
          {[
            m.running + m.waiting > 0 && `now ${n(m.running)} running${m.waiting ? `, ${n(m.waiting)} waiting` : ""} (at most ${n(m.limit)} at once)`,
            m.first_token_ms !== null && `first word after ${m.first_token_ms < 1000 ? `${n(m.first_token_ms)} ms` : `${(m.first_token_ms / 1000).toFixed(1)} s`}`,
            m.throttled > 0 && `throttled ${many(m.throttled, "time")} since the start of the server`,
          ]
            .filter(Boolean)
            .join(" · ")}
        </p>
      )}
    </li>
  );
}

function Budgets({ models }: { models: Models }) {
  const { day, person } = models.budget;
  if (!day.limit_usd && !person.limit_usd)
    return (
      <p class="soft">
        Used today: {usd(day.used_usd)}. No budget is set.
      </p>
    );
  return (
    <div class="budgets">
      <Budget label="Everybody, today" use={day} />
      <Budget label="You, today" use={person} />
    </div>
  );
}

function Budget({ label, use }: { label: string; use: BudgetUse }) {
  if (!use.limit_usd) return null;
  const share = use.used_usd / use.limit_usd;
  return (
    <p class="budget" data-test="budget">
      <span>{label}</span>
      <meter class="meter" min={0} max={1} high={0.8} value={Math.min(1, share)} aria-label={`${label}: ${usd(use.used_usd)} of ${usd(use.limit_usd)}`} />
      <span class="soft">
        {usd(use.used_usd)} of {usd(use.limit_usd)}
      </span>
      {share >= 1 && (
        <span class="wrong-text">
          <Icon name="warning" /> used up: the model is not asked until tomorrow
        </span>
      )}
    </p>
  );
}
