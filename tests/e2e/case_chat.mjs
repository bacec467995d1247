// Talking with the model, which is a fake that says what the case wants it to say.
import assert from "node:assert/strict";

import { judge } from "./case_access.mjs";

const LONG = Array.from({ length: 60 }, (_, i) => `Sentence ${i + 1} of a long answer.`).join(" ");

// Somebody with the sample report open, its review over, and the chat in sight.
async function talking({ come, withModel, files }, { settings, ...options } = {}) {
  const [server, fake] = await withModel(settings);
  await fake.script({ findings: { oracle: "lazy" }, times: "always" });
  const one = await come(options, server.base);
  await one.review(files.sample);
  await one.over();
  await one.page.keyboard.press("c");
  await one.at("chat-text").waitFor();
  return [one, fake];
}

async function ask(one, text) {
  await one.at("chat-text").fill(text);
  await one.page.keyboard.press("Enter");
}

// As after a crash of the browser: loaded anew, and the chat opened.
async function reopen(one) {
  await one.page.reload();
  await one.at("paper").waitFor();
  await one.page.keyboard.press("c");
}

const answer = (one, state) => one.page.locator(`[data-test=answer][data-state=${state}]`).last();

async function blockOf(one, words) {
  const { blocks } = await one.ask(`/documents/${one.document}/content`);
  return blocks.find((b) => b.runs.map((r) => r.t).join("").includes(words)).i;
}

async function whole(all) {
  const [one, fake] = await talking(all);
  const block = await blockOf(one, "212 accounts");
  const before = (await one.findings()).length;
  await fake.script(
    { tool: { name: "find_text", input: { text: "212 accounts" } }, when: { text: "agree" } },
    {
      blocks: [
        { text: `The report speaks of **212 accounts** [[${block}|212 accounts]], <img src=x onerror=alert(1)> and [this](javascript:alert(2)) is no link, [that](https://example.com/) is.` },
        { tool: { name: "propose_finding", input: { block, quote: "212 accounts", kind: "important", risk: "high", category: "Numbers", description: "Where does <b>this number</b> come from?", suggestion: "Name the source." } } },
      ],
    },
    { text: "\n\n1. One proposal, for you to decide." },
  );
  await ask(one, "Do the numbers agree?");
  await answer(one, "done").waitFor();
  const said = answer(one, "done");
  assert.match(await said.locator("[data-test=lookups]").textContent(), /Looked for “212 accounts”/);
  assert.equal(await said.locator(".md strong").textContent(), "212 accounts");
  assert.equal(await said.locator("img, script").count(), 0);
  assert.match(await said.textContent(), /<img src=x onerror=alert\(1\)>/, "HTML is text");
  assert.deepEqual(await said.locator(".md a").evaluateAll((list) => list.map((a) => [a.getAttribute("href"), a.rel, a.target])), [["https://example.com/", "noopener noreferrer nofollow", "_blank"]]);
  assert.match(await said.locator(".chat-by").textContent(), /local-model/, "the model is named");
  await said.locator("[data-test=cite]").first().click();
  await one.page.locator(".flash").first().waitFor();
  assert.equal((await one.page.locator(".flash").allTextContents()).join(""), "212 accounts", "the words themselves are pointed at");
  await said.locator("[data-test=proposal-add]").click();
  await said.locator('[data-test=proposal][data-state="accepted"]').waitFor();
  const list = await one.findings();
  const own = list.find((f) => f.description === "Where does <b>this number</b> come from?");
  assert.equal(list.length, before + 1);
  assert.deepEqual([own.anchor.quote, own.anchor.block, own.reviewer.kind, own.risk], ["212 accounts", block, "person", "high"]);
  await said.getByText("Show it").click();
  assert.equal(await one.card.getAttribute("data-card"), own.id);
  await reopen(one);
  await answer(one, "done").waitFor();
  assert.equal(await one.at("question").count(), 1);
  assert.equal(await one.page.locator('[data-test=proposal][data-state="accepted"]').count(), 1, "all is kept");
}

async function changing(all) {
  const [one, fake] = await talking(all);
  await fake.script({ text: LONG, overMs: 60_000, when: { text: "slowly" } }, { text: "The second answer.", when: { text: "quickly" } }, { text: "The third answer.", when: { text: "quickly" } });
  await ask(one, "Answer slowly, please");
  await one.page.getByText("Sentence 1 of").waitFor();
  await one.at("chat-stop").click();
  await answer(one, "cancelled").waitFor();
  assert.match(await answer(one, "cancelled").textContent(), /Sentence 1 of.*Stopped\./s, "what was said stays");
  assert.equal((await fake.seen()).open, 0, "the model is not asked any more");
  await one.at("chat-edit").click();
  assert.equal(await one.at("chat-text").inputValue(), "Answer slowly, please");
  await ask(one, "Answer quickly, please");
  await answer(one, "done").getByText("The second answer.").waitFor();
  assert.deepEqual(await one.at("question").locator(".chat-text").allTextContents(), ["Answer quickly, please"], "it took the place of the first");
  await one.at("chat-retry").click();
  await answer(one, "done").getByText("The third answer.").waitFor();
  assert.equal(await one.at("answer").count(), 1);
  await one.at("chat-clear").click();
  await one.at("chat-clear-yes").click();
  await one.at("chat-empty").waitFor();
  await reopen(one);
  await one.at("chat-empty").waitFor();
}

async function again(all) {
  const [one, fake] = await talking(all);
  await fake.script({ text: LONG, overMs: 4000, when: { text: "at length" } });
  await ask(one, "Tell it at length");
  await one.page.getByText("Sentence 1 of").waitFor();
  await reopen(one);
  await one.page.locator('[data-test=answer][data-state="running"]').waitFor();
  await answer(one, "done").waitFor();
  assert.equal((await answer(one, "done").locator(".md").textContent()).trim(), LONG, "whole, and nothing twice");
  assert.equal((await fake.seen()).requests.filter((r) => JSON.stringify(r.body).includes("at length")).length, 1, "and asked once");
}

async function about(all) {
  const [one, fake] = await talking(all);
  await fake.script({ text: "About the words.", when: { text: "seller contacts" } }, { text: "About the finding.", times: "always" });
  await one.page.keyboard.press("Escape");
  await one.select("seller contacts");
  await one.at("ask-selection").click();
  assert.match(await one.at("chat-about").textContent(), /seller contacts/);
  await ask(one, "What is this?");
  await answer(one, "done").getByText("About the words.").waitFor();
  assert.equal(await one.at("chat-about").getByText("seller contacts").count(), 0, "it was about that question alone");
  await one.page.keyboard.press("Escape");
  await one.page.keyboard.press("j");
  const title = await one.card.locator(".card-title").textContent();
  const remark = await one.card.locator(".card-text").textContent();
  await one.card.locator("[data-test=ask-finding]").click();
  await ask(one, "Why?");
  await answer(one, "done").getByText("About the finding.").waitFor();
  assert.match(await one.at("question").last().textContent(), new RegExp(title.slice(0, 20)));
  const { requests } = await fake.seen();
  assert.ok(requests.at(-1).body.messages.at(-1).content.includes(remark), "the model is told");
}

async function wrong(all) {
  const [one, fake] = await talking(all, { settings: { ENABLE_MODEL_FALLBACK: "false" } });
  await fake.script({ error: "bad_key" }, { text: "Now it works." });
  await ask(one, "Anybody there?");
  await answer(one, "failed").waitFor();
  const trouble = answer(one, "failed").locator(".trouble");
  assert.match(await trouble.textContent(), /credential|key/i, "what is wrong");
  await trouble.getByRole("button", { name: "Try again" }).click();
  await answer(one, "done").getByText("Now it works.").waitFor();
}

async function nobody({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.keyboard.press("c");
  await one.at("chat-nobody").getByText("There is no model to talk with.").waitFor();
  assert.equal(await one.at("chat-text").count(), 0);
  await judge(one, "no model");
  await one.page.keyboard.press(",");
  await one.at("models").getByText("No language model is set up").waitFor();
  await judge(one, "the settings without a model");
}

// The parts that come when they are first shown may not come.
async function notLoaded({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.route("**/assets/later-*.js", (route) => route.abort());
  await one.page.keyboard.press(",");
  await one.at("toast").getByText("could not be loaded").waitFor();
  await one.page.keyboard.press("c");
  const trouble = one.page.locator(".rail .trouble");
  await trouble.getByText("could not be loaded").waitFor();
  await one.page.unroute("**/assets/later-*.js");
  await trouble.getByRole("button", { name: "Try again" }).click();
  await one.at("chat-nobody").waitFor();
}

async function judged(all, options) {
  const [one, fake] = await talking(all, options);
  const narrow = options.viewport.width < 800;
  await judge(one, "the chat, empty");
  const block = await blockOf(one, "212 accounts");
  await fake.script(
    {
      blocks: [
        { text: `# Numbers\n\nThere are **212 accounts** [[${block}|212 accounts]].\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- one\n- two\n\n\`\`\`\ncode that is long enough to be wider than the panel is, whatever its width may be\n\`\`\`\n\n> quoted, [a link](https://example.com/)` },
        { tool: { name: "propose_finding", input: { block, quote: "212 accounts", kind: "important", risk: "high", category: "Numbers", description: "Where does it come from?", suggestion: "Name the source." } } },
      ],
    },
    { text: "\n\nThat is all." },
    { error: "bad_request" },
  );
  await ask(one, "Numbers?");
  await answer(one, "done").waitFor();
  await one.page.locator(".md table").waitFor();
  await judge(one, "an answer");
  await answer(one, "done").locator("[data-test=cite]").first().click();
  await one.page.locator(".flash").first().waitFor();
  await judge(one, "words that are pointed at");
  if (narrow) await one.at("pane-chat").click();
  await one.at("chat-edit").first().click();
  await judge(one, "editing a question");
  await one.page.getByRole("button", { name: "Cancel" }).click();
  await ask(one, "Once more");
  await answer(one, "failed").waitFor();
  await judge(one, "an answer that failed");
  await one.at("chat-clear").click();
  await judge(one, "clearing");
  await one.page.keyboard.press("Escape");
  await one.at("settings").click();
  await one.at("model").waitFor();
  await judge(one, "the settings");
  await one.page.keyboard.press("Escape");
  if (narrow) await one.at("pane-outline").click();
  await one.page.locator(".about-details summary").click();
  await one.at("coverage").click();
  await one.at("covered").first().waitFor();
  await judge(one, "what was reviewed");
}

const wide = { width: 1440, height: 900 };
const narrow = { width: 360, height: 740 };
export const chatCases = [
  ["chat: an answer is looked up, streamed, cited, and what it proposes is added", whole],
  ["chat: stop, edit and send again, ask again, clear", changing],
  ["chat: an answer goes on when the page is loaded anew", again],
  ["chat: about selected words, and about a finding", about],
  ["chat: what goes wrong is said, and can be tried again", wrong],
  ["chat: without a model", nobody],
  ["chat: a part of the page that does not come is said", notLoaded],
  ["chat: axe finds nothing: light, wide", (all) => judged(all, { viewport: wide, colorScheme: "light", reducedMotion: "reduce" })],
  ["chat: axe finds nothing: dark, 360 px", (all) => judged(all, { viewport: narrow, colorScheme: "dark", reducedMotion: "reduce" })],
];
