// A fake Anthropic Messages API for tests: streamed (SSE) or in one piece, answering by a script (README.md). It refuses what the API refuses,
// by the version that the request names: 2023-06-01, and 2026-10-21, which has no temperature, top_p and top_k.
//   POST /v1/messages   GET /v1/models
import { failure, limits, names, requestId, streamFailure, streamNames } from "./fakes/anthropic_errors.mjs";
import { pieces, wordsOf } from "./fakes/answer.mjs";
import { finish, prefixesOf, refusedByModel, turnsWrong } from "./fakes/ask.mjs";
import { serve } from "./fakes/serve.mjs";

const settings = {
  keys: ["sk-ant-example"], // x-api-key, or Authorization: Bearer
  models: [], // ids that there are; any when empty
};

const versions = ["2023-06-01", "2026-10-21"];

function admit(request, raw, { keys }) {
  const key = request.headers["x-api-key"] ?? request.headers.authorization?.replace(/^Bearer /, "");
  const auth = { kind: request.headers["x-api-key"] ? "x-api-key" : key ? "bearer" : "none" };
  if (key === undefined) return { auth, refused: { kind: "bad_key", message: "x-api-key header is required" } };
  if (!keys.includes(key)) return { auth, refused: { kind: "bad_key" } };
  const version = request.headers["anthropic-version"];
  if (versions.includes(version)) return { auth };
  return { auth, refused: { kind: "bad_request", message: version ? `anthropic-version: "${version}" is not a valid version` : "anthropic-version: header is required" } };
}

function textOf(block) {
  const inner = block.type === "tool_result" ? block.content : block.source?.content;
  if (typeof inner === "string") return [inner];
  return [block.text, block.source?.data, ...(inner ?? []).flatMap(textOf)].filter((t) => typeof t === "string");
}

const blocksOf = (content) => (typeof content === "string" ? [{ type: "text", text: content }] : (content ?? []));

function ask(request, body, url) {
  if (url.pathname !== "/v1/messages" || request.method !== "POST") return { refused: { kind: "not_found", message: "Not Found" } };
  if (!body || typeof body !== "object") return { refused: { kind: "bad_request", message: "The request body is not valid JSON" } };
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const blocks = messages.flatMap((m) => blocksOf(m.content));
  const system = blocksOf(body.system);
  const tools = body.tools ?? [];
  const all = [...tools, ...system, ...blocks];
  const point = (item) => Boolean(item.cache_control);
  const choice = body.tool_choice;
  return finish({
    version: request.headers["anthropic-version"], model: body.model ?? "", path: url.pathname, stream: body.stream === true, body, messages,
    system: system.map((s) => s.text).join("\n"), text: blocks.flatMap(textOf).join("\n"),
    tools: tools.map((t) => ({ name: t.name, schema: t.input_schema })), forced: choice?.type === "tool" ? choice.name : choice?.type === "any" ? "any" : undefined,
    format: body.output_config?.format?.schema, maxTokens: body.max_tokens, temperature: body.temperature, topP: body.top_p, thinking: body.thinking,
    prefixes: prefixesOf(all, point), points: all.filter(point).length,
  });
}

const turns = { none: "messages: at least one message is required", start: "messages: first message must use the \"user\" role" };

function refuse(it, { models }) {
  if (models.length && !models.includes(it.model)) return { kind: "not_found" };
  const bad = (message) => ({ kind: "bad_request", message });
  if (!it.body.model) return bad("model: Field required");
  if (!(it.maxTokens >= 1)) return bad(it.maxTokens === undefined ? "max_tokens: Field required" : "max_tokens: Input should be greater than or equal to 1");
  const turn = turns[turnsWrong(it.messages)]; // turns of the same role are joined here, not refused
  if (turn) return bad(turn);
  if (it.messages.some((m) => blocksOf(m.content).some((b) => b.type === "text" && !b.text))) return bad("messages: text content blocks must be non-empty");
  const removed = it.version === "2023-06-01" ? undefined : ["temperature", "top_p", "top_k"].find((name) => it.body[name] !== undefined);
  if (removed) return bad(`${removed}: Extra inputs are not permitted`);
  const own = refusedByModel(it);
  return own ? bad(own) : undefined;
}

const start = {
  text: () => ({ type: "text", text: "" }),
  tool: ({ id, name }) => ({ type: "tool_use", id: `toolu_${id}`, name, input: {} }),
  thinking: () => ({ type: "thinking", thinking: "", signature: "" }),
};
const delta = {
  text: (text) => ({ type: "text_delta", text }),
  tool: (partial_json) => ({ type: "input_json_delta", partial_json }),
  thinking: (thinking) => ({ type: "thinking_delta", thinking }),
};

const usageOf = ({ input, cacheRead, cacheWrite, output }) => ({ input_tokens: input, cache_creation_input_tokens: cacheWrite, cache_read_input_tokens: cacheRead, output_tokens: output, service_tier: "standard" });
const messageOf = (it, usage) => ({ id: `msg_${requestId().slice(4)}`, type: "message", role: "assistant", model: it.model, content: [], stop_reason: null, stop_sequence: null, usage: usageOf(usage) });

function* stream(it, answer, pieceChars) {
  const event = (type, data, piece = false) => ({ bytes: Buffer.from(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`), piece });
  yield event("message_start", { message: messageOf(it, { ...answer.usage, output: 1 }) });
  for (const [index, block] of answer.blocks.entries()) {
    yield event("content_block_start", { index, content_block: start[block.type](block) });
    if (index === 0) yield event("ping", {});
    for (const piece of pieces(wordsOf(block), pieceChars)) yield event("content_block_delta", { index, delta: delta[block.type](piece) }, true);
    if (block.type === "thinking") yield event("content_block_delta", { index, delta: { type: "signature_delta", signature: block.signature } });
    yield event("content_block_stop", { index });
  }
  yield event("message_delta", { delta: { stop_reason: answer.stop, stop_sequence: null }, usage: { output_tokens: answer.usage.output } });
  yield event("message_stop", {});
}

function inputOf(json) {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

const content = {
  text: ({ text }) => ({ type: "text", text }),
  tool: ({ id, name, json }) => ({ type: "tool_use", id: `toolu_${id}`, name, input: inputOf(json) }),
  thinking: ({ text, signature }) => ({ type: "thinking", thinking: text, signature }),
};

function whole(it, answer) {
  return { ...messageOf(it, answer.usage), content: answer.blocks.map((block) => content[block.type](block)), stop_reason: answer.stop };
}

function listed(request, url, { models }) {
  if (request.method !== "GET" || url.pathname !== "/v1/models") return undefined;
  const data = models.map((id) => ({ type: "model", id, display_name: id, created_at: "2025-09-29T00:00:00Z" }));
  return { status: 200, body: { data, has_more: false, first_id: models[0] ?? null, last_id: models.at(-1) ?? null } };
}

serve({
  settings, kinds: names, streamKinds: streamNames, checksums: false, streamType: "text/event-stream; charset=utf-8",
  headers: () => limits(), ping: Buffer.from('event: ping\ndata: {"type": "ping"}\n\n'),
  admit, listed, ask, refuse, failure, stream, streamFailure, whole,
});
