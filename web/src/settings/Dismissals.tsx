// What is not to be raised again, for whom, and why; each can be taken back.
import { deleteDismissal, listDismissals } from "../api/models";
import type { Dismissal } from "../api/types";
import { exactly, shorten, when } from "../model/words";
import { me, now, say } from "../state/app";
import { failure } from "../state/failure";
import { route } from "../state/route";
import { Trouble } from "../ui/bits";
import { useAsked } from "./useAsked";

const FOR: Record<Dismissal["scope"], string> = { document: "in this document", person: "for you", team: "for everyone" };

export function Dismissals() {
  const at = route.value;
  const { value, problem, again, set } = useAsked(() => listDismissals(at.screen === "review" ? at.document : null));
  const remove = async (one: Dismissal) => {
    try {
      await deleteDismissal(one.id);
      set((value ?? []).filter((d) => d.id !== one.id));
      say("It may be raised again, from the next review on.");
    } catch (error) {
      const f = failure(error);
      say(`${f.text} ${f.hint}`, { wrong: true });
    }
  };
  return (
    <section aria-labelledby="set-dismissals" data-test="dismissals">
      <h3 id="set-dismissals">Not raised again</h3>
      {problem && <Trouble failure={problem} onRetry={again} />}
      {value && value.length === 0 && <p class="soft">Nothing. When you reject a finding you can say that it is not to be raised again.</p>}
      {value && value.length > 0 && (
        <ul class="dismissed">
          {value.map((d) => (
            <li key={d.id} data-test="dismissal">
              <div>
                <p class="card-quote">{shorten(d.quote, 120)}</p>
                <p class="fine">
                  {[d.category, FOR[d.scope], d.reason, d.by].filter(Boolean).join(" · ")} ·{" "}
                  <time dateTime={d.at} title={exactly(d.at)}>
                    {when(d.at, now.value)}
                  </time>
                </p>
              </div>
              {(d.mine || d.scope !== "team" || me.value?.admin) && (
                <button type="button" class="button small" aria-label={`Raise again: ${shorten(d.quote, 60)}`} data-test="raise-again" onClick={() => void remove(d)}>
                  Raise again
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
