// A fake server of OpenAI's chat completions for tests, as llama.cpp, Ollama and vLLM have them too: streamed (SSE) or in one piece, with
// tools and schemas or without, answering by a script (README.md).
//   POST /v1/chat/completions   GET /v1/models   GET /health
import { pieces, wordsOf } from "./fakes/answer.mjs";
import { finish } from "./fakes/ask.mjs";
import { failure, likes, names, streamFailure, streamNames } from "./fakes/openai_errors.mjs";
import { serve } from "./fakes/serve.mjs";

const settings = {
  keys: [], // good bearer keys; none is needed when empty
  models: ["local-model"], // what /v1/models lists; a request for another is refused
  like: "openai", // whose errors and whose small ways: openai, llama.cpp, ollama, vllm
  tools: true, // false: a request with tools is refused
  schemas: true, // false: a response_format of json_schema is refused
  done: true, // false: no [DONE] at the end
};

function admit(request, raw, { keys }) {
  const key = request.headers.authorization?.replace(/^Bearer /, "");
  const auth = { kind: key === undefined ? "none" : "bearer" };
  return !keys.length || keys.includes(key) ? { auth } : { auth, refused: { kind: "bad_key" } };
}

function listed(request, url, { models }) {
  if (request.method !== "GET") return undefined;
  if (url.pathname === "/health") return { status: 200, body: { status: "ok" } };
  if (url.pathname === "/v1/models") return { status: 200, body: { object: "list", data: models.map((id) => ({ id, object: "model", created: 1764115200, owned_by: "local" })) } };
  return undefined;
}

const textOf = ({ content }) => (typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("\n"));
const ofSystem = ({ role }) => role === "system" || role === "developer";

function ask(request, body, url) {
  if (url.pathname !== "/v1/chat/completions" || request.method !== "POST") return { refused: { kind: "not_found", message: `Invalid URL (${request.method} ${url.pathname})` } };
  if (!body || typeof body !== "object") return { refused: { kind: "bad_request", message: "We could not parse the JSON body of your request." } };
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const choice = body.tool_choice;
  return finish({
    model: body.model ?? "", path: url.pathname, stream: body.stream === true, body, messages,
    system: messages.filter(ofSystem).map(textOf).join("\n"), text: messages.filter((m) => !ofSystem(m)).map(textOf).join("\n"),
    tools: (body.tools ?? []).map((t) => ({ name: t.function?.name, schema: t.function?.parameters })),
    forced: choice?.function?.name ?? (choice === "required" ? "any" : undefined), format: body.response_format?.json_schema?.schema,
    maxTokens: body.max_completion_tokens ?? body.max_tokens, prefixes: [], points: 0,
  });
}

function refuse({ model, body, messages, tools }, { models, tools: withTools, schemas }) {
  if (!messages.length) return { kind: "bad_request", message: "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead." };
  if (!models.includes(model)) return { kind: "not_found", message: `The model '${model}' does not exist` };
  if (tools.length && !withTools) return { kind: "no_tools" };
  const format = body.response_format;
  if (format?.type === "json_schema" && !schemas) return { kind: "no_schema" };
  if (format?.type === "json_schema" && !/^[a-zA-Z0-9_-]{1,64}$/.test(format.json_schema?.name ?? "")) return { kind: "bad_request", message: "Invalid 'response_format.json_schema.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'." };
  if (body.stream_options && !body.stream) return { kind: "bad_request", message: "The 'stream_options' parameter is only allowed when 'stream' is enabled." };
  return undefined;
}

const finish_reason = { end_turn: "stop", stop_sequence: "stop", tool_use: "tool_calls", max_tokens: "length" };
const usageOf = ({ input, output, cacheRead }) => ({ prompt_tokens: input + cacheRead, completion_tokens: output, total_tokens: input + cacheRead + output, prompt_tokens_details: { cached_tokens: cacheRead } });

let made = 0;
const head = (it, object) => ({ id: `chatcmpl-${++made}`, object, created: Math.floor(Date.now() / 1000), model: it.model });
const call = (block) => ({ id: `call_${block.id}`, type: "function", function: { name: block.name, arguments: block.json } });

function* deltas(blocks, pieceChars) {
  let index = -1;
  for (const block of blocks) {
    if (block.type === "tool") yield [{ tool_calls: [{ index: ++index, ...call({ ...block, json: "" }) }] }, false];
    for (const piece of pieces(wordsOf(block), pieceChars))
      yield [block.type === "tool" ? { tool_calls: [{ index, function: { arguments: piece } }] } : block.type === "text" ? { content: piece } : { reasoning_content: piece }, true];
  }
}

function* stream(it, answer, pieceChars, { like, done }) {
  const same = head(it, "chat.completion.chunk");
  const withUsage = it.body.stream_options?.include_usage === true;
  const chunk = (fields, piece = false) => ({ bytes: Buffer.from(`data: ${JSON.stringify({ ...same, ...fields, ...(withUsage && like === "openai" && !fields.usage ? { usage: null } : {}) })}\n\n`), piece });
  const choice = (delta, reason = null) => ({ choices: [{ index: 0, delta, logprobs: null, finish_reason: reason }] });
  yield chunk(choice({ role: "assistant", content: like === "openai" ? "" : null }));
  for (const [delta, piece] of deltas(answer.blocks, pieceChars)) yield chunk(choice(delta), piece);
  yield chunk(choice({}, finish_reason[answer.stop] ?? answer.stop));
  if (withUsage) yield chunk({ choices: [], usage: usageOf(answer.usage) });
  if (done) yield { bytes: Buffer.from("data: [DONE]\n\n"), piece: false };
}

function whole(it, answer) {
  const tools = answer.blocks.filter((block) => block.type === "tool").map(call);
  const text = answer.blocks.filter((block) => block.type === "text").map(wordsOf).join("");
  const message = { role: "assistant", content: text || null, refusal: null, ...(tools.length ? { tool_calls: tools } : {}) };
  return { ...head(it, "chat.completion"), choices: [{ index: 0, message, logprobs: null, finish_reason: finish_reason[answer.stop] ?? answer.stop }], usage: usageOf(answer.usage) };
}

serve({
  settings, kinds: names, streamKinds: streamNames, checksums: false, streamType: "text/event-stream; charset=utf-8",
  wrongSettings: ({ like }) => (likes.includes(like) ? "" : `"like" is one of ${likes.join(", ")}`),
  ping: Buffer.from(": keep-alive\n\n"), admit, listed, ask, refuse, failure, stream, streamFailure, whole,
});
