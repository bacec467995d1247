// The documents: how far each review is, and the way in.
import { useState } from "preact/hooks";

import { documentFile } from "../api/client";
import type { Doc, Review } from "../api/types";
import { exactly, many, n, onDay, size, when } from "../model/words";
import { now, say } from "../state/app";
import { failure } from "../state/failure";
import { remove } from "../state/home";
import { documentPath } from "../state/route";
import { Dialog, Link, Progress } from "../ui/bits";
import { Icon, RiskShape } from "../ui/icons";

export function DocumentList({ documents }: { documents: Doc[] }) {
  const [deleting, setDeleting] = useState<Doc | null>(null);
  if (!documents.length)
    return (
      <section class="empty" aria-label="Your documents">
        <h2>No documents yet</h2>
        <ol class="steps">
          <li>
            <strong>Drop</strong> a report as a Word document. It is read and checked in about a second.
          </li>
          <li>
            <strong>Decide</strong> on each finding: <kbd>A</kbd> accepts, <kbd>R</kbd> rejects, <kbd>J</kbd> and <kbd>K</kbd> move.
          </li>
          <li>
            <strong>Download</strong> the same document with your comments in it, ready for Word.
          </li>
        </ol>
      </section>
    );
  return (
    <section class="documents" aria-labelledby="documents-title">
      <h2 id="documents-title">Your documents</h2>
      <ul data-test="documents">
        {documents.map((d) => (
          <Row key={d.id} document={d} onDelete={() => setDeleting(d)} />
        ))}
      </ul>
      {deleting && <DeleteDialog document={deleting} onClose={() => setDeleting(null)} />}
    </section>
  );
}

function Row({ document: d, onDelete }: { document: Doc; onDelete: () => void }) {
  return (
    <li class="document-row" data-test="document">
      <Link href={documentPath(d.id)} class="document-link">
        <span class="document-icon" aria-hidden="true">
          <Icon name="document" />
        </span>
        <span class="document-name">{d.name}</span>
        <span class="document-facts">
          <time dateTime={d.created_at} title={exactly(d.created_at)}>
            {when(d.created_at, now.value)}
          </time>
          <span>{many(d.words, "word")}</span>
          {d.pages !== null && <span>{many(d.pages, "page")}</span>}
          <span>{size(d.size_bytes)}</span>
          <Kept document={d} />
        </span>
        <span class="document-state">
          <State review={d.latest_review ?? null} />
        </span>
      </Link>
      <div class="document-tools">
        {!d.file_removed_at && (
          <a class="icon-button" href={documentFile(d.id)} download={d.name} aria-label={`Download ${d.name} as it was uploaded`} title="Download the original">
            <Icon name="download" />
          </a>
        )}
        <button type="button" class="icon-button" aria-label={`Delete ${d.name}`} title="Delete" data-test="delete" onClick={onDelete}>
          <Icon name="trash" />
        </button>
      </div>
    </li>
  );
}

const SOON_MS = 2 * 24 * 3600 * 1000;

// Until when the file is kept, louder when that is soon.
function Kept({ document: d }: { document: Doc }) {
  if (d.file_removed_at)
    return (
      <span data-test="file-removed">
        File removed on <time dateTime={d.file_removed_at}>{onDay(d.file_removed_at)}</time>; findings are kept
      </span>
    );
  if (!d.kept_until) return null;
  const soon = Date.parse(d.kept_until) - now.value < SOON_MS;
  return (
    <span class={soon ? "kept-soon" : undefined} data-test="kept-until" title="Opening it or working on it keeps it longer">
      {soon && <Icon name="clock" />}
      Kept until <time dateTime={d.kept_until}>{soon ? exactly(d.kept_until) : onDay(d.kept_until)}</time>
    </span>
  );
}

function State({ review }: { review: Review | null }) {
  if (!review) return <span class="soft">Not reviewed</span>;
  const { counts } = review;
  switch (review.state) {
    case "queued":
      return <span class="soft">Waiting for its review</span>;
    case "running":
      return (
        <>
          <Progress value={review.progress} label="Review" />
          <span class="soft">{review.stage || "Being reviewed"}</span>
        </>
      );
    case "failed":
      return <span class="wrong-text">Review failed</span>;
    case "cancelled":
      return <span class="soft">Review cancelled</span>;
    case "done": {
      if (!counts.total) return <span class="soft">Nothing was found</span>;
      const decided = counts.accepted + counts.rejected;
      return (
        <>
          <span class="risk-counts" role="img" aria-label={`${counts.high} high, ${counts.medium} medium, ${counts.low} low`}>
            {(["high", "medium", "low"] as const).map((risk) => (
              <span key={risk} class={`risk-count ${risk}`} aria-hidden="true">
                <RiskShape risk={risk} />
                {n(counts[risk])}
              </span>
            ))}
          </span>
          <Progress value={decided / counts.total} label={`${decided} of ${counts.total} decided`} />
          <span class="soft">
            {decided === counts.total ? "All decided" : `${n(decided)} of ${n(counts.total)} decided`}
          </span>
        </>
      );
    }
  }
}

function DeleteDialog({ document: d, onClose }: { document: Doc; onClose: () => void }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const go = async () => {
    setBusy(true);
    try {
      await remove(d.id);
      say(`Deleted ${d.name}`);
      onClose();
    } catch (error) {
      const f = failure(error);
      setProblem(`${f.text} ${f.hint}`);
      setBusy(false);
    }
  };
  return (
    <Dialog label="Delete the document" onClose={onClose} test="delete-dialog">
      <h2>Delete this document?</h2>
      <p class="break">
        <strong>{d.name}</strong>
      </p>
      <p class="soft">Its file, findings, decisions and the files made from it are deleted from the server. This cannot be undone.</p>
      {problem && (
        <p class="wrong-text" role="alert">
          {problem}
        </p>
      )}
      <p class="row end">
        <button type="button" class="button" onClick={onClose}>
          Keep it
        </button>
        <button type="button" class="button danger" disabled={busy} data-test="delete-yes" onClick={() => void go()}>
          Delete
        </button>
      </p>
    </Dialog>
  );
}
