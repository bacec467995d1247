// Reviews by the model beside the rules, and what is set about models. The model is a fake that finds what the case wants it to find.
import assert from "node:assert/strict";

import { judge } from "./case_access.mjs";

async function settings({ come, withModel, files }) {
  const [server, fake] = await withModel();
  await fake.script({ findings: { oracle: "lazy" }, times: "always" });
  const one = await come({}, server.base);
  await one.home();
  await one.at("settings").click();
  const model = one.at("model");
  await model.getByText("local-model").waitFor();
  assert.equal(await model.getAttribute("data-health"), "well");
  await one.at("settings-dialog").getByText("the OpenAI-compatible server that is set up").waitFor();
  await fake.script({ text: "x", times: "always" });
  await one.at("check-now").click();
  await one.page.locator('[data-test=checked][data-state="ok"]').filter({ hasText: "Model" }).waitFor();
  assert.equal(await one.page.locator('[data-test=checked][data-state="failed"]').count(), 0);
  await fake.script({ error: "bad_key", times: "always" });
  await one.at("check-now").click();
  const failed = one.page.locator('[data-test=checked][data-state="failed"]');
  await failed.waitFor();
  assert.match(await failed.textContent(), /does not work.*key|does not work.*credential/is, "what is wrong, and what to do");
  await judge(one, "the settings");
  await one.page.keyboard.press("Escape");
  assert.equal(await one.page.evaluate(() => document.activeElement?.dataset.test), "settings", "the focus goes back");
}

async function throttled({ come, withModel, files }) {
  const [server, fake] = await withModel();
  await fake.script({ error: "throttled", times: "always" });
  const one = await come({}, server.base);
  await one.review(files.sample);
  await one.page.keyboard.press(",");
  await one.page.locator('[data-test=model][data-health="cooling"]').waitFor({ timeout: 40_000 });
  await judge(one, "a model that cools down");
  await fake.script({ findings: FINDS, times: "always" });
  await one.at("reset-model").click();
  await one.page.locator('[data-test=model][data-health="well"]').waitFor();
}

async function administrator({ come, withModel }) {
  const [server] = await withModel({ PRISM_ADMIN_TOKEN: "a-secret-of-the-case" });
  const one = await come({}, server.base);
  await one.home();
  await one.at("settings").click();
  await one.at("admin-token").fill("another");
  await one.page.keyboard.press("Enter");
  await one.at("check").getByText("does not take this token").waitFor();
  await one.at("admin-token").fill("a-secret-of-the-case");
  await one.page.keyboard.press("Enter");
  await one.at("check-now").waitFor();
  assert.equal(await one.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }).includes("a-secret")), false, "it is kept nowhere");
}

// Finds these words wherever a request has them.
const FINDS = {
  find: [
    { pattern: "had broken no policy", title: "A number without a source", category: "Numbers", kind: "important", risk: "high", confidence: 0.95, description: "Nobody says who counted." },
    { pattern: "most appeals are justified", title: "Who says so", category: "Evidence", kind: "important", risk: "medium", confidence: 0.9, description: "The claim has no evidence." },
    { pattern: "nobody saw", title: "Perhaps blame", category: "Tone", kind: "suggestion", risk: "low", confidence: 0.4, description: "It may sound like blame." },
  ],
};
const byModel = (list) => list.filter((f) => f.reviewer.kind === "model");
const titles = (list) => list.map((f) => f.title).sort();

async function upload(one, file) {
  await one.home();
  await one.at("file").setInputFiles(file);
  await one.page.waitForURL("**/documents/*");
}

async function reviewed({ come, withModel, files }) {
  const [server, fake] = await withModel();
  await fake.script({ findings: FINDS, overMs: 2500, times: "always" });
  const one = await come({}, server.base);
  await upload(one, files.sample);
  await one.at("stage").getByText(/^Rules done, the model/).waitFor();
  await one.at("card-head").first().waitFor();
  assert.ok((await one.at("card-head").count()) > 5, "what the rules found is there while the model is at it");
  await one.page.locator(".card .badge").getByText("Model").first().waitFor();
  const review = await one.over();
  assert.equal(review.state, "done");
  await one.at("running").waitFor({ state: "detached" });
  const found = byModel(await one.findings());
  assert.deepEqual(titles(found), ["A number without a source", "Perhaps blame", "Who says so"]);
  // the less sure one is folded away, and not among what is to be decided
  const total = (await one.findings()).length;
  await one.page.waitForFunction((n) => document.querySelector("[data-test=progress]")?.textContent.includes(`of ${n} decided`), total - 1);
  assert.equal(await one.at("card").getByText("Perhaps blame").count(), 0);
  await one.at("source-model").click();
  assert.equal(await one.cards.count(), 2);
  await one.at("fold").click();
  assert.equal(await one.cards.count(), 3);
  await one.page.locator(".card-head").getByText("Perhaps blame").click();
  assert.match(await one.card.textContent(), /40\s%\ssure/);
  await one.page.keyboard.press("a");
  await one.saved();
  assert.equal(Object.values(await one.decisions()).filter((d) => d === "accepted").length, 1);
  await one.page.waitForFunction((n) => document.querySelector("[data-test=progress]")?.textContent === `1 of ${n} decided`, total);
  await judge(one, "findings of the model");
  await one.page.locator(".about-details summary").click();
  await one.at("coverage").click();
  await one.at("coverage-panel").getByText("reviewed all of it").waitFor();
  assert.ok((await one.at("covered").count()) > 5);
  assert.equal(await one.page.locator('[data-test=covered]:not([data-state="reviewed"], [data-state="cached"], [data-state="excluded"])').count(), 0);
  await judge(one, "what was reviewed");
}

// What comes while somebody reads does not move what is being read.
async function still({ come, withModel, files }) {
  const [server, fake] = await withModel();
  await fake.script({ findings: FINDS, firstTokenMs: 2500, times: "always" });
  const one = await come({}, server.base);
  await upload(one, files.sample);
  await one.at("stage").getByText(/^Rules done, the model/).waitFor();
  await one.at("card-head").nth(8).waitFor();
  const list = one.at("list");
  await list.evaluate((e) => (e.scrollTop = 300));
  await one.page.waitForTimeout(100);
  const first = () =>
    list.evaluate((e) => {
      const edge = e.getBoundingClientRect().top;
      const card = [...e.querySelectorAll("[data-card]")].find((c) => c.getBoundingClientRect().bottom > edge);
      return [card.dataset.card, Math.round(card.getBoundingClientRect().top)];
    });
  let before = await first();
  for (let last = null; String(last) !== String(before); ) {
    // until cards that were just painted have their own heights
    last = before;
    await one.page.waitForTimeout(150);
    before = await first();
  }
  await one.page.waitForFunction(() => !document.querySelector("[data-test=source-model]").disabled);
  await one.over();
  await one.page.waitForTimeout(300);
  const after = await first();
  assert.equal(after[0], before[0]);
  assert.ok(Math.abs(after[1] - before[1]) <= 2, `it moved from ${before[1]} to ${after[1]}`);
}

async function failing({ come, withModel, files }) {
  const [server, fake] = await withModel();
  await fake.script({ error: "bad_key", times: "always" });
  const one = await come({}, server.base);
  await one.review(files.sample);
  await one.over();
  const problem = one.at("model-problem");
  await problem.waitFor();
  assert.match(await problem.textContent(), /could not review it.*(key|credential)/is);
  assert.ok((await one.findings()).length > 5, "what the rules found is there");
  assert.equal(byModel(await one.findings()).length, 0, "and nothing is invented");
  await judge(one, "a model that failed");
  await fake.script({ findings: FINDS, times: "always" });
  await problem.getByRole("button", { name: "Review again" }).click();
  await one.page.waitForFunction(() => document.querySelector("[data-test=source-model]")?.disabled === false);
  assert.equal((await one.over()).state, "done");
  assert.equal(byModel(await one.findings()).length, 3);
}

async function cancelled({ come, withModel, files }) {
  const [server, fake] = await withModel();
  await fake.script({ findings: FINDS, firstTokenMs: 60_000, times: "always" });
  const one = await come({}, server.base);
  await upload(one, files.sample);
  await one.at("stage").getByText(/^Rules done, the model/).waitFor();
  await one.at("running").getByRole("button", { name: "Cancel" }).click();
  await one.at("running").waitFor({ state: "detached" });
  await one.over();
  for (let i = 0; (await fake.seen()).open && i < 50; i++) await one.page.waitForTimeout(100);
  assert.equal((await fake.seen()).open, 0, "the model is not asked any more");
  assert.ok((await one.findings()).length > 5, "what the rules found stays");
}

async function neverSent({ come, withModel, files }) {
  const [server, fake] = await withModel();
  await fake.script({ findings: FINDS, times: "always" });
  const one = await come({}, server.base);
  await one.home();
  await one.at("never-send").check();
  await one.at("file").setInputFiles(files.sample);
  await one.page.waitForURL("**/documents/*");
  await one.reviewed();
  await one.over();
  assert.equal((await fake.seen()).total, 0, "nothing was sent");
  await one.page.keyboard.press("c");
  await one.at("chat-nobody").getByText("This document is not sent to a model.").waitFor();
  await judge(one, "a document that is not sent");
  assert.equal((await fake.seen()).total, 0);
  await one.page.locator(".about-details summary").click();
  const mark = one.page.locator(".about [data-test=never-send]");
  assert.equal(await mark.isChecked(), true);
  await one.at("chat-nobody").getByRole("button", { name: "Allow it" }).click();
  await one.at("chat-empty").waitFor();
  assert.equal(await mark.isChecked(), false);
  await mark.click();
  await one.at("chat-nobody").waitFor();
  await one.at("toast-action").click();
  await one.at("chat-empty").waitFor();
  await one.page.keyboard.press("Escape");
  await one.at("review-again").click();
  await one.page.getByRole("dialog").getByRole("button", { name: "Review again" }).click();
  await one.page.waitForFunction(() => document.querySelector("[data-test=source-model]")?.disabled === false);
  assert.ok((await fake.seen()).total > 0);
}

async function notAgain({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  const gone = (await one.findings()).find((f) => f.id === id);
  const same = (list) => list.filter((f) => f.reviewer.id === gone.reviewer.id && f.anchor?.quote === gone.anchor.quote).length;
  const before = same(await one.findings());
  await one.card.locator("[data-test=reject]").click();
  await one.card.locator("[data-test=reason]").first().click();
  await one.card.locator("[data-test=dismiss-document]").click();
  await one.saved();
  await judge(one, "a finding that is not raised again");
  const again = async () => {
    if (!(await one.at("review-again").isVisible())) await one.page.locator(".about-details summary").click();
    await one.at("review-again").click();
    await one.page.getByRole("dialog").getByRole("button", { name: "Review again" }).click();
    await one.page.getByRole("dialog").waitFor({ state: "detached" });
    await one.over();
    await one.at("running").waitFor({ state: "detached" });
  };
  await again();
  assert.equal(same(await one.findings()), before - 1, "it is not raised again");
  await one.page.keyboard.press(",");
  await one.at("dismissal").getByText(gone.anchor.quote.slice(0, 30)).waitFor();
  await judge(one, "the settings with a dismissal");
  await one.at("raise-again").click();
  await one.at("dismissals").getByText("Nothing.").waitFor();
  await one.page.keyboard.press("Escape");
  await again();
  assert.equal(same(await one.findings()), before, "and now it is");
}

async function guidelines({ come, withModel, files }) {
  const [server, fake] = await withModel();
  await fake.script({ findings: { oracle: "lazy" }, times: "always" });
  const one = await come({}, server.base);
  await one.home();
  await one.at("guidelines").click();
  await one.at("guidelines-file").setInputFiles(files.made("guidelines"));
  await one.page.locator('[data-test=guide][data-state="done"]').waitFor();
  await one.at("guide-point").first().waitFor();
  await judge(one, "guidelines");
  await one.at("guide-point").first().locator("textarea").first().fill("Every number names who counted it, on a purple ticket.");
  await one.at("guide-save").click();
  await one.at("toast").getByText("Saved.").waitFor();
  await one.page.keyboard.press("Escape");
  await one.at("against").selectOption({ index: (await one.at("against").locator("option").count()) - 1 });
  await one.at("file").setInputFiles(files.sample);
  await one.page.waitForURL("**/documents/*");
  await one.over();
  const { requests } = await fake.seen();
  assert.ok(requests.some((r) => JSON.stringify(r.body).includes("purple ticket")), "the document is reviewed against what was written there");
}

async function proposed({ come, withModel, files }) {
  const [server, fake] = await withModel();
  const sections = ["The pump failed on Monday", "The repair took four hours", "From now on the pumps are looked at"].map((title, i) => ({ block: i * 4, title, level: 1 }));
  await fake.script({ tool: { name: "propose_sections", input: { sections } }, when: { tool: "propose_sections" } }, { findings: { oracle: "lazy" }, times: "always" });
  const one = await come({}, server.base);
  await upload(one, files.made("plain"));
  await one.over();
  const row = one.at("proposed-section");
  await row.getByText("The repair took four hours").waitFor();
  assert.equal(await row.count(), 3);
  await judge(one, "proposed sections");
  await row.getByText("From now on").click();
  await one.at("proposed-toggle").click();
  await one.page.locator('[data-test=proposed][data-state="undone"]').waitFor();
  assert.equal(await row.count(), 0);
  await one.page.reload();
  await one.page.locator('[data-test=proposed][data-state="undone"]').waitFor();
  await one.at("proposed-toggle").click();
  await row.first().waitFor();
  assert.equal(await row.count(), 3);
}

export const modelCases = [
  ["models: how they are, and a check that is real", settings],
  ["models: a cool-down is shown, and can be ended", throttled],
  ["models: an administrator’s token", administrator],
  ["models: findings come as they are found, the less sure ones folded; what was reviewed", reviewed],
  ["models: findings that come do not move what is being read", still],
  ["models: a model that fails is said, with a way to try again", failing],
  ["models: a review is cancelled while the model is at it", cancelled],
  ["models: a document that is never sent", neverSent],
  ["models: what was dismissed is not raised again, until that is taken back", notAgain],
  ["models: guidelines of one's own", guidelines],
  ["models: sections that are proposed, undone, and used again", proposed],
];
