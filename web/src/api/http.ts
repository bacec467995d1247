// One way to ask the server. A failure is one of two things: the server said no (ApiError, with its sentence), or nothing came back (OfflineError),
// and only the second is worth trying again by itself.
import type { Problem } from "./types";
import { at } from "../base";

export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly hint: string;
  readonly requestId: string;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ApiError";
    this.status = problem.status;
    this.reason = problem.reason;
    this.hint = problem.hint;
    this.requestId = problem.request_id;
  }
}

export class OfflineError extends Error {
  constructor() {
    super("The server cannot be reached.");
    this.name = "OfflineError";
  }
}

// Worth trying again without changing anything: nothing came back, or the server is not well for the moment.
export function isTransient(error: unknown): boolean {
  return error instanceof OfflineError || (error instanceof ApiError && (error.status === 429 || error.status >= 500));
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "reason" in body && "status" in body;
}

export function problemFrom(status: number, text: string): ApiError {
  try {
    const body: unknown = JSON.parse(text);
    if (isProblem(body)) return new ApiError(body);
  } catch {
    // a proxy's page, say
  }
  return new ApiError({
    title: "",
    status,
    detail: `The server answered with status ${status}.`,
    hint: "Try again; if it stays so, tell whoever runs the server.",
    reason: "unknown",
    request_id: "",
  });
}

const TIMEOUT_MS = 30_000;

// What an administrator shows with each request; it lasts as long as the page.
let token = "";
export const setToken = (value: string) => (token = value);

export interface Ask {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  signal?: AbortSignal;
  timeoutMs?: number;
}

export async function ask<T>(path: string, { method = "GET", body, signal, timeoutMs = TIMEOUT_MS }: Ask = {}): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(at(`/api/v1${path}`), {
      method,
      headers: { ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...(token ? { Authorization: `Bearer ${token}` } : {}) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new OfflineError();
  }
  if (!response.ok) throw problemFrom(response.status, text);
  return (text === "" ? undefined : JSON.parse(text)) as T;
}
