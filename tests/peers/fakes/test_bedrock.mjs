// The AWS SDK's own Bedrock client against the fake.
import assert from "node:assert/strict";
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { keys, token } from "../sigv4.mjs";

const model = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const arn = `arn:aws:bedrock:us-east-1:111122223333:inference-profile/${model}`;
const hello = [{ role: "user", content: [{ text: "hello" }] }];
const toolConfig = { tools: [{ toolSpec: { name: "report_findings", inputSchema: { json: { type: "object", properties: { findings: { type: "array", items: { type: "object" } } }, required: ["findings"] } } } }], toolChoice: { tool: { name: "report_findings" } } };

function client(fake, more = {}) {
  return new BedrockRuntimeClient({ endpoint: fake.url, region: "us-east-1", credentials: keys, maxAttempts: 1, requestHandler: new NodeHttpHandler(), ...more });
}

async function read(fake, input, { more, signal } = {}) {
  const sdk = client(fake, more);
  const out = { text: "", json: "", thinking: "", types: [] };
  try {
    const answer = await sdk.send(new ConverseStreamCommand({ modelId: model, messages: hello, ...input }), { abortSignal: signal });
    for await (const event of answer.stream) {
      out.types.push(Object.keys(event)[0]);
      const delta = event.contentBlockDelta?.delta;
      out.text += delta?.text ?? "";
      out.json += delta?.toolUse?.input ?? "";
      out.thinking += delta?.reasoningContent?.text ?? "";
      out.tool ??= event.contentBlockStart?.start?.toolUse?.name;
      out.stop ??= event.messageStop?.stopReason;
      out.usage ??= event.metadata?.usage;
      out.last = performance.now();
    }
  } catch (e) {
    out.error = e;
  } finally {
    sdk.destroy();
  }
  return out;
}

async function refusal(fake, input, more) {
  const sdk = client(fake, more);
  try {
    await sdk.send(new ConverseCommand({ modelId: model, messages: hello, ...input }));
  } catch (e) {
    return e;
  } finally {
    sdk.destroy();
  }
  throw new Error("it was not refused");
}

export const cases = {
  "a streamed text, with stop and usage": async (fake) => {
    await fake.fresh({ steps: [{ text: "Grüße, 世界, 🙂. ".repeat(50), pieceChars: 3, splitBytes: 5 }] });
    const got = await read(fake, {});
    assert.equal(got.error, undefined);
    assert.equal(got.text, "Grüße, 世界, 🙂. ".repeat(50));
    assert.equal(got.stop, "end_turn");
    assert.ok(got.usage.outputTokens > 100 && got.usage.totalTokens === got.usage.inputTokens + got.usage.outputTokens);
    assert.deepEqual([got.types[0], ...got.types.slice(-3)], ["messageStart", "contentBlockStop", "messageStop", "metadata"]);
  },
  "an answer in one piece, with the words of a thinking model": async (fake) => {
    await fake.fresh({ steps: [{ thinking: "hm", blocks: [{ text: "yes" }, { tool: { name: "t", input: { a: 1 } } }] }] });
    const sdk = client(fake);
    const { output, stopReason } = await sdk.send(new ConverseCommand({ modelId: model, messages: hello }));
    assert.equal(output.message.content[0].reasoningContent.reasoningText.text, "hm");
    assert.equal(output.message.content[1].text, "yes");
    assert.deepEqual(output.message.content[2].toolUse.input, { a: 1 });
    assert.equal(stopReason, "tool_use");
    sdk.destroy();
  },
  "a forced tool, thinking streamed": async (fake) => {
    await fake.fresh({ steps: [{ thinking: "first", tool: { input: { findings: [{ quote: "né" }] }, ascii: true }, pieceChars: 2 }] });
    const got = await read(fake, { toolConfig });
    assert.deepEqual([got.tool, got.json, got.thinking, got.stop], ["report_findings", '{"findings":[{"quote":"n\\u00e9"}]}', "first", "tool_use"]);
  },
  "signatures of odd model ids, with a session token and with an API key": async (fake) => {
    await fake.fresh({ server: { bearers: ["bedrock-api-key-example"] }, steps: [{ text: "ok", times: "always" }] });
    for (const modelId of [model, arn, "anthropic.claude-3-haiku-20240307-v1:0"]) assert.equal((await read(fake, { modelId })).text, "ok");
    assert.equal((await read(fake, {}, { more: { credentials: { ...keys, sessionToken: token } } })).text, "ok");
    const more = { token: { token: "bedrock-api-key-example" }, authSchemePreference: ["httpBearerAuth"] };
    assert.equal((await read(fake, {}, { more })).text, "ok");
    const { requests } = await fake.seen();
    assert.deepEqual(requests.map((r) => r.auth.kind), ["sigv4", "sigv4", "sigv4", "sigv4", "bearer"]);
    assert.deepEqual(requests.map((r) => r.model), [model, arn, "anthropic.claude-3-haiku-20240307-v1:0", model, model]);
    assert.equal(requests[3].auth.withToken, true);
    assert.equal((await refusal(fake, {}, { ...more, token: { token: "another" } })).name, "AccessDeniedException");
  },
  "who may not ask: key, secret, token, region, clock": async (fake) => {
    await fake.fresh({ server: { expiredTokens: ["old"] } });
    const name = async (more) => {
      const { name, message, $metadata } = await refusal(fake, {}, more);
      return `${$metadata.httpStatusCode} ${name}: ${message}`;
    };
    assert.match(await name({ credentials: { ...keys, accessKeyId: "AKIDOTHER" } }), /^403 UnrecognizedClientException: The security token/);
    assert.match(await name({ credentials: { ...keys, secretAccessKey: "other" } }), /^403 InvalidSignatureException: The request signature we/);
    assert.match(await name({ credentials: { ...keys, sessionToken: "old" } }), /^403 ExpiredTokenException/);
    assert.match(await name({ credentials: { ...keys, sessionToken: "other" } }), /^403 UnrecognizedClientException/);
    assert.match(await name({ region: "eu-west-1" }), /^403 InvalidSignatureException: Credential should be scoped to a valid region/);
    assert.match(await name({ systemClockOffset: -900000 }), /^403 InvalidSignatureException: Signature expired: \d{8}T\d{6}Z is now earlier than/);
    assert.match(await name({ systemClockOffset: 900000 }), /^403 InvalidSignatureException: Signature not yet current/);
  },
  "a clock that is off is found by the SDK from the answer's date, and its second try is good": async (fake) => {
    await fake.fresh({ server: { clockSeconds: 3600 }, steps: [{ text: "ok" }] });
    assert.equal((await read(fake, {}, { more: { maxAttempts: 2 } })).text, "ok");
    assert.deepEqual((await fake.seen()).requests.map((r) => r.outcome), ["refused", "sent"]);
  },
  "errors of each kind, as the SDK names them": async (fake) => {
    const wanted = {
      bad_request: [400, "ValidationException"], too_long: [400, "ValidationException"], on_demand: [400, "ValidationException"],
      quota: [400, "ServiceQuotaExceededException"], no_access: [403, "AccessDeniedException"], no_permission: [403, "AccessDeniedException"],
      form_not_filled: [404, "ResourceNotFoundException"], timeout: [408, "ModelTimeoutException"], model_error: [424, "ModelErrorException"],
      throttled: [429, "ThrottlingException"], not_ready: [429, "ModelNotReadyException"], internal: [500, "InternalServerException"], unavailable: [503, "ServiceUnavailableException"],
    };
    for (const [kind, [status, name]] of Object.entries(wanted)) {
      await fake.fresh({ steps: [{ error: kind }] });
      const e = await refusal(fake, {});
      assert.deepEqual([e.$metadata.httpStatusCode, e.name], [status, name], kind);
      assert.ok(e.message.length > 10 && e.$metadata.requestId, kind);
    }
    assert.match((await fake.fresh({ steps: [{ error: "on_demand" }] }), await refusal(fake, {})).message, new RegExp(`${model} with on-demand throughput isn’t supported`));
  },
  "the first two are throttled, the SDK comes again": async (fake) => {
    await fake.fresh({ steps: [{ error: "throttled", times: 2 }, { text: "at last" }] });
    assert.equal((await read(fake, {}, { more: { maxAttempts: 3 } })).text, "at last");
    assert.deepEqual((await fake.seen()).requests.map((r) => r.status), [429, 429, 200]);
  },
  "a failure in the middle of a stream is an exception with its name": async (fake) => {
    for (const [kind, name] of [["throttled", "ThrottlingException"], ["model_error", "ModelStreamErrorException"], ["internal", "InternalServerException"], ["unavailable", "ServiceUnavailableException"], ["bad_request", "ValidationException"]]) {
      await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, fail: { after: 2, error: kind } }] });
      const got = await read(fake, {});
      assert.deepEqual([got.text, got.error?.name], ["abcd", name]);
      if (kind === "model_error") assert.equal(got.error.originalStatusCode, 500);
    }
  },
  "a wrong checksum and a cut in a frame are errors, what came before is there": async (fake) => {
    for (const of of ["prelude", "message"]) {
      await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, splitBytes: 64, badChecksum: { after: 2, of } }] });
      const got = await read(fake, {});
      assert.equal(got.text, "abcd");
      assert.match(String(got.error?.message), /checksum/i);
    }
    for (const how of ["close", "reset", "end"]) {
      await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, overMs: 200, cut: { after: 2, inside: true, how } }] });
      const got = await read(fake, {});
      assert.equal(got.text, "abcd");
      assert.ok(got.error, how);
      assert.equal((await fake.seen()).requests[0].outcome, "cut");
    }
  },
  "a stall lasts until the client leaves, and is remembered": async (fake) => {
    await fake.fresh({ steps: [{ text: "abcdefgh", pieceChars: 2, stall: { after: 2, ms: "forever" } }] });
    const got = await read(fake, {}, { signal: AbortSignal.timeout(500) });
    assert.equal(got.text, "abcd");
    assert.ok(got.error);
    for (let i = 0; i < 100 && !(await fake.seen()).outcomes.left; i++) await new Promise((go) => setTimeout(go, 20));
    assert.deepEqual((await fake.seen()).outcomes, { left: 1 });
  },
  "what AWS and the model refuse of a request": async (fake) => {
    await fake.fresh({ server: { profilesOnly: ["anthropic.x"], noAccess: ["anthropic.y"] } });
    const message = async (input) => (await refusal(fake, input)).message;
    assert.match(await message({ modelId: "anthropic.x" }), /on-demand throughput/);
    assert.match(await message({ modelId: "anthropic.y" }), /don't have access/);
    assert.match(await message({ messages: [{ role: "assistant", content: [{ text: "x" }] }] }), /must start with a user message/);
    assert.match(await message({ messages: [...hello, ...hello] }), /alternate/);
    assert.match(await message({ inferenceConfig: { temperature: 0.5, topP: 0.9 } }), /cannot both be specified/);
    const thinking = { additionalModelRequestFields: { thinking: { type: "enabled", budget_tokens: 2000 } }, inferenceConfig: { maxTokens: 4000 } };
    assert.match(await message({ ...thinking, toolConfig }), /Thinking may not be enabled/);
    assert.match(await message({ ...thinking, inferenceConfig: { maxTokens: 2000 } }), /must be greater than/);
    assert.match(await message({ ...thinking, inferenceConfig: { maxTokens: 4000, temperature: 0.7 } }), /only be set to 1/);
    assert.match(await message({ system: Array(5).fill({ cachePoint: { type: "default" } }) }), /maximum of 4/);
    assert.match(await message({ messages: [{ role: "user", content: [{ toolResult: { toolUseId: "a", content: [{ text: "x" }] } }] }] }), /toolConfig field must be defined/);
  },
  "a long prompt is written to the cache once and read after": async (fake) => {
    await fake.fresh({ steps: [{ text: "ok", times: 2 }] });
    const input = { system: [{ text: "rule ".repeat(2000) }, { cachePoint: { type: "default" } }] };
    const [first, second] = [(await read(fake, input)).usage, (await read(fake, input)).usage];
    assert.ok(first.cacheWriteInputTokens > 2000 && first.cacheReadInputTokens === 0);
    assert.ok(second.cacheReadInputTokens === first.cacheWriteInputTokens && second.cacheWriteInputTokens === 0);
  },
  "a hundred thousand tokens, and the limit of tokens kept": async (fake) => {
    await fake.fresh({ steps: [{ text: { repeat: "all work and no play ", tokens: 100000 }, times: 2 }, { tool: { raw: '{"findings":[{"quo' } }] });
    const whole = await read(fake, {});
    assert.equal(whole.text.length, 400000);
    const short = await read(fake, { inferenceConfig: { maxTokens: 10 } });
    assert.deepEqual([short.text.length, short.stop, short.usage.outputTokens], [40, "max_tokens", 10]);
    const broken = await read(fake, { toolConfig });
    assert.deepEqual([broken.json, broken.stop], ['{"findings":[{"quo', "tool_use"]);
  },
};
