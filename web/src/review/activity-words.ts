// An event as the rest of a sentence that begins with who did it.
import type { ActivityEvent } from "../api/types";
import { many } from "../model/words";

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const num = (value: unknown): number | null => (typeof value === "number" ? value : null);

export function sentence({ kind, data }: ActivityEvent, title: (finding: string) => string): string {
  const ids = Array.isArray(data["findings"]) ? data["findings"].filter((v): v is string => typeof v === "string") : [];
  const one = text(data["finding"]) || (ids.length === 1 ? (ids[0] as string) : "");
  const named = text(data["title"]) || title(one);
  const which = named ? `“${named}”` : "a finding";
  const count = num(data["changed"]) ?? num(data["count"]) ?? ids.length;
  switch (kind) {
    case "document.added":
      return "uploaded the document";
    case "document.deleted":
      return "deleted the document";
    case "review.queued":
      return "asked for a review";
    case "review.started":
      return "began to review";
    case "review.done":
      return count ? `finished the review: ${many(count, "finding")}` : "finished the review";
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
      return "took back the change before";
    case "export.queued":
      return "asked for a file";
    case "export.done":
      return `made ${text(data["name"]) || "a file"}`;
    case "export.failed":
      return "could not make the file";
    default:
      return kind;
  }
}
