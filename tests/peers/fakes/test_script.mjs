// The script itself: what it refuses, which step is taken, the reviewers that are known in advance, what is remembered, many at once.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once, setMaxListeners } from "node:events";
import { fileURLToPath } from "node:url";
import Anthropic from "@anthropic-ai/sdk";

const fields = { block: { type: "integer" }, quote: { type: "string" }, kind: { enum: ["critical", "important", "suggestion"] }, why: { type: "string" }, confidence: { type: "number" } };
const schema = { type: "object", properties: { findings: { type: "array", items: { type: "object", properties: fields, required: Object.keys(fields), additionalProperties: false } } }, required: ["findings"] };
const blocks = ["The outage lasted 4 hours.", "Nobody was told about it soon.", "It was soon said that the outage lasted 6 hours.", "Done."];
const text = `Review these.\n${blocks.map((block, i) => `[${i + 7}] ${block}`).join("\n")}\n`;

async function ask(fake, { content = text, system = undefined, max_tokens = 100000, signal = undefined, tool = "report_findings" } = {}) {
  const tools = [{ name: tool, input_schema: schema }];
  const body = { model: "claude-x", max_tokens, messages: [{ role: "user", content }], system, tools, tool_choice: { type: "tool", name: tool } };
  return new Anthropic({ apiKey: "sk-ant-example", baseURL: fake.url, maxRetries: 0 }).messages.stream(body, { signal }).finalMessage();
}

async function review(fake, findings) {
  await fake.fresh({ steps: [{ findings }] });
  const { content } = await ask(fake);
  assert.equal((await fake.seen()).requests[0].misfit, undefined);
  return content[0].input.findings;
}

const real = ({ block, quote }) => Boolean(blocks[block - 7]?.includes(quote));
const find = [{ pattern: String.raw`\d+ hours`, kind: "critical" }, { pattern: "(?<quote>soon)(?= said|\\.)" }];

export const cases = {
  "a wrong script is refused in words": async (fake) => {
    const wrong = {
      "there is no setting": { server: { colour: 1 } }, 'without "txt"': { steps: [{ txt: "x" }] }, "must say one of": { steps: [{ text: "x", error: "throttled" }] },
      "must say one": { steps: [{ times: 2 }] }, 'no error "nope"': { steps: [{ error: "nope" }] }, "no checksums": { steps: [{ text: "x", badChecksum: { after: 1 } }] },
      "a regular expression": { steps: [{ text: "x", when: { text: "(" } }] }, "one of perfect": { steps: [{ findings: { oracle: "saint" } }] }, "a number from": { steps: [{ text: "x", firstTokenMs: -1 }] },
    };
    for (const [words, script] of Object.entries(wrong)) assert.ok((await fake.tell(script))?.includes(words), `${words}: ${await fake.tell(script)}`);
    assert.equal(await fake.tell({ steps: [{ text: "x" }] }), undefined);
  },
  "steps are taken in order, by what the request is, as often as they say": async (fake) => {
    await fake.fresh({ steps: [{ when: { text: "second" }, text: "two", times: "always" }, { when: { tool: "^chat_" }, text: "chat" }, { when: { system: "be brief" }, text: "brief" }, { text: "one", times: 2 }] });
    const say = async (more) => (await ask(fake, more)).content[0].text;
    const said = [await say({}), await say({ content: "the second" }), await say({ content: "second again" }), await say({ tool: "chat_find" }), await say({ system: "be brief" }), await say({})];
    assert.deepEqual(said, ["one", "two", "two", "chat", "brief", "one"]);
    await assert.rejects(ask(fake), /500.*no step left/);
    const { outcomes, stepsLeft, requests } = await fake.seen();
    assert.deepEqual([outcomes, stepsLeft], [{ sent: 6, unscripted: 1 }, ["always", 0, 0, 0]]);
    assert.deepEqual([requests[0].body.messages[0].content, requests[0].headers["authorization"], requests[0].path, requests[1].step], [text, "Bearer sk-ant-example", "/v1/messages", 0]);
    assert.equal((await fake.seen(5)).requests.length, 2);
  },
  "the perfect reviewer finds the words that are there, the lazy one nothing": async (fake) => {
    const got = await review(fake, { find, names: { description: "why" } });
    assert.deepEqual(got.map(({ block, quote, kind }) => [block, quote, kind]), [[7, "4 hours", "critical"], [8, "soon", "important"], [9, "6 hours", "critical"], [9, "soon", "important"]]);
    assert.ok(got.every((f) => real(f) && f.why.includes(f.quote) && Object.keys(f).length === 5));
    assert.deepEqual(await review(fake, { oracle: "lazy", find }), []);
  },
  "only the blocks of a range, and blocks of another form": async (fake) => {
    assert.deepEqual((await review(fake, { find, range: "\\[(?<first>8)\\].*\\[(?<last>9)\\]" })).map((f) => f.block), [8, 9, 9]);
    assert.deepEqual(await review(fake, { find, blocks: "^#(?<number>\\d+): (?<text>.*)$" }), []);
  },
  "no quote of the liar is in its block": async (fake) => {
    for (const lie of ["words", "block", "changed"]) {
      const got = await review(fake, { oracle: "liar", lie, find });
      assert.equal(got.length, 4);
      assert.ok(!got.some(real), lie);
      assert.equal(got.some((f) => blocks.some((b) => b.includes(f.quote))), lie === "block");
    }
  },
  "noise is real words and the same from the same seed, the flood is a flood": async (fake) => {
    const noisy = { oracle: "noisy", seed: 5, count: 30 };
    const got = await review(fake, noisy);
    assert.ok(got.length === 30 && got.every(real));
    assert.deepEqual(await review(fake, noisy), got);
    assert.notDeepEqual(await review(fake, { ...noisy, seed: 6 }), got);
    assert.equal((await review(fake, { oracle: "flooder", count: 700 })).length, 700);
  },
  "the truncator's JSON breaks off": async (fake) => {
    await fake.fresh({ steps: [{ findings: { oracle: "truncator", find, share: 0.7 } }] });
    let json = "";
    const body = { model: "m", max_tokens: 9999, stream: true, messages: [{ role: "user", content: text }], tools: [{ name: "t", input_schema: schema }], tool_choice: { type: "tool", name: "t" } };
    const events = await new Anthropic({ apiKey: "sk-ant-example", baseURL: fake.url }).messages.create(body);
    for await (const event of events) {
      json += event.delta?.partial_json ?? "";
      if (event.type === "message_delta") assert.equal(event.delta.stop_reason, "max_tokens");
    }
    assert.ok(json.includes("4 hours"));
    assert.throws(() => JSON.parse(json), SyntaxError);
  },
  "findings that do not fit the request's schema are noted": async (fake) => {
    await fake.fresh({ steps: [{ findings: { find, fields: { kind: "shocking" } } }] });
    await ask(fake);
    assert.match((await fake.seen()).requests[0].misfit, /kind must be equal to one of/);
  },
  "two hundred at once are held and counted, and answered": async (fake) => {
    const until = async (ready) => {
      for (let i = 0; i < 500; i++) {
        const seen = await fake.seen(Infinity);
        if (ready(seen)) return seen;
        await new Promise((go) => setTimeout(go, 20));
      }
      throw new Error("it did not come to that");
    };
    await fake.fresh({ steps: [{ hang: true, times: 200 }, { findings: { find }, overMs: 1000, times: 200 }] });
    const leave = new AbortController();
    setMaxListeners(0, leave.signal);
    const held = Array.from({ length: 200 }, () => ask(fake, { signal: leave.signal }).catch(() => "left"));
    await until(({ open }) => open === 200);
    leave.abort();
    assert.deepEqual(new Set(await Promise.all(held)), new Set(["left"]));
    await until(({ open, outcomes }) => open === 0 && outcomes.left === 200);
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(fake)));
    assert.ok(answers.every(({ content }) => content[0].input.findings.length === 4));
    assert.deepEqual((await fake.seen(Infinity)).outcomes, { left: 200, sent: 200 });
  },
  "a fake ends with the process that started it": async () => {
    const path = fileURLToPath(new URL("../fake_openai.mjs", import.meta.url));
    const parent = spawn(process.execPath, ["-e", `require("child_process").spawn(process.execPath, [${JSON.stringify(path)}], { stdio: ["ignore", "inherit", "inherit"] }); setInterval(() => {}, 1000)`], { stdio: ["ignore", "pipe", "inherit"] });
    const [port] = await once(parent.stdout, "data");
    const alive = () => fetch(`http://127.0.0.1:${Number(port)}/v1/models`).then(() => true, () => false);
    assert.equal(await alive(), true);
    parent.kill("SIGKILL");
    for (let i = 0; i < 200 && (await alive()); i++) await new Promise((go) => setTimeout(go, 50));
    assert.equal(await alive(), false);
  },
};
