// What servers of OpenAI's chat completions say when they say no. They agree on the path and not on the words: one form for OpenAI, one each
// for llama.cpp, Ollama and vLLM (setting "like").

const openai = {
  bad_request: [400, "invalid_request_error", null, "Invalid value for 'messages'."],
  too_long: [400, "invalid_request_error", "context_length_exceeded", "This model's maximum context length is 128000 tokens. However, your messages resulted in 214523 tokens. Please reduce the length of the messages."],
  bad_key: [401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."],
  no_access: [403, "invalid_request_error", "model_not_found", "Project does not have access to this model."],
  not_found: [404, "invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."],
  no_tools: [400, "invalid_request_error", "unsupported_parameter", "tools is not supported with this model."],
  no_schema: [400, "invalid_request_error", null, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."],
  too_large: [413, "invalid_request_error", null, "Request too large."],
  throttled: [429, "requests", "rate_limit_exceeded", "Rate limit reached for requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 2s.", { "retry-after": 2, "retry-after-ms": 2000, "x-ratelimit-limit-requests": 3, "x-ratelimit-remaining-requests": 0, "x-ratelimit-reset-requests": "2s" }],
  throttled_tokens: [429, "tokens", "rate_limit_exceeded", "Rate limit reached for tokens per min (TPM): Limit 30000, Used 29000, Requested 4000. Please try again in 6s.", { "retry-after": 6, "retry-after-ms": 6000, "x-ratelimit-limit-tokens": 30000, "x-ratelimit-remaining-tokens": 0, "x-ratelimit-reset-tokens": "6s" }],
  quota: [429, "insufficient_quota", "insufficient_quota", "You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors."],
  internal: [500, "server_error", null, "The server had an error while processing your request. Sorry about that!"],
  unavailable: [503, "server_error", null, "That model is currently overloaded with other requests. You can retry your request."],
  overloaded: [503, "service_unavailable_error", "slow_down", "The engine is currently overloaded, please try again later"],
  loading: [503, "server_error", null, "The model is being loaded."],
};

const others = {
  "llama.cpp": {
    too_long: [400, "exceed_context_size_error", "request (14429 tokens) exceeds the available context size (8192 tokens), try increasing it"],
    bad_key: [401, "authentication_error", "Invalid API Key"],
    no_tools: [500, "server_error", "tools param requires --jinja flag"],
    loading: [503, "unavailable_error", "Loading model"],
  },
  ollama: {
    not_found: [404, "not_found_error", 'model "unknown" not found, try pulling it first'],
    no_tools: [400, "api_error", "registry.ollama.ai/library/unknown does not support tools"],
    overloaded: [503, "api_error", "server busy, please try again.  maximum pending requests exceeded"],
  },
  vllm: {
    too_long: [400, "BadRequestError", "This model's maximum context length is 8192 tokens. However, you requested 14429 tokens in the messages. Please reduce the length of the messages."],
    bad_key: [401, "Unauthorized", "Unauthorized"],
    not_found: [404, "NotFoundError", "The model `unknown` does not exist."],
    no_tools: [400, "BadRequestError", '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
  },
};

export const names = Object.keys(openai);
export const streamNames = ["internal", "overloaded", "too_long"];
export const likes = ["openai", ...Object.keys(others)];

function partsOf(kind, like) {
  const [status, type, code, text, headers] = openai[kind];
  const own = others[like]?.[kind];
  return own ? { status: own[0], type: own[1], code, text: own[2], headers } : { status, type, code, text, headers };
}

function bodyOf({ status, type, code, text }, like) {
  if (like === "llama.cpp") return { error: { code: status, message: text, type, ...(type === "exceed_context_size_error" ? { n_prompt_tokens: 14429, n_ctx: 8192 } : {}) } };
  if (like === "vllm" && type === "Unauthorized") return { error: text };
  if (like === "vllm") return { error: { message: text, type, param: null, code: status } };
  return { error: { message: text, type, param: null, code } };
}

export function failure(kind, { like }, { message } = {}) {
  const it = partsOf(kind, like);
  return { status: it.status, headers: like === "openai" ? it.headers : {}, body: bodyOf({ ...it, text: message ?? it.text }, like) };
}

export function streamFailure(kind, { like }) {
  return Buffer.from(`data: ${JSON.stringify(bodyOf(partsOf(kind, like), like))}\n\n`);
}
