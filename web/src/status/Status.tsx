// How the server is, for who runs it: each part, what it does now, the last hour, models, room, and what went wrong last. It asks again every few seconds while
// it is looked at.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { getStatus, type Status as State, type StatusInstance, type StatusPart, type StatusQueue, type StatusStorage } from "../api/status";
import { lasting, ms } from "../model/minutes";
import { exactly, many, n, sentence, size, usd, when } from "../model/words";
import { known, me, now } from "../state/app";
import { Token } from "../settings/Check";
import { useAsked } from "../settings/useAsked";
import { Link, Trouble } from "../ui/bits";
import { Icon, Logo } from "../ui/icons";
import { ThemeSwitch } from "../ui/ThemeSwitch";
import { Plot } from "./Plot";

const EVERY_MS = 5000;

export function Status() {
  useEffect(() => {
    document.title = "Status – AI-Prism";
    known().catch(() => {});
  }, []);
  return (
    <div class="status">
      <header class="home-head">
        <Link href="/" class="brand">
          <Logo />
          <span>AI-Prism</span>
        </Link>
        <div class="home-tools">
          <Link href="/" class="button small">
            Documents
          </Link>
          <ThemeSwitch />
        </div>
      </header>
      <main class="status-main">
        <h1>Status</h1>
        {me.value === null ? <p class="soft" role="status">Asking the server…</p> : me.value.admin ? <Shown /> : <Stranger />}
      </main>
    </div>
  );
}

function Stranger() {
  return (
    <section class="status-card settings" data-test="status-stranger">
      <p>This page is for administrators of the server.</p>
      <Token />
    </section>
  );
}

function Shown() {
  const { value: s, problem, again } = useAsked(getStatus, EVERY_MS);
  if (!s) return problem ? <Trouble failure={problem} onRetry={again} /> : <p class="soft" role="status">Asking the server…</p>;
  return (
    <div data-test="status">
      {problem && <Trouble failure={problem} onRetry={again} />}
      <p class="soft status-at">
        As of <time dateTime={s.at}>{new Date(s.at).toLocaleTimeString()}</time>, by itself every {EVERY_MS / 1000} seconds
      </p>
      <div class="status-grid">
        <Card title="Parts" test="parts">
          <ul class="status-parts">
            {s.parts.map((p) => (
              <Part key={p.part} part={p} />
            ))}
          </ul>
        </Card>
        <Card title="Now" test="instances">
          {s.instances.map((i) => (
            <Instance key={i.pid} instance={i} />
          ))}
        </Card>
        <Card title="Queue" test="queue">
          <Queue queue={s.queue} status={s} />
        </Card>
        <Card title="The last hour" test="hour" wide>
          <Hour status={s} />
        </Card>
        <Card title="Models" test="status-models">
          <Models status={s} />
        </Card>
        <Card title="Room" test="storage">
          <Storage storage={s.storage} />
        </Card>
        <Card title="What went wrong last" test="problems">
          <Problems status={s} />
        </Card>
      </div>
    </div>
  );
}

function Card({ title, test, wide, children }: { title: string; test: string; wide?: boolean; children: ComponentChildren }) {
  return (
    <section class={wide ? "status-card wide" : "status-card"} aria-labelledby={`status-${test}`} data-test={test}>
      <h2 id={`status-${test}`}>{title}</h2>
      {children}
    </section>
  );
}

const PART: Record<string, string> = { store: "Records", files: "Files", disk: "Disk", rules: "Rules", bus: "Live events", models: "Models", bucket: "S3 bucket", jobs: "Jobs" };
const STATE: Record<StatusPart["state"], string> = { ok: "works", failed: "does not work", not_configured: "not set up", untried: "set up" };

function Part({ part: p }: { part: StatusPart }) {
  return (
    <li class={`checked-part ${p.state}`} data-test="part" data-state={p.state}>
      <Icon name={p.state === "ok" ? "accept" : p.state === "failed" ? "warning" : p.state === "untried" ? "info" : "skip"} />
      <div>
        <p>
          <strong>{PART[p.part] ?? p.part}</strong> <span class="soft">{STATE[p.state]}</span>
        </p>
        {p.message && <p class="fine">{sentence(p.message)}</p>}
        {p.hint && <p class="fine">{p.hint}</p>}
      </div>
    </li>
  );
}

function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl class="status-facts">
      {rows.map(([what, value]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Instance({ instance: i }: { instance: StatusInstance }) {
  return (
    <>
      <p class="status-name">
        <strong class="break">{i.name}</strong> <span class="soft">version {i.version}</span>
      </p>
      <Facts
        rows={[
          ["Up for", <span title={exactly(i.started_at)}>{lasting(i.uptime_s)}</span>],
          ["Process", n(i.pid).replaceAll(",", "")],
          ["Died and replaced", many(i.restarts, "time")],
          ["Reloaded", many(i.reloads, "time")],
          ["Memory", size(i.memory_bytes)],
          ["Connections", `${n(i.connections)} of ${n(i.connections_max)}`],
          ["Workers busy", `${n(i.workers_busy)} of ${n(i.workers)}`],
          ["Requests waiting", n(i.requests_waiting)],
        ]}
      />
    </>
  );
}

function Hour({ status: { minutes: m } }: { status: State }) {
  return (
    <div class="status-plots">
      <Plot
        title="Requests a minute"
        test="plot-requests"
        from={m.from}
        say={n}
        sums
        empty="No requests yet."
        lines={[
          { label: "all", values: m.requests, color: "accent" },
          { label: "4xx", values: m.errors_4xx, color: "medium", dash: [6, 3] },
          { label: "5xx", values: m.errors_5xx, color: "bad", dash: [2, 2] },
        ]}
      />
      <Plot
        title="How long they took"
        test="plot-latency"
        from={m.from}
        say={ms}
        empty="No requests yet."
        lines={[
          { label: "half within", values: m.p50_ms, color: "accent" },
          { label: "90 % within", values: m.p90_ms, color: "medium", dash: [6, 3] },
          { label: "99 % within", values: m.p99_ms, color: "bad", dash: [2, 2] },
        ]}
      />
      <Plot
        title="Reviews and calls of models a minute"
        test="plot-work"
        from={m.from}
        say={n}
        sums
        empty="No review has ended and no model was asked in this hour."
        lines={[
          { label: "reviews done", values: m.reviews, color: "good" },
          { label: "model calls", values: m.model_calls, color: "accent", dash: [6, 3] },
          { label: "failed", values: m.model_failed, color: "bad", dash: [2, 2] },
        ]}
      />
    </div>
  );
}

const KIND: Record<StatusQueue["kind"], string> = { review: "Reviews by the rules", model: "Reviews by a model", export: "Files to make", guidelines: "Guidelines to read", sweep: "Cleaning up" };

function Queue({ queue, status }: { queue: StatusQueue[]; status: State }) {
  const models = status.models.models.reduce((sum, m) => ({ running: sum.running + m.running, waiting: sum.waiting + m.waiting }), { running: 0, waiting: 0 });
  return (
    <div class="table-box" tabIndex={0} role="group" aria-label="Jobs">
      <table>
        <thead>
          <tr>
            <th scope="col">Work</th>
            <th scope="col">Waits</th>
            <th scope="col">Runs</th>
            <th scope="col">Oldest</th>
          </tr>
        </thead>
        <tbody>
          {queue.map((q) => (
            <tr key={q.kind} data-test="queue-row">
              <th scope="row">{KIND[q.kind] ?? q.kind}</th>
              <td>{n(q.queued)}</td>
              <td>{n(q.running)}</td>
              <td>{q.oldest_at ? when(q.oldest_at, now.value) : "–"}</td>
            </tr>
          ))}
          <tr>
            <th scope="row">Calls of models</th>
            <td>{n(models.waiting)}</td>
            <td>{n(models.running)}</td>
            <td>–</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

const HEALTH = { well: "well", cooling: "cooling down", probing: "being tried again", broken: "not answering" } as const;

function Models({ status: { models: m } }: { status: State }) {
  if (!m.configured) return <p class="soft">None is set up: the rules review alone.</p>;
  const spent = m.today.reduce((sum, t) => sum + t.cost_usd, 0);
  const { day } = m.budget;
  return (
    <>
      <ul class="models">
        {m.models.map((one) => (
          <li key={one.model} class="model" data-health={one.health} data-test="status-model">
            <p class="model-head">
              <span class={`health ${one.health}`} aria-hidden="true" />
              <strong class="break">{one.model}</strong>
              <span class={one.health === "well" ? "health-word" : "health-word ill"}>{HEALTH[one.health]}</span>
            </p>
            <p class="fine">
              {many(one.calls, "call")} since the start{one.failed ? `, ${n(one.failed)} failed` : ""}
              {one.throttled ? `, ${n(one.throttled)} throttled` : ""} · {n(one.running)} running{one.waiting ? `, ${n(one.waiting)} waiting` : ""}
              {one.first_token_ms !== null && ` · first word after ${ms(one.first_token_ms)}`}
            </p>
            {one.health !== "well" && (
              <p class="fine">
                {one.reason}
                {one.until && `, until ${new Date(one.until).toLocaleTimeString()}`}
              </p>
            )}
          </li>
        ))}
      </ul>
      <p data-test="cost">
        Today: <strong>{usd(spent)}</strong>
        {day.limit_usd ? ` of ${usd(day.limit_usd)}` : ", no budget is set"}
      </p>
      {day.limit_usd > 0 && <meter class="meter" min={0} max={1} high={0.8} value={Math.min(1, day.used_usd / day.limit_usd)} aria-label={`${usd(day.used_usd)} of ${usd(day.limit_usd)}`} />}
    </>
  );
}

function Storage({ storage: s }: { storage: StatusStorage }) {
  const r = s.retention;
  return (
    <>
      <Facts
        rows={[
          ["Documents", `${n(s.documents)}${s.files_removed ? `, ${n(s.files_removed)} without their file` : ""}`],
          ["Records", size(s.store_bytes)],
          ["Files", size(s.files_bytes)],
          ["Being written", size(s.temp_bytes)],
          ["Free on the disk", `${size(s.free_bytes)} of ${size(s.disk_bytes)}`],
        ]}
      />
      <p class="fine" data-test="retention">
        {r.days === 0
          ? "Nothing is removed by itself."
          : `What nobody uses for ${many(r.days, "day")} is removed; ${r.records === "keep" ? "findings and decisions stay" : "nothing of it stays"}. Since the start: ${many(r.documents, "document")}, ${many(r.exports, "exported file")}.`}
        {r.passed_at && ` Looked last ${when(r.passed_at, now.value)}.`}
      </p>
    </>
  );
}

function Problems({ status: { problems } }: { status: State }) {
  if (!problems.length) return <p class="soft">Nothing since the server started.</p>;
  return (
    <div class="table-box" tabIndex={0} role="group" aria-label="Warnings and errors">
      <table class="status-problems">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Said</th>
          </tr>
        </thead>
        <tbody>
          {problems.map((p, i) => (
            <tr key={i} class={p.level}>
              <td title={exactly(p.at)}>{when(p.at, now.value)}</td>
              <td>
                <span class={p.level === "error" ? "wrong-text" : "warn-text"}>{p.level === "error" ? "error" : "warning"}</span> <code>{p.event}</code>
              </td>
              <td class="break">
                {p.message}
                {p.reason && <span class="soft"> ({p.reason})</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
