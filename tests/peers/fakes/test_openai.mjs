// The official OpenAI client against the fake.
import assert from "node:assert/strict";
import OpenAI from "openai";

const model = "local-model";
const hello = { model, messages: [{ role: "user", content: "hello" }] };
const schema = { type: "object", properties: { findings: { type: "array", items: { type: "object" } } }, required: ["findings"] };
const forced = { tools: [{ type: "function", function: { name: "report_findings", parameters: schema } }], tool_choice: { type: "function", function: { name: "report_findings" } } };
const formatted = { response_format: { type: "json_schema", json_schema: { name: "findings", schema, strict: true } } };

const client = (fake, more = {}) => new OpenAI({ apiKey: "sk-example", baseURL: `${fake.url}/v1`, maxRetries: 0, ...more });

async function read(fake, input = {}, more = {}) {
  const out = { text: "", calls: [], error: undefined };
  try {
    for await (const chunk of await client(fake, more).chat.completions.create({ ...hello, stream: true, stream_options: { include_usage: true }, ...input })) {
      const choice = chunk.choices[0];
      out.text += choice?.delta.content ?? "";
      for (const { index, function: f } of choice?.delta.tool_calls ?? []) {
        out.calls[index] ??= { name: f.name, json: "" };
        out.calls[index].json += f.arguments ?? "";
      }
      out.stop = choice?.finish_reason ?? out.stop;
      out.usage = chunk.usage ?? out.usage;
    }
  } catch (e) {
    out.error = e;
  }
  return out;
}

async function refusal(fake, input = {}, more = {}) {
  try {
    await client(fake, more).chat.completions.create({ ...hello, ...input });
  } catch (e) {
    return e;
  }
  throw new Error("it was not refused");
}

export const cases = {
  "a streamed text, with stop and usage": async (fake) => {
    const text = "Grüße, 世界, 🙂. ".repeat(50);
    await fake.fresh({ steps: [{ text, pieceChars: 3, splitBytes: 1, pingMs: 20, firstTokenMs: 100 }] });
    const got = await read(fake);
    assert.deepEqual([got.error, got.text, got.stop], [undefined, text, "stop"]);
    assert.ok(got.usage.completion_tokens > 100 && got.usage.total_tokens === got.usage.prompt_tokens + got.usage.completion_tokens);
  },
  "an answer in one piece": async (fake) => {
    await fake.fresh({ steps: [{ blocks: [{ text: "yes" }, { tool: { name: "t", input: { a: 1 } } }] }] });
    const { choices } = await client(fake).chat.completions.create(hello);
    assert.deepEqual([choices[0].message.content, choices[0].message.tool_calls[0].function.arguments, choices[0].finish_reason], ["yes", '{"a":1}', "tool_calls"]);
  },
  "tools, merged by their index": async (fake) => {
    await fake.fresh({ steps: [{ blocks: [{ tool: { input: { findings: [] } } }, { tool: { name: "second", input: { q: "né" }, ascii: true } }], pieceChars: 2 }] });
    const got = await read(fake, forced);
    assert.deepEqual(got.calls, [{ name: "report_findings", json: '{"findings":[]}' }, { name: "second", json: '{"q":"n\\u00e9"}' }]);
    assert.equal(got.stop, "tool_calls");
  },
  "findings as text by a schema, and as text alone": async (fake) => {
    const findings = { find: [{ pattern: "fox" }] };
    await fake.fresh({ server: { tools: false, like: "ollama" }, steps: [{ findings, times: 2 }] });
    const messages = [{ role: "user", content: "[1] The quick brown fox" }];
    const [bySchema, alone] = [await read(fake, { messages, ...formatted }), await read(fake, { messages })];
    assert.deepEqual(JSON.parse(bySchema.text).findings[0].quote, "fox");
    assert.match(alone.text, /^Here are the findings:\n```json\n\{.*"quote":"fox".*\}\n```\n$/s);
    assert.match((await refusal(fake, forced)).message, /does not support tools/);
  },
  "errors of each kind, in the words of each server": async (fake) => {
    const wanted = { bad_request: 400, too_long: 400, bad_key: 401, no_access: 403, not_found: 404, too_large: 413, throttled: 429, quota: 429, internal: 500, unavailable: 503, overloaded: 503, loading: 503 };
    for (const like of ["openai", "llama.cpp", "ollama", "vllm"])
      for (const [kind, status] of Object.entries(wanted)) {
        await fake.fresh({ server: { like }, steps: [{ error: kind }] });
        const e = await refusal(fake);
        assert.equal(e.status, status, `${like} ${kind}`);
        assert.ok(e.message.length > 8, `${like} ${kind}: ${e.message}`);
      }
    await fake.fresh({ server: { like: "llama.cpp" }, steps: [{ error: "too_long" }] });
    assert.deepEqual([(await refusal(fake)).error.n_ctx], [8192]);
  },
  "the first two are throttled, the client comes again": async (fake) => {
    await fake.fresh({ steps: [{ error: { kind: "throttled", headers: { "retry-after-ms": "10" } }, times: 2 }, { text: "at last" }] });
    assert.equal((await read(fake, {}, { maxRetries: 2 })).text, "at last");
    assert.deepEqual((await fake.seen()).requests.map((r) => r.status), [429, 429, 200]);
  },
  "a failure in the middle of a stream, a cut, a stall": async (fake) => {
    await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, fail: { after: 2, error: "overloaded" } }] });
    const failed = await read(fake);
    assert.equal(failed.text, "abcd");
    assert.match(String(failed.error?.message), /overloaded/);
    await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, overMs: 200, cut: { after: 2, inside: true } }] });
    const cut = await read(fake);
    assert.equal(cut.text, "abcd");
    assert.ok(cut.error);
    await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, stall: { after: 2, ms: 200 } }] });
    assert.equal((await read(fake)).text, "abcdefgh");
  },
  "keys, models, and what is refused of a request": async (fake) => {
    await fake.fresh({ server: { keys: ["sk-example"], models: ["a", "b"], schemas: false } });
    const ids = [];
    for await (const { id } of client(fake).models.list()) ids.push(id);
    assert.deepEqual(ids, ["a", "b"]);
    assert.equal((await refusal(fake, { model: "a" }, { apiKey: "other" })).status, 401);
    assert.equal((await refusal(fake, { model: "c" })).code, "model_not_found");
    assert.match((await refusal(fake, { model: "a", ...formatted })).message, /json_schema/);
    assert.match((await refusal(fake, { model: "a", messages: [] })).message, /empty array/);
    assert.equal((await fetch(`${fake.url}/health`, { headers: { authorization: "Bearer sk-example" } })).status, 200);
  },
  "a server that ends without [DONE]": async (fake) => {
    await fake.fresh({ server: { done: false, like: "vllm" }, steps: [{ text: "ok" }] });
    const raw = await (await fetch(`${fake.url}/v1/chat/completions`, { method: "POST", body: JSON.stringify({ ...hello, stream: true }) })).text();
    assert.ok(raw.includes('"finish_reason":"stop"') && !raw.includes("[DONE]"));
  },
};
