// Sends one file, and tells how many of its bytes have left. fetch cannot tell that, so this is an XMLHttpRequest.
import type { Uploaded } from "./client";
import { ApiError, OfflineError, problemFrom } from "./http";
import type { Guidelines } from "./types";
import { at } from "../base";

export interface Upload {
  readonly done: Promise<Uploaded>;
  cancel(): void;
}

export interface UploadOptions {
  framework: string; // empty: the one that fits
  neverSend: boolean;
  review: boolean; // at once; else it is only stored
}

export function upload(file: File, { framework, neverSend, review }: UploadOptions, onProgress: (sent: number, total: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<Uploaded>((resolve, reject) => {
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded, event.total);
    };
    request.onload = () => {
      if (request.status !== 201) reject(problemFrom(request.status, request.responseText));
      else resolve(JSON.parse(request.responseText) as Uploaded);
    };
    request.onerror = () => reject(new OfflineError());
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    const form = new FormData();
    if (framework) form.append("framework", framework);
    if (neverSend) form.append("never_send", "true");
    if (!review) form.append("review", "false");
    form.append("file", file, file.name);
    request.open("POST", at("/api/v1/documents"));
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}

export async function uploadGuidelines(file: File): Promise<Guidelines> {
  const form = new FormData();
  form.append("name", file.name.replace(/\.[^.]+$/, ""));
  form.append("file", file, file.name);
  const answer = await fetch(at("/api/v1/guidelines"), { method: "POST", body: form }).catch(() => {
    throw new OfflineError();
  });
  const text = await answer.text();
  if (!answer.ok) throw problemFrom(answer.status, text);
  return JSON.parse(text) as Guidelines;
}

// What can be known without sending it; null: nothing speaks against it.
export function refusal(file: File, maxBytes: number, size: (bytes: number) => string): ApiError | null {
  const extension = /\.([^.]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? "";
  if (extension && OTHERS[extension]) return said("not_docx", `This is ${OTHERS[extension]}, not a Word document (.docx).`, HINTS[extension] ?? SAVE_AS);
  if (file.size === 0) return said("empty_file", "This file is empty.", "Choose the file again; if it comes from a download, download it again.");
  if (file.size > maxBytes)
    return said("too_large", `This file has ${size(file.size)}; up to ${size(maxBytes)} is accepted.`, "Compress or remove its images, or split it.");
  return null;
}

const SAVE_AS = "Save it as a Word document (.docx) and choose that.";
const HINTS: Record<string, string> = {
  doc: "Open it in Word or LibreOffice, choose “Save as” and the type “Word document (.docx)”, and choose that.",
};
const OTHERS: Record<string, string> = {
  doc: "a document in Word’s old format (.doc)",
  pdf: "a PDF",
  odt: "an OpenDocument text (.odt)",
  rtf: "a rich text file (.rtf)",
  txt: "a plain text file",
  md: "a Markdown file",
  pages: "a Pages document",
  xlsx: "an Excel workbook",
  xls: "an Excel workbook",
  pptx: "a PowerPoint presentation",
  ppt: "a PowerPoint presentation",
  zip: "a zip archive",
  png: "an image",
  jpg: "an image",
  jpeg: "an image",
};

function said(reason: string, detail: string, hint: string): ApiError {
  return new ApiError({ title: "", status: 0, detail, hint, reason, request_id: "" });
}
