// Each route that the page uses, as a function.
import { ask } from "./http";
import { at } from "../base";
import type {
  ActivityEvent,
  Content,
  Decision,
  DismissalScope,
  Doc,
  Export,
  ExportFormat,
  ExportInclude,
  Finding,
  FindingText,
  Framework,
  Me,
  NewFinding,
  Review,
  Server,
} from "./types";

const seg = encodeURIComponent;

export const getServer = () => ask<Server>("/server");
export const getFrameworks = () => ask<{ frameworks: Framework[] }>("/frameworks").then((r) => r.frameworks);
export const getMe = () => ask<Me>("/me");
export const putMe = (name: string) => ask<Me>("/me", { method: "PUT", body: { name } });

export interface Uploaded {
  document: Doc;
  review: Review | null;
}

export const listDocuments = (cursor: string | null, signal?: AbortSignal) =>
  ask<{ documents: Doc[]; next: string | null }>(`/documents?limit=50${cursor ? `&cursor=${seg(cursor)}` : ""}`, { signal });
export const getDocument = (id: string, signal?: AbortSignal) => ask<Doc>(`/documents/${seg(id)}`, { signal });
export const deleteDocument = (id: string) => ask<void>(`/documents/${seg(id)}`, { method: "DELETE" });
export const getContent = (id: string, signal?: AbortSignal) => ask<Content>(`/documents/${seg(id)}/content`, { signal });

export const getSections = (id: string, signal?: AbortSignal) => ask<Pick<Content, "proposed_sections">>(`/documents/${seg(id)}/sections`, { signal });

export const listReviews = (document: string, signal?: AbortSignal) =>
  ask<{ reviews: Review[] }>(`/documents/${seg(document)}/reviews`, { signal }).then((r) => r.reviews);
export interface ReviewOptions {
  framework?: string; // empty: the one that fits
  guidelines?: string; // empty: none, also where the document has some
  with_framework?: boolean; // true by default
  model?: boolean; // true by default
}
export const startReview = (document: string, options: ReviewOptions) => ask<Review>(`/documents/${seg(document)}/reviews`, { method: "POST", body: options });
export const getReview = (id: string, signal?: AbortSignal) => ask<Review>(`/reviews/${seg(id)}`, { signal });
export const cancelReview = (id: string) => ask<Review>(`/reviews/${seg(id)}/cancel`, { method: "POST" });

interface FindingPage {
  findings: Finding[];
  next: string | null;
}

// All of them, in the server's order by risk (within a risk it knows what you accept more often): filters, counts and the marks in the document work on the whole set, without asking again.
export async function allFindings(review: string, signal?: AbortSignal): Promise<Finding[]> {
  const all: Finding[] = [];
  let cursor: string | null = null;
  do {
    const page: FindingPage = await ask<FindingPage>(`/reviews/${seg(review)}/findings?limit=1000&sort=risk${cursor ? `&cursor=${seg(cursor)}` : ""}`, {
      signal,
    });
    all.push(...page.findings);
    cursor = page.next;
  } while (cursor);
  return all;
}

export const getFinding = (id: string) => ask<Finding>(`/findings/${seg(id)}`);
export const addFinding = (review: string, body: NewFinding) => ask<Finding>(`/reviews/${seg(review)}/findings`, { method: "POST", body });
export const editFinding = (id: string, body: Partial<FindingText> & { version: number }) =>
  ask<Finding>(`/findings/${seg(id)}`, { method: "PATCH", body });
export const deleteFinding = (id: string) => ask<void>(`/findings/${seg(id)}`, { method: "DELETE" });

export interface Choice {
  decision: Decision;
  note?: string;
  dismiss?: DismissalScope;
  version?: number;
}

export const decideOne = (id: string, choice: Choice) => ask<Finding>(`/findings/${seg(id)}/decision`, { method: "PUT", body: choice });
export const decideMany = (review: string, ids: string[], decision: Decision) =>
  ask<{ changed: number; findings: Finding[]; action: string | null }>(`/reviews/${seg(review)}/decisions`, {
    method: "POST",
    body: { decision, ids },
  });

export interface Undone {
  undone: { kind: "decide" | "edit" | "add" | "delete"; at: string };
  findings: Finding[];
}
export const undo = (review: string) => ask<Undone>(`/reviews/${seg(review)}/undo`, { method: "POST" });

export interface ExportOptions {
  format: ExportFormat;
  include: ExportInclude;
  tracked_changes: boolean;
  summary: boolean;
}
export const startExport = (review: string, options: ExportOptions) =>
  ask<Export>(`/reviews/${seg(review)}/exports`, { method: "POST", body: options });
export const listExports = (review: string, signal?: AbortSignal) =>
  ask<{ exports: Export[] }>(`/reviews/${seg(review)}/exports`, { signal }).then((r) => r.exports);
export const getExport = (id: string) => ask<Export>(`/exports/${seg(id)}`);
export const retryExport = (id: string) => ask<Export>(`/exports/${seg(id)}/retry`, { method: "POST" });
export const exportFile = (id: string) => at(`/api/v1/exports/${seg(id)}/file`);
export const documentFile = (id: string) => at(`/api/v1/documents/${seg(id)}/file`);

export const getActivity = (document: string, before: number | null, signal?: AbortSignal) =>
  ask<{ events: ActivityEvent[]; next: number | null }>(
    `/documents/${seg(document)}/activity?limit=50${before === null ? "" : `&before=${before}`}`,
    { signal },
  );
