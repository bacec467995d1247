// What Anthropic's Messages API says when it says no, and the headers that come with it.
import { randomBytes } from "node:crypto";

const kinds = {
  bad_request: [400, "invalid_request_error", "messages: Field required"],
  too_long: [400, "invalid_request_error", "prompt is too long: 214523 tokens > 200000 maximum"],
  credit: [400, "invalid_request_error", "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."],
  bad_key: [401, "authentication_error", "invalid x-api-key"],
  billing: [402, "billing_error", "There is an issue with your organization's billing. Please check your payment details."],
  no_access: [403, "permission_error", "Your API key does not have permission to use the specified resource."],
  not_found: [404, "not_found_error", (model) => `model: ${model}`],
  too_large: [413, "request_too_large", "Request exceeds the maximum size"],
  throttled: [429, "rate_limit_error", "This request would exceed your organization's rate limit of 50 requests per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits.", 7],
  throttled_tokens: [429, "rate_limit_error", "This request would exceed your organization's rate limit of 30,000 input tokens per minute. For details, refer to: https://docs.claude.com/en/api/rate-limits.", 12],
  internal: [500, "api_error", "Internal server error"],
  unavailable: [503, "api_error", "Service Unavailable"],
  timeout: [504, "timeout_error", "The request timed out while processing."],
  overloaded: [529, "overloaded_error", "Overloaded"],
};

export const names = Object.keys(kinds);
export const streamNames = ["internal", "overloaded", "throttled", "bad_request", "timeout"];

export const requestId = () => `req_${randomBytes(12).toString("hex")}`;

// The limits as the API tells them with each answer; retryAfter in seconds when a request was one too many.
export function limits(retryAfter) {
  const reset = new Date(Date.now() + 1000 * (retryAfter ?? 1)).toISOString().replace(/\.\d+/, "");
  const out = { "request-id": requestId() };
  for (const [name, limit] of [["requests", 50], ["tokens", 38000], ["input-tokens", 30000], ["output-tokens", 8000]])
    Object.assign(out, { [`anthropic-ratelimit-${name}-limit`]: limit, [`anthropic-ratelimit-${name}-remaining`]: retryAfter ? 0 : limit - 1, [`anthropic-ratelimit-${name}-reset`]: reset });
  return retryAfter ? { ...out, "retry-after": retryAfter } : out;
}

const bodyOf = (type, message, id) => ({ type: "error", error: { type, message }, request_id: id });

export function failure(kind, settings, { message, ask } = {}) {
  const [status, type, text, retryAfter] = kinds[kind];
  const headers = { ...limits(retryAfter), "x-should-retry": String(status >= 429) };
  return { status, headers, body: bodyOf(type, message ?? (typeof text === "function" ? text(ask?.model ?? "unknown") : text), headers["request-id"]) };
}

export function streamFailure(kind) {
  const [, type, text] = kinds[kind];
  return Buffer.from(`event: error\ndata: ${JSON.stringify(bodyOf(type, text, requestId()))}\n\n`);
}
