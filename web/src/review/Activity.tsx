// What happened to the document: who, what, when; the newest first.
import { useEffect, useState } from "preact/hooks";

import { getActivity } from "../api/client";
import type { ActivityEvent } from "../api/types";
import { exactly, when } from "../model/words";
import { now } from "../state/app";
import { failure, type Failure } from "../state/failure";
import { useStore } from "../state/session";
import { Trouble } from "../ui/bits";
import { PanelHead } from "./PanelHead";
import { sentence } from "./activity-words";

export function Activity() {
  const store = useStore();
  const [events, setEvents] = useState<ActivityEvent[]>([]);
  const [next, setNext] = useState<number | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const load = async (before: number | null) => {
    try {
      const page = await getActivity(store.id, before);
      setEvents((old) => (before === null ? page.events : [...old, ...page.events]));
      setNext(page.next);
      setProblem(null);
    } catch (error) {
      setProblem(failure(error));
    }
  };
  const changed = store.all.value; // something happened: look again
  useEffect(() => {
    const timer = window.setTimeout(() => void load(null), events.length ? 400 : 0);
    return () => window.clearTimeout(timer);
  }, [changed, store.exports.value]);
  return (
    <section class="rail panel" aria-label="Activity" data-test="activity-panel">
      <PanelHead title="Activity" />
      <div class="panel-scroll" tabIndex={0} role="group" aria-label="What happened">
        {problem && <Trouble failure={problem} onRetry={() => void load(null)} />}
        <ol class="events" role="list">
          {events.map((e) => (
            <li key={e.seq} class="event" data-test="event">
              <p>
                <strong>{e.by.mine ? "You" : e.by.name === "prism" ? "AI-Prism" : e.by.name}</strong> {sentence(e, (id) => store.get(id)?.title ?? "")}
              </p>
              <time class="soft" dateTime={e.at} title={exactly(e.at)}>
                {when(e.at, now.value)}
              </time>
            </li>
          ))}
        </ol>
        {next !== null && (
          <button type="button" class="button wide" onClick={() => void load(next)}>
            Show earlier
          </button>
        )}
      </div>
    </section>
  );
}
