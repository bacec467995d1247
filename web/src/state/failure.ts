// An error as the page shows it: what was wrong, what to do, and the number under which the server's log has it.
import { ApiError, OfflineError } from "../api/http";

export interface Failure {
  text: string;
  hint: string;
  requestId: string;
  reason: string;
}

export function failure(error: unknown): Failure {
  if (error instanceof ApiError) return { text: error.message, hint: error.hint, requestId: error.requestId, reason: error.reason };
  if (error instanceof OfflineError)
    return { text: error.message, hint: "Check the connection, or whether prism is still running; then try again.", requestId: "", reason: "offline" };
  return { text: error instanceof Error ? error.message : String(error), hint: "Reload the page.", requestId: "", reason: "page" };
}
