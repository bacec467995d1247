// An error as the page shows it: what was wrong, what to do, and the number under which the server's log has it.
import { ApiError, isTransient, OfflineError } from "../api/http";

export interface Failure {
  text: string;
  hint: string;
  requestId: string;
  reason: string;
  transient: boolean; // trying again may help without changing anything
}

export function failure(error: unknown): Failure {
  const transient = isTransient(error);
  // the number is of use where the server is at fault; where the file or the request is, the sentence says all
  if (error instanceof ApiError)
    return { text: error.message, hint: error.hint, requestId: error.status >= 500 ? error.requestId : "", reason: error.reason, transient };
  if (error instanceof OfflineError)
    return { text: error.message, hint: "Check the connection, or whether prism is still running; then try again.", requestId: "", reason: "offline", transient };
  return { text: error instanceof Error ? error.message : String(error), hint: "Reload the page.", requestId: "", reason: "page", transient };
}
