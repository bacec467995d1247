// An event as the rest of a sentence that begins with who did it.
import type { ActivityEvent } from "../api/types";
import { many } from "../model/words";

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const num = (value: unknown): number | null => (typeof value === "number" ? value : null);

export function sentence({ kind, data, by }: ActivityEvent, title: (finding: string) => string): string {
  const ids = Array.isArray(data["findings"]) ? data["findings"].filter((v): v is string => typeof v === "string") : [];
  const named = ids.length === 1 ? title(ids[0] as string) : "";
  const which = named ? `“${named}”` : "a finding";
  const count = num(data["count"]) ?? ids.length;
  const file = { docx: "the Word document", html: "the HTML report", csv: "the CSV table", json: "the JSON file" }[text(data["format"])] ?? "a file";
  switch (kind) {
    case "document.added":
      return "uploaded the document";
    case "document.never_send":
      return "marked the document as never to be sent to a model";
    case "document.may_send":
      return "allowed that the document is sent to a model";
    case "document.file_removed":
      return "removed the file, as nobody had used it for a while";
    case "document.deleted":
      return "deleted the document";
    case "document.sections":
      return by.name === "prism" ? "proposed sections" : "changed which sections reviews go by";
    case "review.queued":
      return "asked for a review";
    case "review.started":
      return "began to review";
    case "review.rules_done":
      return "looked at it by its rules";
    case "review.done":
      return "finished the review";
    case "review.failed":
      return "could not finish the review";
    case "review.cancelled":
      return "cancelled the review";
    case "finding.added":
      return `added ${which}`;
    case "finding.edited":
      return `edited ${which}`;
    case "finding.deleted":
      return `deleted ${which}`;
    case "findings.decided": {
      const verb = { accepted: "accepted", rejected: "rejected", open: "reopened" }[text(data["decision"])] ?? "decided";
      const note = text(data["note"]);
      return `${verb} ${count > 1 ? many(count, "finding") : which}${note ? ` (${note.toLowerCase()})` : ""}`;
    }
    case "undone":
      return { decide: count > 1 ? `took back ${many(count, "decision")}` : `took back the decision on ${which}`, edit: "took back an edit", add: "took back an added finding", delete: `brought back ${which}` }[text(data["undone"])] ?? "took back a change";
    case "export.queued":
      return `asked for ${file}`;
    case "export.done":
      return `made ${file}`;
    case "export.failed":
      return `could not make ${file}`;
    default:
      return kind;
  }
}
