// A fake Amazon Bedrock for tests: Converse and ConverseStream, judged and written by the AWS SDK's own packages, answering by a script
// (README.md). It refuses what AWS refuses: signatures, clocks, regions, tokens, models, and requests that break the interface's rules.
//   POST /model/{id}/converse   POST /model/{id}/converse-stream   GET /inference-profiles
import { randomUUID } from "node:crypto";
import { finish, prefixesOf, refusedByModel, turnsWrong } from "./fakes/ask.mjs";
import { admit } from "./fakes/bedrock_auth.mjs";
import { failure, names, streamNames } from "./fakes/bedrock_errors.mjs";
import { spoil, stream, streamFailure, whole } from "./fakes/bedrock_stream.mjs";
import { serve } from "./fakes/serve.mjs";
import { keys, token } from "./sigv4.mjs";

const settings = {
  region: "us-east-1",
  accounts: [keys, { ...keys, sessionToken: token }], // who may sign
  expiredTokens: [],
  bearers: [], // Bedrock API keys that are good
  expiredBearers: [],
  clockSeconds: 0, // how far AWS's clock is before ours
  models: [], // ids that there are; any when empty
  profilesOnly: [], // ids that are there only through an inference profile
  noAccess: [], // ids that the account was not granted
  profiles: [], // what GET /inference-profiles lists
};

function textOf(block) {
  const documents = block.document?.source;
  return [block.text, documents?.text, ...(documents?.content ?? []).map((c) => c.text), ...(block.toolResult?.content ?? []).map((c) => c.text ?? JSON.stringify(c.json))].filter((t) => t !== undefined);
}

const point = (item) => (item.cachePoint ? "only" : false);

function schemaOf(body) {
  const format = body.outputConfig?.textFormat;
  return format?.type === "json_schema" ? JSON.parse(format.structure.jsonSchema.schema) : undefined;
}

function ask(request, body, url) {
  const found = url.pathname.match(/^\/model\/([^/]+)\/(converse|converse-stream)$/);
  if (!found || request.method !== "POST") return { refused: { kind: "not_found", message: `there is no ${request.method} ${url.pathname}` } };
  if (!body || typeof body !== "object") return { refused: { kind: "bad_request" } };
  const messages = Array.isArray(body.messages) ? body.messages : [];
  const blocks = messages.flatMap((m) => m.content ?? []);
  const system = body.system ?? [];
  const tools = body.toolConfig?.tools ?? [];
  const choice = body.toolConfig?.toolChoice;
  const all = [...tools, ...system, ...blocks];
  return finish({
    model: decodeURIComponent(found[1]), path: url.pathname, stream: found[2] === "converse-stream", body, messages, blocks,
    system: system.map((s) => s.text ?? "").join("\n"), text: blocks.flatMap(textOf).join("\n"),
    tools: tools.filter((t) => t.toolSpec).map((t) => ({ name: t.toolSpec.name, schema: t.toolSpec.inputSchema?.json })),
    forced: choice?.tool?.name ?? (choice?.any ? "any" : undefined), format: schemaOf(body),
    maxTokens: body.inferenceConfig?.maxTokens, temperature: body.inferenceConfig?.temperature, topP: body.inferenceConfig?.topP,
    thinking: body.additionalModelRequestFields?.thinking, prefixes: prefixesOf(all, point), points: all.filter(point).length,
  });
}

const turns = {
  none: "The value at messages is empty. Add at least one message, and try again.",
  start: "A conversation must start with a user message. Try again with a conversation that starts with a user message.",
  alternate: "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again.",
};

// What the interface refuses before any model sees it.
function refusedByService({ body, messages, blocks }) {
  const turn = turnsWrong(messages);
  if (turn) return turns[turn];
  if (body.inferenceConfig?.maxTokens !== undefined && !(body.inferenceConfig.maxTokens >= 1)) return "Value at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member must have value greater than or equal to 1";
  for (const [i, m] of messages.entries())
    for (const [j, block] of (m.content ?? []).entries())
      if (block.text !== undefined && !block.text.trim()) return `The text field in the ContentBlock object at messages.${i}.content.${j} is blank. Add text to the text field, and try again.`;
  if (blocks.some((b) => b.toolUse || b.toolResult) && !body.toolConfig) return "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
  for (const [i, m] of messages.entries()) {
    const open = (m.content ?? []).filter((b) => b.toolUse).map((b) => b.toolUse.toolUseId);
    const closed = (messages[i + 1]?.content ?? []).filter((b) => b.toolResult).map((b) => b.toolResult.toolUseId);
    const missing = i + 1 < messages.length ? open.filter((id) => !closed.includes(id)) : [];
    if (missing.length) return `Expected toolResult blocks at messages.${i + 1}.content for the following Ids: ${missing.join(", ")}`;
  }
  return "";
}

function refuse(it, { models, profilesOnly, noAccess }) {
  if (profilesOnly.includes(it.model)) return { kind: "on_demand" };
  if (models.length && !models.includes(it.model)) return { kind: "bad_model" };
  if (noAccess.includes(it.model)) return { kind: "no_access" };
  const message = refusedByService(it);
  if (message) return { kind: "bad_request", message };
  const own = refusedByModel(it);
  return own ? { kind: "refused_by_model", message: `The model returned the following errors: ${own}` } : undefined;
}

function listed(request, url, { profiles }) {
  if (request.method !== "GET" || url.pathname !== "/inference-profiles") return undefined;
  const summaries = profiles.map((id) => ({ inferenceProfileId: id, inferenceProfileName: id, inferenceProfileArn: `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${id}`, models: [{ modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${id.replace(/^[a-z-]+\.(?=[a-z]+\.)/, "")}` }], status: "ACTIVE", type: "SYSTEM_DEFINED" }));
  return { status: 200, body: { inferenceProfileSummaries: summaries } };
}

serve({
  settings, kinds: names, streamKinds: streamNames, checksums: true, streamType: "application/vnd.amazon.eventstream",
  headers: ({ clockSeconds }) => ({ date: new Date(Date.now() + clockSeconds * 1000).toUTCString(), "x-amzn-requestid": randomUUID() }),
  admit, listed, ask, refuse, failure, stream, streamFailure, spoil, whole,
});
