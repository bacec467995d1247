// From a step of the script and a request to an answer, in words that are no provider's: blocks, a stop and what was used. The limit of tokens
// that the request sets is kept, as a real model keeps it, unless the step says ignoreMaxTokens.
import Ajv2020 from "ajv/dist/2020.js";
import { review } from "./finder.mjs";

export const tokensOf = (text) => Math.ceil(text.length / 4);

const ascii = (json) => json.replace(/[\u007f-\uffff]/g, (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
const long = (it) => (typeof it === "string" ? it : it.repeat.repeat(Math.ceil((it.tokens * 4) / it.repeat.length)).slice(0, it.tokens * 4).replace(/[\ud800-\udbff]$/, ""));

let made = 0;
const nextId = () => String(++made).padStart(6, "0");

function toolBlock(ask, { name, input, raw, ascii: plain }) {
  const json = raw ?? (plain ? ascii : String)(JSON.stringify(input ?? {}));
  return { type: "tool", id: nextId(), name: name ?? ask.forced ?? ask.tools[0]?.name ?? "unnamed", json };
}

// Where the request has no tool, structured output is text, with a fence round it where it has no schema either.
function structured(ask, { input, cut }, plain) {
  const whole = (plain ? ascii : String)(JSON.stringify(input));
  const json = cut === undefined ? whole : whole.slice(0, Math.floor(whole.length * cut)).replace(/[\ud800-\udbff]$/, "");
  if (ask.tools.length) return toolBlock(ask, { name: ask.schemaTool, raw: json });
  return { type: "text", text: ask.schema ? json : "Here are the findings:\n```json\n" + json + "\n```\n" };
}

// Compiling a schema takes ten times as long as all else of an answer, and most requests bring the same.
const compiled = new Map();

function validator(schema) {
  const key = JSON.stringify(schema);
  if (!compiled.has(key)) {
    if (compiled.size >= 100) compiled.clear();
    compiled.set(key, new Ajv2020({ strict: false, validateFormats: false }).compile(schema));
  }
  return compiled.get(key);
}

function misfit(ask, input) {
  if (!ask.schema) return undefined;
  const fits = validator(ask.schema);
  return fits(input) ? undefined : fits.errors.map((e) => `${e.instancePath} ${e.message}`).join(", ");
}

function blocksOf(step, ask) {
  const out = { blocks: [], cut: false };
  if (step.thinking !== undefined) out.blocks.push({ type: "thinking", text: step.thinking, signature: `sig-${nextId()}` });
  for (const it of step.blocks ?? [step]) {
    if (it.thinking !== undefined && step.blocks) out.blocks.push({ type: "thinking", text: it.thinking, signature: `sig-${nextId()}` });
    if (it.text !== undefined) out.blocks.push({ type: "text", text: long(it.text) });
    if (it.tool !== undefined) out.blocks.push(toolBlock(ask, it.tool));
  }
  if (step.findings) {
    const made = review(ask, step.findings);
    out.misfit = misfit(ask, made.input);
    out.cut = made.cut !== undefined;
    out.blocks.push(structured(ask, made, step.findings.ascii));
  }
  return out;
}

const field = { text: "text", thinking: "text", tool: "json" };
export const wordsOf = (block) => block[field[block.type]];

function limit(blocks, tokens) {
  let room = tokens * 4;
  const kept = [];
  for (const block of blocks) {
    const whole = wordsOf(block);
    if (room <= 0) break;
    kept.push({ ...block, [field[block.type]]: whole.slice(0, room).replace(/[\ud800-\udbff]$/, "") });
    room -= whole.length;
  }
  return kept;
}

// { blocks, stop, usage: { input, output, cacheRead, cacheWrite }, misfit }. cached: what the cache says of this request.
export function answer(step, ask, cached) {
  const { blocks, cut, misfit: wrong } = blocksOf(step, ask);
  const whole = blocks.reduce((n, block) => n + tokensOf(wordsOf(block)), 0);
  const most = step.ignoreMaxTokens ? Infinity : (ask.maxTokens ?? Infinity);
  const stop = step.stop ?? (whole > most || cut ? "max_tokens" : blocks.some((b) => b.type === "tool") ? "tool_use" : "end_turn");
  const usage = { input: Math.max(1, ask.tokens - cached.read - cached.write), output: Math.min(whole, most), cacheRead: cached.read, cacheWrite: cached.write };
  return { blocks: whole > most ? limit(blocks, most) : blocks, stop, usage: { ...usage, ...step.usage }, misfit: wrong };
}

// A text in pieces of n characters, no surrogate pair torn; a piece of none when the text is empty.
export function pieces(text, n = 24) {
  const out = [];
  for (let at = 0; at < text.length; ) {
    let end = Math.min(text.length, at + n);
    if (end < text.length && /[\ud800-\udbff]/.test(text[end - 1])) end++;
    out.push(text.slice(at, end));
    at = end;
  }
  return out.length ? out : [""];
}
