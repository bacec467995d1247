// The reviewed file: what goes into it, make it, download it. It can be made again as often as wanted; the review stays open.
import { useState } from "preact/hooks";
import { signal } from "@preact/signals";

import { exportFile, retryExport, startExport, type ExportOptions } from "../api/client";
import type { Export, ExportFormat, ExportInclude, Finding } from "../api/types";
import { byPlace, isFolded } from "../model/filter";
import { DECISION_WORD, many, n, onDay, shorten, size, when } from "../model/words";
import { now, server } from "../state/app";
import { failure, type Failure } from "../state/failure";
import { useSession } from "../state/session";
import { Progress, Trouble } from "../ui/bits";
import { Icon, RiskShape } from "../ui/icons";
import { PanelHead } from "./PanelHead";

const FORMATS: { value: ExportFormat; label: string; says: string }[] = [
  { value: "docx", label: "Word document", says: "The same .docx, with each finding as a Word comment on its words." },
  { value: "html", label: "HTML report", says: "One page to read or send: the document with its marks, and all findings." },
  { value: "csv", label: "CSV table", says: "One line a finding, for a spreadsheet." },
  { value: "json", label: "JSON", says: "Everything, for programs." },
  { value: "zip", label: "Package", says: "All of it as one zip: both documents, findings, decisions, chat, activity, statistics, a report, and a manifest with checksums." },
  { value: "s3", label: "Package to S3", says: "The same files, put into a folder of this server's bucket." },
];
const isPackage = (format: ExportFormat) => format === "zip" || format === "s3";
const hasDocument = (format: ExportFormat) => format === "docx" || isPackage(format);

function makes(format: ExportFormat, count: number): string {
  if (format === "zip") return "Make the package";
  if (format === "s3") return "Export to S3";
  return format === "docx" ? `Make the document with ${many(count, "comment")}` : `Make the file with ${many(count, "finding")}`;
}
const INCLUDES: { value: ExportInclude; label: string }[] = [
  { value: "accepted", label: "Accepted findings" },
  { value: "open_and_accepted", label: "Accepted and open findings" },
  { value: "all", label: "All findings, rejected ones too" },
];

const WITH_FILE: ReadonlySet<ExportFormat> = new Set(["docx", "html", "zip", "s3"]); // the document is part of them

const options = signal<ExportOptions>({ format: "docx", include: "accepted", tracked_changes: false, summary: false });
const set = (part: Partial<ExportOptions>) => (options.value = { ...options.value, ...part });

const goesIn = (f: Finding, include: ExportInclude) => include === "all" || f.decision === "accepted" || (include === "open_and_accepted" && f.decision === "open");

// Those that are folded away in the list go in as well, so they are said.
function howMany(list: readonly Finding[]): string {
  const folded = list.filter(isFolded).length;
  return folded ? `${n(list.length)}, ${n(folded)} of them less sure` : n(list.length);
}

export function Finish() {
  const { store, decisions } = useSession();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const removed = store.document.value?.file_removed_at;
  const wanted = options.value;
  const chosen: ExportOptions = removed && WITH_FILE.has(wanted.format) ? { ...wanted, format: "csv" } : wanted;
  const list = store.all.value.filter((f) => goesIn(f, chosen.include)).sort(byPlace);
  const { open } = store.counts.value.decision;
  const review = store.review.value;
  const rewrites = list.filter((f) => f.rewrite !== null).length;
  const make = async () => {
    if (!review) return;
    setBusy(true);
    setProblem(null);
    try {
      await decisions.settle();
      store.putExport(await startExport(review.id, chosen));
    } catch (error) {
      setProblem(failure(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="rail panel" aria-label="Finish" data-test="finish-panel">
      <PanelHead title="Finish" />
      <div class="panel-scroll" tabIndex={0} role="group" aria-label="Options and files">
        {open > 0 && (
          <p class="finish-open">
            <span>
              {many(open, "finding")} {open === 1 ? "is" : "are"} not decided yet.
            </span>
            <button
              type="button"
              class="link-button"
              onClick={() => {
                store.setFilter({ decision: ["open"] });
                store.panel.value = "findings";
                store.nextOpen();
              }}
            >
              Go to {open === 1 ? "it" : "them"}
            </button>
          </p>
        )}
        <fieldset class="options">
          <legend>File</legend>
          {removed && <p class="soft">The file of this document was removed on {onDay(removed)}, so there is no Word document and no report with its text to make.</p>}
          {FORMATS.filter((f) => f.value !== "s3" || server.value?.exports.includes("s3")).map((f) => (
            <label key={f.value} class="option">
              <input type="radio" name="format" checked={chosen.format === f.value} disabled={Boolean(removed) && WITH_FILE.has(f.value)} data-test={`format-${f.value}`} onChange={() => set({ format: f.value })} />
              <span>
                <strong>{f.label}</strong>
                <span class="soft">{f.says}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <fieldset class="options">
          <legend>{isPackage(chosen.format) ? "Comments in the reviewed document" : "What goes in"}</legend>
          {INCLUDES.map((i) => (
            <label key={i.value} class="option">
              <input type="radio" name="include" checked={chosen.include === i.value} data-test={`include-${i.value}`} onChange={() => set({ include: i.value })} />
              <span>
                {i.label} <span class="soft">({howMany(store.all.value.filter((f) => goesIn(f, i.value)))})</span>
              </span>
            </label>
          ))}
          {hasDocument(chosen.format) && (
            <>
              <label class="option">
                <input type="checkbox" checked={chosen.tracked_changes} disabled={!rewrites && !chosen.tracked_changes} data-test="tracked" onChange={() => set({ tracked_changes: !chosen.tracked_changes })} />
                <span>
                  Exact rewrites as tracked changes <span class="soft">({rewrites ? `${n(rewrites)} of these have one` : "none of these has one"})</span>
                </span>
              </label>
              <label class="option">
                <input type="checkbox" checked={chosen.summary} data-test="summary" onChange={() => set({ summary: !chosen.summary })} />
                <span>A summary at the end of the document</span>
              </label>
            </>
          )}
        </fieldset>
        {problem && <Trouble failure={problem} onRetry={() => void make()} />}
        <p>
          <button type="button" class="button primary large wide" disabled={busy || review?.state !== "done" || (list.length === 0 && !isPackage(chosen.format))} data-test="make" onClick={() => void make()}>
            {busy ? "Starting…" : makes(chosen.format, list.length)}
          </button>
        </p>
        {list.length === 0 && !isPackage(chosen.format) && <p class="soft">Nothing goes in yet: accept a finding, or take the open ones too.</p>}
        <Files />
        <Preview list={list} />
      </div>
    </section>
  );
}

function Files() {
  const { store } = useSession();
  const list = store.exports.value;
  if (!list.length) return null;
  return (
    <section class="files" aria-labelledby="files-title">
      <h3 id="files-title">Made of this review</h3>
      <ul>
        {list.map((e) => (
          <FileRow key={e.id} file={e} />
        ))}
      </ul>
    </section>
  );
}

function FileRow({ file: e }: { file: Export }) {
  const what = [e.destination && e.destination.url, hasDocument(e.format) && e.tracked_changes && "tracked changes", e.summary && "summary", e.include !== "accepted" && (e.include === "all" ? "all findings" : "open ones too")].filter(Boolean).join(", ");
  return (
    <li class={`file ${e.state}`} data-test="export" data-state={e.state}>
      <div class="file-main">
        <span class="file-name">{e.name}</span>
        <span class="soft">
          {when(e.created_at, now.value)}
          {e.size_bytes !== null && ` · ${size(e.size_bytes)}`}
          {what && ` · ${what}`}
        </span>
        {(e.state === "queued" || e.state === "running") && <Steps file={e} />}
        {e.state === "failed" && (
          <p class="wrong-text" role="alert">
            {e.problem?.detail ?? "It could not be made."} {e.problem?.hint}
            {e.has_file && " The package is kept here and can be downloaded."}
          </p>
        )}
      </div>
      {e.state === "done" && e.file_removed_at && <span class="soft">File removed on {onDay(e.file_removed_at)}; make it again above</span>}
      {e.can_retry && <Retry id={e.id} />}
      {e.has_file && (
        <a class="button small primary" href={exportFile(e.id)} download={e.name} data-test="download">
          <Icon name="download" />
          Download
        </a>
      )}
    </li>
  );
}

// Of a package that goes to S3, file by file.
function Steps({ file: e }: { file: Export }) {
  const done = e.steps.filter((s) => s.state === "done").length;
  const here = e.steps.find((s) => s.state === "running");
  if (e.stage !== "uploading") return <Progress value={null} label={`${e.name} is being made`} />;
  return (
    <>
      <Progress value={e.progress} label={`${e.name} is being sent`} />
      <span class="soft" data-test="steps">
        {n(done)} of {many(e.steps.length, "file")} sent{here && ` · ${here.file}, ${size(here.sent_bytes)} of ${size(here.bytes)}`}
      </span>
    </>
  );
}

function Retry({ id }: { id: string }) {
  const { store } = useSession();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const again = async () => {
    setBusy(true);
    setProblem(null);
    try {
      store.putExport(await retryExport(id));
    } catch (error) {
      setProblem(failure(error));
    } finally {
      setBusy(false);
    }
  };
  return problem ? (
    <Trouble failure={problem} onRetry={() => void again()} />
  ) : (
    <button type="button" class="button small" disabled={busy} data-test="retry-export" onClick={() => void again()}>
      Try again
    </button>
  );
}

function Preview({ list }: { list: Finding[] }) {
  const { store } = useSession();
  if (!list.length) return null;
  const MOST = 200; // a preview; the file has them all
  return (
    <details class="preview">
      <summary>What goes in: {many(list.length, "finding")}</summary>
      <ol>
        {list.slice(0, MOST).map((f) => (
          <li key={f.id}>
            <button type="button" class="preview-row" onClick={() => (store.reveal.value = { what: "finding", id: f.id, card: false })}>
              <span class="card-line">
                <RiskShape risk={f.risk} />
                <span class="card-title">{f.title || shorten(f.description, 60)}</span>
                {f.decision !== "accepted" && <span class="badge">{DECISION_WORD[f.decision]}</span>}
              </span>
              {f.anchor && <span class="card-quote">{shorten(f.anchor.quote, 80)}</span>}
            </button>
          </li>
        ))}
      </ol>
      {list.length > MOST && <p class="soft">and {n(list.length - MOST)} more</p>}
    </details>
  );
}
