// The requirements of guidelines, to look through and to change.
import { useState } from "preact/hooks";

import type { Guidelines } from "../api/types";
import { say } from "../state/app";
import { failure, type Failure } from "../state/failure";
import { removeGuidelines, saveGuidelines } from "../state/guidelines";
import { Trouble } from "../ui/bits";
import { Icon } from "../ui/icons";

type Point = Guidelines["points"][number];

export function Points({ guide: g }: { guide: Guidelines }) {
  const [name, setName] = useState(g.name);
  const [team, setTeam] = useState(g.team);
  const [points, setPoints] = useState<Point[]>(g.points);
  const [busy, setBusy] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const changed = name !== g.name || team !== g.team || points !== g.points;
  const change = (i: number, part: Partial<Point>) => setPoints(points.map((p, at) => (at === i ? { ...p, ...part } : p)));
  const guarded = async (what: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await what();
    } catch (error) {
      setProblem(failure(error));
      setBusy(false);
    }
  };
  const save = () =>
    guarded(async () => {
      const kept = points.filter((p) => p.name.trim() || p.asks.trim()).map((p, i) => ({ ...p, number: i + 1, name: p.name.trim(), asks: p.asks.trim(), questions: (p.questions ?? []).map((q) => q.trim()).filter((q) => q !== "") }));
      await saveGuidelines(g.id, { name: name.trim(), team, points: kept, version: g.version });
      say("Saved. Reviews from now on use it.");
    });
  const remove = () =>
    guarded(async () => {
      await removeGuidelines(g.id);
      say(`Deleted ${g.name}.`);
    });
  return (
    <form
      class="guide-form"
      aria-label={`Requirements of ${g.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <fieldset class="guide-fields" disabled={!g.mine || busy}>
        <label class="field">
          <span>Name</span>
          <input type="text" value={name} required maxLength={200} onInput={(e) => setName(e.currentTarget.value)} />
        </label>
        <label class="check">
          <input type="checkbox" checked={team} data-test="guide-team" onChange={() => setTeam(!team)} />
          <span class="check-label">Everyone on this server may review against it</span>
        </label>
        <ol class="points-edit">
          {points.map((p, i) => (
            <li key={i} class="point-edit" data-test="guide-point">
              <div class="point-head">
                <span class="point-number">{i + 1}</span>
                <input type="text" aria-label={`Name of requirement ${i + 1}`} value={p.name} maxLength={300} onInput={(e) => change(i, { name: e.currentTarget.value })} />
                <button type="button" class="icon-button" aria-label={`Remove requirement ${i + 1}`} title="Remove" onClick={() => setPoints(points.filter((_, at) => at !== i))}>
                  <Icon name="close" />
                </button>
              </div>
              <textarea rows={2} aria-label={`What requirement ${i + 1} asks for`} value={p.asks} maxLength={4000} onInput={(e) => change(i, { asks: e.currentTarget.value })} />
              <textarea rows={Math.max(1, p.questions?.length ?? 0)} aria-label={`Questions to ask about requirement ${i + 1}, one a line`} placeholder="Questions to ask, one a line (optional)" value={(p.questions ?? []).join("\n")} onInput={(e) => change(i, { questions: e.currentTarget.value ? e.currentTarget.value.split("\n") : [] })} />
            </li>
          ))}
        </ol>
        <button type="button" class="link-button" onClick={() => setPoints([...points, { number: points.length + 1, name: "", asks: "", questions: [] }])}>
          Add a requirement
        </button>
      </fieldset>
      {problem && <Trouble failure={problem} />}
      {g.mine ? (
        <p class="row">
          {deleting ? (
            <>
              <span>Delete these guidelines? Reviews that used them stay.</span>
              <button type="button" class="button small danger" disabled={busy} onClick={() => void remove()}>
                Delete
              </button>
              <button type="button" class="button small" onClick={() => setDeleting(false)}>
                Keep
              </button>
            </>
          ) : (
            <>
              <button type="submit" class="button small primary" disabled={busy || !changed || !name.trim() || points.length === 0} data-test="guide-save">
                Save
              </button>
              <button type="button" class="button small quiet" onClick={() => setDeleting(true)}>
                Delete…
              </button>
            </>
          )}
        </p>
      ) : (
        <p class="fine">Somebody else keeps these; you can review against them.</p>
      )}
    </form>
  );
}
