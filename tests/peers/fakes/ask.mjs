// A request in words that are no provider's. Each provider reads its own; this adds what follows from that.
//   model, path, stream, system, text (all text of the messages), tools [{ name, schema }], forced (a tool's name, "any" or undefined),
//   format (a schema of structured text), maxTokens, temperature, topP, thinking, prefixes (the prompt up to each cache point), points (how many)
import { tokensOf } from "./answer.mjs";

export function finish(ask) {
  const tool = ask.tools.find((t) => t.name === ask.forced) ?? ask.tools[0];
  const size = ask.system + ask.text + JSON.stringify(ask.tools);
  return { ...ask, forced: ask.forced === "any" ? tool?.name : ask.forced, must: ask.forced !== undefined, schema: tool?.schema ?? ask.format, schemaTool: tool?.name, tokens: tokensOf(size) };
}

// The texts up to each marked item of a list of lists, in the order in which the providers put the prompt together.
export function prefixesOf(items, isPoint) {
  const out = [];
  let text = "";
  for (const item of items) {
    const point = isPoint(item);
    if (point !== "only") text += JSON.stringify(item);
    if (point) out.push(text);
  }
  return out;
}

// What a Claude model refuses whoever carries the request, as the models' own message; "" when nothing.
export function refusedByModel(ask) {
  const { thinking } = ask;
  if (/claude-[a-z]+-(4-[7-9]|[5-9])(?!\d)/.test(ask.model)) {
    if ((ask.temperature ?? 1) !== 1) return "`temperature` is deprecated for this model.";
    if (ask.topP !== undefined) return "`top_p` is deprecated for this model.";
    if (thinking?.type === "enabled") return '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.';
  }
  if (ask.temperature !== undefined && ask.topP !== undefined) return "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
  if (ask.temperature !== undefined && !(ask.temperature >= 0 && ask.temperature <= 1)) return "temperature: range: 0..1";
  if (ask.points > 4) return `A maximum of 4 blocks with cache_control may be provided. Found ${ask.points}.`;
  const odd = ask.tools.find((t) => !/^[a-zA-Z0-9_-]{1,64}$/.test(t.name ?? ""));
  if (odd) return "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'";
  if (ask.must && ask.forced !== undefined && !ask.tools.some((t) => t.name === ask.forced)) return `Tool '${ask.forced}' not found in provided tools`;
  if (thinking?.type !== "enabled") return "";
  if (!(thinking.budget_tokens >= 1024)) return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024";
  if (ask.maxTokens !== undefined && ask.maxTokens <= thinking.budget_tokens) return "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#max-tokens-and-context-window-size";
  if (ask.temperature !== undefined && ask.temperature !== 1) return "`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking#important-considerations-when-using-extended-thinking";
  if (ask.must) return "Thinking may not be enabled when tool_choice forces tool use.";
  return "";
}

// Messages take turns and begin with the user's; the words are each provider's own.
export function turnsWrong(messages) {
  if (!Array.isArray(messages) || !messages.length) return "none";
  if (messages[0].role !== "user") return "start";
  return messages.some((m, i) => i && m.role === messages[i - 1].role) ? "alternate" : "";
}
