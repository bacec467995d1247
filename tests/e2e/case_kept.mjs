// Nothing is lost: by leaving, downloading, reloading, by another tab, by a server that is gone for a while.
import assert from "node:assert/strict";

import { download } from "./case_job.mjs";

async function leaving({ come, files, folder }) {
  const one = await come();
  await one.review(files.sample);
  const url = one.page.url().split("?")[0];
  await one.page.keyboard.press("j");
  await one.page.keyboard.press("a");
  await one.page.keyboard.press("r");
  await one.saved();
  const kept = await one.decisions();
  assert.equal(Object.values(kept).filter((d) => d !== "open").length, 2);
  await one.at("finish").click();
  await download(one, folder, "left.docx");
  await one.at("panel-close").click();
  // goes on after the download
  await one.page.keyboard.press("n");
  const third = await one.card.getAttribute("data-card");
  await one.page.keyboard.press("a");
  await one.saved();
  kept[third] = "accepted";
  for (const leave of [
    () => one.page.reload(),
    () => one.page.goto(one.base).then(() => one.page.goBack()),
    () => one.page.goto("about:blank").then(() => one.page.goto(url)),
    async () => {
      await one.page.close();
      one.page = await one.context.newPage();
      await one.page.goto(url);
    },
  ]) {
    await leave();
    await one.reviewed();
    assert.deepEqual(await one.decisions(), kept);
    assert.equal(await one.count("accepted"), 2);
    assert.equal(await one.count("rejected"), 1);
  }
  await one.at("finish").click();
  const row = one.page.locator('[data-test="export"][data-state="done"]');
  await row.waitFor();
  const [again] = await Promise.all([one.page.waitForEvent("download"), row.locator('[data-test="download"]').click()]);
  assert.ok(await again.path(), "the file that was made can still be downloaded");
}

async function samePlace({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.keyboard.press("k"); // the last one
  const chosen = await one.card.getAttribute("data-card");
  await one.page.locator(`[data-f~="${chosen}"][data-active]`).first().waitFor();
  await one.page.waitForTimeout(600); // the place is noted when scrolling has come to rest
  const top = () => one.page.evaluate((id) => document.querySelector(`[data-f~="${id}"]`).getBoundingClientRect().top, chosen);
  const before = await top();
  assert.ok(before > 0 && before < 900);
  await one.page.reload();
  await one.reviewed();
  await one.page.locator(`.card.active[data-card="${chosen}"]`).waitFor();
  await one.page.waitForTimeout(600);
  assert.ok(Math.abs((await top()) - before) < 40, `the words were at ${before}, they are at ${await top()}`);
}

async function draft({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.select("release checklist");
  await one.at("add-finding").click();
  await one.at("description").fill("Half a thought");
  await one.page.reload();
  await one.at("draft").waitFor();
  assert.equal(await one.at("description").inputValue(), "Half a thought");
  await one.at("draft-add").click();
  await one.page.locator(".card.active .card-text").getByText("Half a thought").waitFor();
}

async function twoTabs({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  const url = one.page.url().split("?")[0];
  const other = await one.context.newPage();
  await other.goto(url);
  await other.locator("[data-test=card]").first().waitFor();
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  await one.page.keyboard.press("a");
  await other.locator(`[data-card="${id}"][data-decision=accepted]`).waitFor();
  // both at once: one decision, in both
  await other.locator(`[data-card="${id}"] [data-test=card-head]`).click();
  await Promise.all([other.locator(".card.active [data-test=reject]").click(), one.page.keyboard.press("k")]);
  await one.page.locator(`[data-card="${id}"][data-decision=rejected]`).waitFor();
  assert.equal((await one.decisions())[id], "rejected");
  // undo in one is seen in the other
  await other.keyboard.press("u");
  await one.page.locator(`[data-card="${id}"][data-decision=accepted]`).waitFor();
}

async function staleTab({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  const url = one.page.url().split("?")[0];
  const other = await one.context.newPage();
  await other.route("**/events", (route) => route.abort()); // it hears nothing
  await other.goto(url);
  await other.locator("[data-test=card]").first().waitFor();
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  await one.page.keyboard.press("a");
  await one.saved();
  await other.locator(`[data-card="${id}"] [data-test=card-head]`).click();
  await other.locator(".card.active [data-test=reject]").click();
  await other.locator(".card.active [data-test=card-problem]").getByText("changed elsewhere").waitFor();
  await other.locator(`[data-card="${id}"][data-decision=accepted]`).waitFor();
  assert.equal((await one.decisions())[id], "accepted", "what the first said is not overwritten unseen");
  await other.locator(".card.active [data-test=reject]").click();
  await one.page.locator(`[data-card="${id}"][data-decision=rejected]`).waitFor();
}

async function doubleClick({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  await one.at("accept").dblclick();
  await one.saved();
  const [finding] = (await one.findings()).filter((f) => f.id === id);
  assert.ok(["accepted", "open"].includes(finding.decision));
  assert.equal(await one.page.locator(`[data-card="${id}"]`).getAttribute("data-decision"), finding.decision, "the page shows what the server has");
}

async function serverGone({ come, serve, files }) {
  const server = await serve();
  const one = await come({}, server.base);
  await one.review(files.sample);
  await one.page.keyboard.press("j");
  await one.page.keyboard.press("a");
  await one.saved();
  await server.kill();
  const decided = [];
  for (const key of ["a", "r", "a"]) {
    decided.push(await one.card.getAttribute("data-card"));
    await one.page.keyboard.press(key);
  }
  await one.at("save-state").getByText(/Offline: 3 changes kept here/).waitFor();
  assert.equal(await one.count("accepted"), 3, "what was decided is shown");
  await server.start();
  await one.saved();
  const now = await one.decisions();
  assert.deepEqual(
    decided.map((id) => now[id]),
    ["accepted", "rejected", "accepted"],
  );
}

async function goneAndClosed({ come, serve, files }) {
  const server = await serve();
  const one = await come({}, server.base);
  await one.review(files.sample);
  const url = one.page.url().split("?")[0];
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  await server.kill();
  await one.page.keyboard.press("a");
  await one.at("save-state").getByText(/Offline: 1 change kept here/).waitFor();
  await one.page.close();
  await server.start();
  one.page = await one.context.newPage();
  await one.page.goto(url);
  await one.reviewed();
  await one.page.locator(`[data-card="${id}"][data-decision=accepted]`).waitFor();
  await one.saved();
  assert.equal((await one.decisions())[id], "accepted", "a decision that waited when the page was closed is sent by the next");
}

async function refused({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  // a refusal as the server words one
  await one.page.route("**/decision", (route) =>
    route.fulfill({
      status: 409,
      contentType: "application/problem+json",
      body: JSON.stringify({ type: "about:blank", title: "Conflict", status: 409, detail: "The review is being deleted.", hint: "Upload the document again.", reason: "review_gone", request_id: "r1" }),
    }),
  );
  await one.at("accept").click();
  await one.at("card-problem").getByText("The review is being deleted.").waitFor();
  assert.equal(await one.page.locator(`[data-card="${id}"]`).getAttribute("data-decision"), "open", "it is shown as it is");
  await one.page.unroute("**/decision");
  await one.at("accept").click();
  await one.page.locator(`[data-card="${id}"][data-decision=accepted]`).waitFor();
  await one.at("card-problem").waitFor({ state: "detached" });
  await one.saved();
  assert.equal((await one.decisions())[id], "accepted");
}

async function withoutStream({ come, files }) {
  const one = await come();
  await one.context.route("**/events", (route) => route.abort()); // a proxy that lets no stream through
  await one.home();
  await one.at("file").setInputFiles(files.sample);
  await one.page.waitForURL("**/documents/*");
  await one.page.locator("[data-test=card]").first().waitFor({ timeout: 20_000 });
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  await one.page.keyboard.press("a");
  for (let i = 0; i < 50 && (await one.decisions())[id] !== "accepted"; i++) await one.page.waitForTimeout(100);
  assert.equal((await one.decisions())[id], "accepted");
  await one.at("finish").click();
  await one.at("make").click();
  await one.page.locator('[data-test="export"][data-state="done"]').waitFor();
}

async function deletedElsewhere({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  const other = await one.context.newPage();
  await other.goto(one.base);
  await other.locator('[data-test="delete"]').click();
  await other.locator('[data-test="delete-yes"]').click();
  await one.page.getByText("This document was deleted.").waitFor();
  await one.page.reload();
  await one.page.getByText("There is no such document").waitFor();
}

// The browser gets its cookie with the first answer: files that were given before it belong to the same visitor.
async function beforeKnown({ come, files }) {
  const one = await come();
  await one.page.route("**/api/v1/me", async (route) => {
    const answer = await route.fetch();
    await new Promise((go) => setTimeout(go, 1500));
    await route.fulfill({ response: answer });
  });
  await one.home();
  await one.at("file").setInputFiles([files.sample, files.sample]);
  await one.page.waitForFunction(() => document.querySelectorAll('[data-test="documents"] a[href^="/documents/"]').length === 2);
  assert.equal((await one.ask("/documents")).documents.length, 2, "both are this browser's");
}

// A review ended while an empty list was on its way: until the next list is there, nobody knows that nothing was found.
async function endedMeanwhile({ come, files }) {
  const one = await come();
  await one.context.route("**/events", (route) => route.abort());
  await one.context.route(/\/documents\/[^/]+\/reviews$/, async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    for (const review of body.reviews) review.state = "running";
    await route.fulfill({ response, json: body });
  });
  let asked = 0;
  await one.context.route(/\/findings\?/, async (route) => {
    const response = await route.fetch();
    if (++asked === 1) return route.fulfill({ response, json: { ...(await response.json()), findings: [], next: null, total: 0 } });
    await new Promise((go) => setTimeout(go, 1500));
    await route.fulfill({ response });
  });
  await one.home();
  await one.page.evaluate(() => {
    window.claimed = 0;
    new MutationObserver(() => (window.claimed += document.body.innerText.includes("Nothing was found") ? 1 : 0)).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await one.at("file").setInputFiles(files.sample);
  await one.page.locator("[data-test=list] .card-head").first().waitFor({ timeout: 30_000 });
  assert.ok(asked >= 2, "the list was asked for again");
  assert.equal(await one.page.evaluate(() => window.claimed), 0);
}

export const keptCases = [
  ["kept: files given before the server has said who this is", beforeKnown],
  ["kept: nothing is said of a list that is still on its way", endedMeanwhile],
  ["kept: not_again_12: leaving, downloading, reloading and closing lose nothing", leaving],
  ["kept: a document opens again at the same place", samePlace],
  ["kept: a finding that is half written survives a reload", draft],
  ["kept: two tabs show the same", twoTabs],
  ["kept: a tab that heard nothing does not overwrite what another decided", staleTab],
  ["kept: not_again_26: a double click leaves one decision", doubleClick],
  ["kept: the server is killed in the middle of the work", serverGone],
  ["kept: the server is killed, the page is closed, both come back", goneAndClosed],
  ["kept: what the server refuses goes back to what it was, with the reason on its card", refused],
  ["kept: where no stream of events comes through, the page asks", withoutStream],
  ["kept: a document that was deleted in another tab says so", deletedElsewhere],
];
