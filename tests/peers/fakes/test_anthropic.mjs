// The official Anthropic client against the fake.
import assert from "node:assert/strict";
import Anthropic from "@anthropic-ai/sdk";

const model = "claude-sonnet-4-6";
const hello = { model, max_tokens: 1000, messages: [{ role: "user", content: "hello" }] };
const tools = [{ name: "report_findings", input_schema: { type: "object", properties: { findings: { type: "array", items: { type: "object" } } }, required: ["findings"] } }];
const forced = { tools, tool_choice: { type: "tool", name: "report_findings" } };

const client = (fake, more = {}) => new Anthropic({ apiKey: "sk-ant-example", baseURL: fake.url, maxRetries: 0, ...more });

async function read(fake, input = {}, more = {}) {
  const out = { text: "", error: undefined };
  const stream = client(fake, more).messages.stream({ ...hello, ...input });
  stream.on("text", (piece) => (out.text += piece));
  try {
    out.message = await stream.finalMessage();
  } catch (e) {
    out.error = e;
  }
  return out;
}

async function refusal(fake, input = {}, more = {}) {
  try {
    await client(fake, more).messages.create({ ...hello, ...input });
  } catch (e) {
    return e;
  }
  throw new Error("it was not refused");
}

export const cases = {
  "a streamed text, with stop and usage": async (fake) => {
    const text = "Grüße, 世界, 🙂. ".repeat(50);
    await fake.fresh({ steps: [{ text, pieceChars: 3, splitBytes: 1, pingMs: 20, firstTokenMs: 100 }] });
    const { text: got, message, error } = await read(fake);
    assert.equal(error, undefined);
    assert.equal(got, text);
    assert.deepEqual([message.stop_reason, message.model, message.content[0].text], ["end_turn", model, text]);
    assert.ok(message.usage.output_tokens > 100 && message.usage.input_tokens > 0);
  },
  "an answer in one piece": async (fake) => {
    await fake.fresh({ steps: [{ thinking: "hm", blocks: [{ text: "yes" }, { tool: { name: "t", input: { a: 1 } } }] }] });
    const { content, stop_reason } = await client(fake).messages.create(hello);
    assert.deepEqual(content.map((b) => b.type), ["thinking", "text", "tool_use"]);
    assert.deepEqual([content[0].thinking, content[1].text, content[2].input, stop_reason], ["hm", "yes", { a: 1 }, "tool_use"]);
  },
  "a forced tool, streamed in pieces that tear its escapes": async (fake) => {
    await fake.fresh({ steps: [{ tool: { input: { findings: [{ quote: "né 🙂" }] }, ascii: true }, pieceChars: 2, thinking: "first" }] });
    const { message } = await read(fake, forced);
    assert.deepEqual(message.content.map((b) => b.type), ["thinking", "tool_use"]);
    assert.ok(message.content[0].signature);
    assert.deepEqual([message.content[1].name, message.content[1].input, message.stop_reason], ["report_findings", { findings: [{ quote: "né 🙂" }] }, "tool_use"]);
  },
  "JSON that breaks off is given as it is": async (fake) => {
    await fake.fresh({ steps: [{ tool: { raw: '{"findings":[{"quo' }, stop: "max_tokens" }] });
    let json = "";
    for await (const event of await client(fake).messages.create({ ...hello, ...forced, stream: true })) json += event.delta?.partial_json ?? "";
    assert.equal(json, '{"findings":[{"quo');
  },
  "errors of each kind, as the client names them": async (fake) => {
    const wanted = {
      bad_request: [400, "invalid_request_error"], too_long: [400, "invalid_request_error"], credit: [400, "invalid_request_error"], bad_key: [401, "authentication_error"],
      billing: [402, "billing_error"], no_access: [403, "permission_error"], not_found: [404, "not_found_error"], too_large: [413, "request_too_large"],
      throttled: [429, "rate_limit_error"], internal: [500, "api_error"], unavailable: [503, "api_error"], timeout: [504, "timeout_error"], overloaded: [529, "overloaded_error"],
    };
    for (const [kind, [status, type]] of Object.entries(wanted)) {
      await fake.fresh({ steps: [{ error: kind }] });
      const e = await refusal(fake);
      assert.deepEqual([e.status, e.error.error.type], [status, type], kind);
      assert.equal(e.requestID, e.error.request_id);
      if (status === 429) assert.equal(e.headers.get("retry-after"), "7");
    }
  },
  "the first two are overloaded, the client comes again": async (fake) => {
    await fake.fresh({ steps: [{ error: { kind: "overloaded", headers: { "retry-after-ms": "10" } }, times: 2 }, { text: "at last" }] });
    assert.equal((await read(fake, {}, { maxRetries: 2 })).text, "at last");
    assert.deepEqual((await fake.seen()).requests.map((r) => r.status), [529, 529, 200]);
  },
  "a failure in the middle of a stream": async (fake) => {
    await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, fail: { after: 2, error: "overloaded" } }] });
    const { text, error } = await read(fake);
    assert.equal(text, "abcd");
    assert.match(String(error.message), /overloaded_error/);
  },
  "a stream that is cut in an event, cut clean, and one that stalls": async (fake) => {
    for (const [how, inside] of [["close", true], ["reset", true], ["end", false]]) {
      await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, overMs: 200, cut: { after: 2, inside, how } }] });
      const { text, error } = await read(fake);
      assert.equal(text, "abcd");
      assert.ok(error, how);
    }
    await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, stall: { after: 3, ms: 200 } }] });
    assert.equal((await read(fake)).text, "abcdefgh");
  },
  "no answer at all: hung up on, and kept waiting": async (fake) => {
    await fake.fresh({ steps: [{ drop: true }, { hang: true }] });
    assert.equal((await refusal(fake)).constructor.name, "APIConnectionError");
    assert.equal((await refusal(fake, {}, { timeout: 300 })).constructor.name, "APIConnectionTimeoutError");
  },
  "what the API refuses of a request": async (fake) => {
    await fake.fresh({ server: { models: [model] } });
    const message = async (input, more) => (await refusal(fake, input, more)).message;
    assert.match(await message({}, { apiKey: "other" }), /401.*invalid x-api-key/);
    assert.match(await message({ model: "claude-none" }), /404.*model: claude-none/);
    assert.match(await message({ max_tokens: 0 }), /max_tokens/);
    assert.match(await message({ messages: [] }), /at least one message/);
    const version = (v) => ({ defaultHeaders: { "anthropic-version": v } });
    assert.match(await message({ temperature: 0.5, top_p: 0.9 }, version("2023-06-01")), /cannot both be specified/);
    assert.match(await message({ temperature: 1 }, version("2026-10-21")), /temperature: Extra inputs/);
    assert.match(await message({}, version("2020-01-01")), /not a valid version/);
    assert.match(await message({ max_tokens: 4000, thinking: { type: "enabled", budget_tokens: 2000 }, ...forced }), /Thinking may not be enabled/);
    const { data } = await client(fake).models.list();
    assert.deepEqual(data.map((m) => m.id), [model]);
  },
  "both ways to give the key, both versions": async (fake) => {
    await fake.fresh({ server: { models: [] }, steps: [{ text: "ok", times: "always" }] });
    for (const version of ["2023-06-01", "2026-10-21"])
      for (const key of [{ "x-api-key": "sk-ant-example" }, { authorization: "Bearer sk-ant-example" }]) {
        const headers = { "anthropic-version": version, "content-type": "application/json", ...key };
        assert.equal((await fetch(`${fake.url}/v1/messages`, { method: "POST", headers, body: JSON.stringify(hello) })).status, 200);
      }
    assert.match((await refusal(fake, { model: "claude-opus-4-7", thinking: { type: "enabled", budget_tokens: 2000 }, max_tokens: 4000 })).message, /not supported for this model/);
    assert.match((await refusal(fake, { model: "claude-sonnet-5", temperature: 0.5 }, { defaultHeaders: { "anthropic-version": "2023-06-01" } })).message, /deprecated for this model/);
  },
  "a long prompt is written to the cache once and read after": async (fake) => {
    await fake.fresh({ steps: [{ text: "ok", times: 2 }] });
    const system = [{ type: "text", text: "rule ".repeat(2000), cache_control: { type: "ephemeral" } }];
    const [first, second] = [(await read(fake, { system })).message.usage, (await read(fake, { system })).message.usage];
    assert.ok(first.cache_creation_input_tokens > 2000 && first.cache_read_input_tokens === 0);
    assert.equal(second.cache_read_input_tokens, first.cache_creation_input_tokens);
  },
};
