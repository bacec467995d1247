// ConverseStream's frames, written by @smithy/eventstream-codec, and Converse's answer in one piece.
import { EventStreamCodec } from "@smithy/eventstream-codec";
import { pieces, wordsOf } from "./answer.mjs";
import { exception } from "./bedrock_errors.mjs";

const codec = new EventStreamCodec((bytes) => Buffer.from(bytes).toString(), (text) => new Uint8Array(Buffer.from(text)));

function frame(kind, type, payload) {
  const said = { [kind === "event" ? ":event-type" : ":exception-type"]: type, ":content-type": "application/json", ":message-type": kind };
  const headers = Object.fromEntries(Object.entries(said).map(([name, value]) => [name, { type: "string", value }]));
  return Buffer.from(codec.encode({ headers, body: new Uint8Array(Buffer.from(JSON.stringify(payload))) }));
}

// AWS pads the deltas so that their length tells nothing of the words; a reader must not mind the field.
const padding = (text) => "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".slice(0, 1 + ((text.length * 7) % 61));

const delta = {
  text: (text) => ({ text }),
  tool: (input) => ({ toolUse: { input } }),
  thinking: (text) => ({ reasoningContent: { text } }),
};

function usageOf({ input, output, cacheRead, cacheWrite }) {
  return { inputTokens: input, outputTokens: output, totalTokens: input + output + cacheRead + cacheWrite, cacheReadInputTokens: cacheRead, cacheWriteInputTokens: cacheWrite };
}

export function* stream(ask, answer, pieceChars) {
  const event = (type, payload, piece = false) => ({ bytes: frame("event", type, { ...payload, p: padding(type) }), piece });
  yield event("messageStart", { role: "assistant" });
  for (const [contentBlockIndex, block] of answer.blocks.entries()) {
    if (block.type === "tool") yield event("contentBlockStart", { start: { toolUse: { toolUseId: `tooluse_${block.id}`, name: block.name } }, contentBlockIndex });
    for (const piece of pieces(wordsOf(block), pieceChars)) yield event("contentBlockDelta", { delta: delta[block.type](piece), contentBlockIndex }, true);
    if (block.type === "thinking") yield event("contentBlockDelta", { delta: { reasoningContent: { signature: block.signature } }, contentBlockIndex });
    yield event("contentBlockStop", { contentBlockIndex });
  }
  yield event("messageStop", { stopReason: answer.stop });
  yield event("metadata", { usage: usageOf(answer.usage), metrics: { latencyMs: 1 } });
}

// The same bytes with one that is wrong: of the prelude's checksum, or of the payload.
export function spoil(bytes, of) {
  const out = Buffer.from(bytes);
  out[of === "prelude" ? 8 : out.length - 6] ^= 1;
  return out;
}

export function streamFailure(kind) {
  const { name, payload } = exception(kind);
  return frame("exception", name, payload);
}

function parsedInput(json) {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const content = {
  text: ({ text }) => ({ text }),
  tool: ({ id, name, json }) => ({ toolUse: { toolUseId: `tooluse_${id}`, name, input: parsedInput(json) } }),
  thinking: ({ text, signature }) => ({ reasoningContent: { reasoningText: { text, signature } } }),
};

// A tool's input that is not JSON cannot be given in this form: the block is left out and the stop says why.
export function whole(ask, answer) {
  const good = answer.blocks.filter((block) => block.type !== "tool" || parsedInput(block.json) !== undefined);
  const stopReason = good.length === answer.blocks.length || answer.stop === "max_tokens" ? answer.stop : "malformed_tool_use";
  return { output: { message: { role: "assistant", content: good.map((b) => content[b.type](b)) } }, stopReason, usage: usageOf(answer.usage), metrics: { latencyMs: 1 } };
}
