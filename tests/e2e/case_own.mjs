// Findings of one's own, on selected words.
import assert from "node:assert/strict";

import { download } from "./case_job.mjs";

async function second({ come, files, folder }) {
  const one = await come();
  await one.home();
  await one.at("file").setInputFiles(files.made("twice"));
  await one.page.waitForURL("**/documents/*");
  await one.reviewed();
  // "he pump was" stands three times; the second is in bold, and then the words go on in another run
  await one.page.evaluate(() => {
    const bold = document.querySelector(".paper p .b").firstChild;
    const rest = document.querySelector(".paper p .b").nextElementSibling.firstChild;
    getSelection().setBaseAndExtent(bold, 1, rest, "replaced".length);
  });
  await one.at("selection-bar").waitFor();
  await one.at("add-finding").click();
  await one.at("description").fill("Which pump, <b>exactly</b>?");
  await one.at("suggestion").fill("Give its number.");
  await one.at("add-rewrite").click();
  await one.at("rewrite").fill("he pump 2 was replaced");
  await one.at("draft-add").click();
  await one.card.waitFor();
  const [own] = await one.findings();
  assert.equal(own.anchor.quote, "he pump was replaced");
  assert.equal(own.anchor.start, "The pump was replaced. Later t".length, "it is on the second of the two");
  assert.equal(own.reviewer.kind, "person");
  assert.equal(await one.page.locator(`[data-f~="${own.id}"]`).allTextContents().then((t) => t.join("")), "he pump was replaced");
  await one.at("accept").click();
  await one.saved();
  await one.at("finish").click();
  const judged = files.judge((await download(one, folder, "second.docx")).path);
  const comment = judged.comments.find((c) => c.text.includes("Which pump, <b>exactly</b>?"));
  assert.deepEqual([comment.quote, comment.offset], ["he pump was replaced", own.anchor.start], "and in Word too");
}

async function editAndDelete({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  const before = (await one.findings()).length;
  await one.select("seller contacts");
  await one.page.keyboard.press("m");
  await one.at("draft").waitFor();
  await one.at("description").fill("First words");
  await one.page.keyboard.press("Control+Enter");
  await one.page.locator(".card.active").getByText("First words").first().waitFor();
  await one.at("edit").click();
  await one.at("description").fill("Better words");
  await one.at("edit-save").click();
  await one.page.locator(".card.active .card-text").getByText("Better words").waitFor();
  assert.equal((await one.findings()).length, before + 1);
  await one.at("delete-own").click();
  await one.at("toast").getByText("Finding deleted").waitFor();
  assert.equal((await one.findings()).length, before);
  await one.at("toast-action").click();
  await one.page.locator(".card .card-text").getByText("Better words").waitFor();
  assert.equal((await one.findings()).length, before + 1, "undo brings it back");
}

async function byKeyboard({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  const chosen = (await one.findings()).find((f) => f.id === id);
  await one.at("document-pane").focus();
  for (let i = 0; i < 3; i++) await one.page.keyboard.press("Shift+ArrowRight");
  await one.at("selection-bar").waitFor();
  await one.page.keyboard.press("Control+Alt+m");
  await one.at("draft").waitFor();
  await one.page.keyboard.type("By keyboard alone");
  await one.page.keyboard.press("Control+Enter");
  await one.page.locator(".card.active .card-text").getByText("By keyboard alone").waitFor();
  const own = (await one.findings()).find((f) => f.description === "By keyboard alone");
  assert.deepEqual([own.anchor.block, own.anchor.start, own.anchor.end], [chosen.anchor.block, chosen.anchor.start, chosen.anchor.start + 3]);
}

async function overlapping({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  const target = (await one.findings()).find((f) => f.reviewer.id === "time.weekday_mismatch");
  const text = await one.page.locator(`[data-block="${target.anchor.block}"]`).textContent();
  const from = Math.max(0, target.anchor.start - 4);
  // a second one over the end of the first
  await one.page.evaluate(
    ([block, start]) => {
      const walker = document.createTreeWalker(document.querySelector(`[data-block="${block}"]`), NodeFilter.SHOW_TEXT);
      let seen = 0;
      let begin = null;
      for (let node; (node = walker.nextNode()); seen += node.data.length) {
        if (!begin && seen + node.data.length > start) begin = [node, start - seen];
        if (begin && seen + node.data.length >= start + 6) return getSelection().setBaseAndExtent(...begin, node, start + 6 - seen);
      }
    },
    [target.anchor.block, from],
  );
  await one.at("add-finding").click();
  await one.at("description").fill("Overlaps");
  await one.at("draft-add").click();
  await one.page.locator(".card.active .card-text").getByText("Overlaps").waitFor();
  const own = (await one.findings()).find((f) => f.description === "Overlaps");
  for (const f of [own, target]) assert.equal((await one.page.locator(`[data-f~="${f.id}"]`).allTextContents()).join(""), f.anchor.quote);
  const both = one.page.locator(`[data-f~="${own.id}"][data-f~="${target.id}"]`);
  assert.ok((await both.count()) > 0, "some words belong to both");
  // a second click on them chooses the other
  await one.page.keyboard.press("Escape");
  await both.first().click();
  const first = await one.card.getAttribute("data-card");
  await both.first().click();
  await one.page.waitForFunction((id) => document.querySelector(".card.active")?.dataset.card !== id, first);
  assert.equal(await one.page.locator(`[data-block="${target.anchor.block}"]`).textContent(), text, "marks change no text");
}

export const ownCases = [
  ["own: on the second of two same phrases, across runs, in the page and in the file", second],
  ["own: edit, delete, undo", editAndDelete],
  ["own: words selected and commented on by keyboard alone", byKeyboard],
  ["own: overlapping marks", overlapping],
];
