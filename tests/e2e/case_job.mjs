// The whole job, by mouse and by keyboard alone.
import assert from "node:assert/strict";
import { join } from "node:path";

// Makes the file in the open finish panel and downloads it.
export async function download(one, folder, name) {
  await one.at("make").click();
  const row = one.page.locator('[data-test="export"][data-state="done"]').first();
  await row.waitFor();
  const [got] = await Promise.all([one.page.waitForEvent("download"), row.locator('[data-test="download"]').click()]);
  const path = join(folder, name);
  await got.saveAs(path);
  return { path, name: got.suggestedFilename() };
}

// The document has exactly a comment for each of these findings, on its words.
export function commented(judged, findings) {
  const ours = judged.comments.filter((c) => findings.some((f) => c.text.includes(f.description)));
  assert.equal(ours.length, findings.length, "one comment for each finding");
  for (const f of findings) {
    const own = ours.filter((c) => c.text.includes(f.description) && c.quote === f.anchor.quote);
    assert.ok(own.length >= 1, `no comment on "${f.anchor.quote}" says "${f.description}"`);
  }
}

async function byMouse({ come, files, folder }) {
  const one = await come();
  await one.review(files.sample);
  const found = await one.findings();
  assert.ok(found.length > 20, "the sample has findings");
  assert.equal(await one.cards.count(), found.length, "a card for each finding");
  for (const decision of ["open", "accepted", "rejected"]) assert.equal(await one.count(decision), found.filter((f) => f.decision === decision).length);

  // words and cards are tied both ways
  const weekday = found.find((f) => f.reviewer.id === "time.weekday_mismatch");
  const words = one.page.locator(`[data-f~="${weekday.id}"]`).first();
  assert.equal(await one.page.locator(`[data-f~="${weekday.id}"]`).allTextContents().then((t) => t.join("")), weekday.anchor.quote);
  await words.click();
  await one.page.locator(`[data-card="${weekday.id}"].active`).waitFor();
  assert.equal(new URL(one.page.url()).searchParams.get("f"), weekday.id, "the choice is in the address");
  const other = found.find((f) => f.reviewer.id !== weekday.reviewer.id && f.anchor.block !== weekday.anchor.block);
  await one.page.locator(`[data-card="${other.id}"] [data-test=card-head]`).click();
  await one.page.locator(`[data-f~="${other.id}"][data-active]`).first().waitFor();
  assert.equal(await one.page.locator(`[data-f~="${weekday.id}"][data-active]`).count(), 0);

  // decide
  await one.at("accept").click();
  await words.click();
  await one.at("edit").click();
  await one.at("description").fill("The weekday is wrong: that was a Tuesday.");
  await one.at("edit-accept").click();
  await one.page.locator(`[data-card="${weekday.id}"][data-decision=accepted]`).waitFor();
  const third = found.find((f) => f.id !== weekday.id && f.id !== other.id);
  await one.page.locator(`[data-card="${third.id}"] [data-test=card-head]`).click();
  await one.at("reject").click();
  await one.at("reason").filter({ hasText: "Out of scope" }).click();
  await one.saved();
  const now = await one.findings();
  const by = (id) => now.find((f) => f.id === id);
  assert.deepEqual([by(other.id).decision, by(weekday.id).decision, by(third.id).decision], ["accepted", "accepted", "rejected"]);
  assert.equal(by(third.id).note, "Out of scope");
  assert.equal(by(weekday.id).edited, true);
  assert.equal(by(weekday.id).original.description, weekday.description);
  assert.equal(await one.count("accepted"), 2);
  assert.match(await one.at("progress").textContent(), new RegExp(`^3 of ${found.length} decided$`));

  // finish, twice
  await one.at("finish").click();
  assert.match(await one.at("make").textContent(), /2 comments/);
  const first = await download(one, folder, "mouse-1.docx");
  commented(files.judge(first.path), [by(other.id), by(weekday.id)]);
  await one.at("include-open_and_accepted").check();
  await one.at("summary").check();
  await one.at("tracked").check();
  await one.page.waitForFunction((n) => document.querySelector("[data-test=make]").textContent.includes(`${n} comments`), found.length - 1);
  await one.at("make").click();
  await one.page.locator('[data-test="export"][data-state="done"]').nth(1).waitFor();
  const [second] = await Promise.all([one.page.waitForEvent("download"), one.at("download").first().click()]);
  const path = join(folder, "mouse-2.docx");
  await second.saveAs(path);
  const judged = files.judge(path);
  for (const f of now.filter((f) => f.decision !== "rejected" && f.anchor && f.rewrite === null && f.section !== null).slice(0, 5))
    assert.ok(judged.comments.some((c) => c.text.includes(f.description)), f.description);
  assert.ok(!judged.comments.some((c) => c.text.includes(by(third.id).description) && c.quote === by(third.id).anchor.quote), "what was rejected is not in it");
}

async function byKeyboard({ come, files, folder }) {
  const one = await come();
  await one.review(files.sample);
  const press = async (...keys) => {
    for (const key of keys) await one.page.keyboard.press(key);
  };
  const active = () => one.card.getAttribute("data-card");
  await press("j");
  await one.card.waitFor();
  const first = await active();
  await press("j", "k");
  assert.equal(await active(), first, "J and K go there and back");
  await press("a"); // decides and goes to the next open one
  await one.page.waitForFunction((id) => document.querySelector(".card.active")?.dataset.card !== id, first);
  const second = await active();
  await press("r");
  await one.page.waitForFunction((id) => document.querySelector(".card.active")?.dataset.card !== id, second);
  await one.saved();
  assert.deepEqual([(await one.decisions())[first], (await one.decisions())[second]], ["accepted", "rejected"]);
  await press("u");
  await one.page.locator(`[data-card="${second}"][data-decision=open]`).waitFor();
  assert.equal((await one.decisions())[second], "open", "U takes back the last decision");

  // edit: the keys are letters in a field; Esc leaves it
  await press("e");
  await one.at("description").waitFor();
  await one.page.keyboard.type(" jar?");
  assert.match(await one.at("description").inputValue(), / jar\?$/);
  await press("Escape");
  await one.at("edit-form").waitFor({ state: "detached" });
  assert.deepEqual((await one.decisions())[second], "open");

  // search, and out again
  await press("/");
  await one.page.keyboard.type("weekday");
  await one.page.waitForFunction(() => document.querySelectorAll("[data-test=card]").length === 1);
  await press("Escape", "Escape");
  await one.page.waitForFunction(() => document.querySelectorAll("[data-test=card]").length > 10);

  // help: opens, Esc closes, the focus comes back
  await one.at("help").focus();
  await press("?");
  await one.at("help-sheet").waitFor();
  await press("a"); // is no decision while the sheet is open
  await press("Escape");
  await one.at("help-sheet").waitFor({ state: "detached" });
  assert.equal(await one.page.evaluate(() => document.activeElement?.dataset.test), "help");

  // the browser's keys stay the browser's
  const before = await one.decisions();
  await press("Control+a", "Alt+r", "Control+c");
  await one.saved();
  assert.deepEqual(await one.decisions(), before);
  await one.page.evaluate(() => getSelection().removeAllRanges());

  // decide the rest, then finish without a mouse
  await press("n");
  for (let i = 0; i < 60 && (await one.count("open")) > 0; i++) await press(i % 3 === 2 ? "r" : "a");
  assert.equal(await one.count("open"), 0);
  await one.saved();
  await press("f");
  await one.at("finish-panel").waitFor();
  for (let i = 0; i < 20 && !(await one.page.evaluate(() => document.activeElement?.dataset.test === "make")); i++) await press("Tab");
  await press("Enter");
  await one.page.locator('[data-test="export"][data-state="done"]').waitFor();
  for (let i = 0; i < 5 && !(await one.page.evaluate(() => document.activeElement?.dataset.test === "download")); i++) await press("Tab");
  const [got] = await Promise.all([one.page.waitForEvent("download"), press("Enter")]);
  const path = join(folder, "keyboard.docx");
  await got.saveAs(path);
  const accepted = (await one.findings()).filter((f) => f.decision === "accepted");
  assert.equal(files.judge(path).comments.filter((c) => accepted.some((f) => c.text.includes(f.description))).length, accepted.length);
  await press("Escape");
  await one.at("list").waitFor();
}

async function keysCanBeChanged({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.keyboard.press("?");
  const sheet = one.at("help-sheet");
  await sheet.getByRole("button", { name: /^Accept the finding/ }).click();
  await one.page.keyboard.press("r");
  await sheet.getByText("“r” is taken by").waitFor();
  await sheet.getByRole("button", { name: /^Accept the finding/ }).click();
  await one.page.keyboard.press("y");
  await sheet.getByRole("button", { name: "Accept the finding: y. Change this key" }).waitFor();
  await one.page.keyboard.press("Escape");
  await one.page.reload();
  await one.reviewed();
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  await one.page.keyboard.press("a");
  await one.page.keyboard.press("y");
  await one.saved();
  assert.equal((await one.decisions())[id], "accepted");
  await one.page.keyboard.press("?");
  await one.at("keys-on").uncheck();
  await one.page.keyboard.press("Escape");
  const before = await one.decisions();
  await one.page.keyboard.press("r");
  await one.page.keyboard.press("y");
  await one.saved();
  assert.deepEqual(await one.decisions(), before, "keys that are off do nothing");
}

async function filters({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  const found = await one.findings();
  const high = found.filter((f) => f.risk === "high");
  await one.at("risk-high").click();
  assert.equal(await one.cards.count(), high.length);
  assert.equal(await one.at("hidden").textContent().then((t) => Number(/\d+/.exec(t)[0])), found.length - high.length);
  await one.at("risk-low").click();
  assert.equal(await one.cards.count(), found.filter((f) => f.risk !== "medium").length, "filters of one name are alternatives");
  assert.equal(new URL(one.page.url()).searchParams.get("risk"), "high,low");
  await one.at("more-filters").click();
  await one.at("filter-panel").getByLabel(/^Critical/).check();
  const both = found.filter((f) => f.risk !== "medium" && f.kind === "critical");
  assert.equal(await one.cards.count(), both.length, "filters of different names all hold");
  await one.page.reload();
  await one.reviewed();
  assert.equal(await one.cards.count(), both.length, "the address keeps the filter");
  await one.at("clear-filter").click();
  assert.equal(await one.cards.count(), found.length);

  // each number of the page is the number of findings that it shows
  for (const row of await one.page.locator(".outline-count").all()) {
    await row.click();
    const shown = await one.cards.count();
    assert.match(await row.getAttribute("aria-label"), new RegExp(`^${shown} finding`));
    await row.click();
  }

  // all that is shown at once, as one step
  await one.at("risk-low").click();
  const low = found.filter((f) => f.risk === "low").map((f) => f.id);
  await one.at("bulk").click();
  assert.match(await one.at("bulk-reject").textContent(), new RegExp(`Reject ${low.length} open`));
  await one.at("bulk-reject").click();
  await one.at("toast").getByText(`${low.length} findings rejected`).waitFor();
  const now = await one.decisions();
  for (const f of found) assert.equal(now[f.id], low.includes(f.id) ? "rejected" : "open");
  await one.at("toast-action").click();
  await one.page.waitForFunction(() => document.querySelector("[data-test=tab-rejected] .tab-count")?.textContent === "0");
  assert.ok(Object.values(await one.decisions()).every((d) => d === "open"), "one undo takes all of it back");
}

async function corpus({ come, files, folder }) {
  const one = await come();
  for (const name of ["apache-poi__delins.docx", "jgm-pandoc__comments.docx", "mwilliamson-mammoth.js__tables.docx"]) {
    await one.review(files.corpus(name));
    const found = await one.findings();
    assert.equal(await one.cards.count(), found.length, name);
    // each mark is on exactly the words of its finding
    for (const f of found.filter((f) => f.anchor && f.located)) {
      const words = (await one.page.locator(`[data-block="${f.anchor.block}"] [data-f~="${f.id}"]`).allTextContents()).join("");
      assert.equal(words, f.anchor.quote, `${name}: ${f.title}`);
    }
  }
  await one.review(files.corpus("jgm-pandoc__comments.docx"));
  await one.page.locator(".comment-dot button").first().click();
  await one.page.locator(".comment-card:popover-open").first().waitFor();
  await one.review(files.corpus("apache-poi__delins.docx"));
  assert.ok((await one.page.locator(".paper ins").count()) > 0 && (await one.page.locator(".paper del").count()) > 0, "tracked changes are shown");
  await one.page.keyboard.press("j");
  await one.page.keyboard.press("a");
  await one.saved();
  await one.at("finish").click();
  const { path, name } = await download(one, folder, "corpus.docx");
  assert.match(name, /delins/);
  const accepted = (await one.findings()).filter((f) => f.decision === "accepted");
  assert.ok(files.judge(path).comments.some((c) => c.text.includes(accepted[0].description)));
}

async function otherFormats({ come, files, folder }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.keyboard.press("j");
  await one.page.keyboard.press("a");
  await one.saved();
  await one.at("finish").click();
  for (const format of ["html", "csv", "json"]) {
    await one.at(`format-${format}`).check();
    const before = await one.page.locator('[data-test="export"][data-state="done"]').count();
    await one.at("make").click();
    await one.page.waitForFunction((n) => document.querySelectorAll('[data-test="export"][data-state="done"]').length > n, before);
    const [got] = await Promise.all([one.page.waitForEvent("download"), one.at("download").first().click()]);
    assert.match(got.suggestedFilename(), new RegExp(`\\.${format}$`));
    await got.saveAs(join(folder, `other.${format}`));
  }
  await one.at("activity").click();
  await one.at("event").filter({ hasText: "You accepted" }).first().waitFor();
  await one.at("event").filter({ hasText: "uploaded the document" }).waitFor();
}

async function listAndDelete({ come, files }) {
  const one = await come();
  await one.home();
  await one.at("file").setInputFiles([files.sample, files.made("twice")]);
  await one.page.waitForFunction(() => document.querySelectorAll("[data-test=document]").length === 2);
  await one.at("documents").getByText(/0 of \d+ decided/).waitFor();
  const row = one.at("document").filter({ hasText: "twice.docx" });
  await row.locator('[data-test="delete"]').click();
  await one.at("delete-dialog").getByRole("button", { name: "Keep it" }).click();
  assert.equal(await one.at("document").count(), 2);
  await row.locator('[data-test="delete"]').click();
  await one.at("delete-yes").click();
  await row.waitFor({ state: "detached" });
  await one.page.reload();
  await one.at("document").first().waitFor();
  assert.equal(await one.at("document").count(), 1);
  assert.equal((await one.ask("/documents")).documents.length, 1);
}

async function reviewAgain({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  await one.page.keyboard.press("j");
  await one.page.keyboard.press("a");
  await one.saved();
  await one.page.locator(".about-details summary").click();
  await one.at("review-again").click();
  await one.page.getByRole("dialog").getByRole("combobox").selectOption("general");
  await one.page.getByRole("dialog").getByRole("button", { name: "Review again" }).click();
  await one.page.waitForFunction(() => document.querySelector("[data-test=tab-accepted] .tab-count")?.textContent === "0" && document.querySelector("[data-test=card]"));
  const { reviews } = await one.ask(`/documents/${one.document}/reviews`);
  assert.equal(reviews.length, 2);
  assert.equal(reviews[0].framework.id, "general");
  // the earlier one is as it was
  await one.page.locator(".about-details summary").click();
  await one.page.getByLabel("Show the review of").selectOption(reviews[1].id);
  await one.page.waitForFunction(() => document.querySelector("[data-test=tab-accepted] .tab-count")?.textContent === "1");
}

async function large({ come, files }) {
  const one = await come();
  await one.home();
  await one.at("file").setInputFiles(files.made("large"));
  await one.page.waitForURL("**/documents/*", { timeout: 60_000 });
  await one.page.locator("[data-test=card]").first().waitFor({ timeout: 60_000 });
  const found = await one.findings();
  assert.ok(found.length > 500);
  const last = found.at(-1);
  await one.page.goto(`${one.base}/documents/${one.document}?f=${last.id}`);
  await one.page.locator(`[data-f~="${last.id}"][data-active]`).first().waitFor({ timeout: 60_000 });
  await one.page.waitForFunction((id) => {
    const box = document.querySelector(`[data-f~="${id}"]`)?.getBoundingClientRect();
    return box && box.top > 0 && box.bottom < innerHeight;
  }, last.id);
  await one.page.keyboard.press("a");
  await one.saved();
  assert.equal((await one.decisions())[last.id], "accepted");
}

export const jobCases = [
  ["job: by mouse: read, choose, accept, edit, reject with a reason, download, check the comments", byMouse],
  ["job: by keyboard alone, from the first finding to the download", byKeyboard],
  ["job: keys can be changed and switched off", keysCanBeChanged],
  ["job: filters stand in the address, numbers are what they show, many at once is one step", filters],
  ["job: documents of the corpus: marks are on the words, comments and tracked changes are shown", corpus],
  ["job: HTML, CSV and JSON; the activity tells of it", otherFormats],
  ["job: several files at once, the list, deleting", listAndDelete],
  ["job: not_again_15: a second review leaves the first as it was", reviewAgain],
  ["job: 6,000 paragraphs and more than 500 findings", large],
];
