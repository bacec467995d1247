// Judged by axe-core on each screen and panel, light and dark, wide and narrow; nothing is wider than the window; 400 % zoom, forced colours.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function judge(one, what) {
  // evaluated by the debugger, which the page's policy does not bind
  await one.page.evaluate(axe);
  const wrong = await one.page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ["violations"] });
    return result.violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.failureSummary?.slice(0, 200)}`).join(" | ")}`);
  });
  assert.deepEqual(wrong, [], what);
  const over = await one.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${what}: ${over} px wider than the window`);
}

async function screens({ come, files }, options) {
  const one = await come({ reducedMotion: "reduce", ...options });
  const narrow = options.viewport.width < 800;
  await one.home();
  await one.page.locator(".empty").waitFor();
  await judge(one, "the start, empty");
  await one.at("file").setInputFiles([files.sample, files.bytes("notes.txt", "x")]);
  await one.at("documents").getByText(/decided/).waitFor();
  await judge(one, "the start, with documents and a refusal");
  await one.at("delete").click();
  await judge(one, "deleting");
  await one.page.keyboard.press("Escape");
  await one.at("document").getByRole("link").first().click();
  await one.reviewed();
  await judge(one, "the review");
  await one.page.keyboard.press("j");
  await one.page.keyboard.press("a");
  await one.page.keyboard.press("r");
  await one.saved();
  await judge(one, "a finding chosen");
  if (narrow) {
    await one.at("sheet").waitFor();
    await one.at("pane-findings").click();
    await judge(one, "the findings");
  }
  await one.card.locator("summary").click();
  await one.page.keyboard.press("e");
  await one.card.locator('[data-test="edit-form"]').waitFor();
  await judge(one, "editing");
  await one.page.keyboard.press("Escape");
  await one.at("more-filters").click();
  await one.at("risk-high").click();
  await one.at("bulk").click();
  await judge(one, "the filters");
  if (narrow) await one.at("pane-document").click();
  await one.page.keyboard.press("Escape");
  await one.select("212 accounts");
  await judge(one, "words selected");
  await one.at("add-finding").click();
  await judge(one, "a finding of one's own");
  await one.page.getByRole("button", { name: "Discard" }).click();
  if (narrow) {
    await one.at("pane-outline").click();
    await one.page.locator(".about-details summary").click();
    await judge(one, "the outline");
  }
  await one.at("finish").click();
  await one.at("make").click();
  await one.page.locator('[data-test="export"][data-state="done"]').waitFor();
  await one.page.locator(".preview summary").click();
  await judge(one, "finishing");
  await one.at("activity").click();
  await one.at("event").first().waitFor();
  await judge(one, "the activity");
  await one.page.keyboard.press("?");
  await one.at("help-sheet").waitFor();
  await judge(one, "help");
}

async function documents({ come, files }) {
  const one = await come();
  for (const name of ["apache-poi__delins.docx", "jgm-pandoc__lists.docx", "mwilliamson-mammoth.js__tables.docx", "jgm-pandoc__notes.docx", "apache-poi__WordWithAttachments.docx", "bokuweb-docx-rs__nested_table.docx"]) {
    await one.review(files.corpus(name));
    await judge(one, name);
  }
}

async function zoomed({ come, files }) {
  // 400 % zoom of a window of 1280 x 1024
  const one = await come({ viewport: { width: 320, height: 256 } });
  await one.review(files.sample);
  await one.at("pane-findings").click();
  await one.at("card-head").first().click();
  await one.card.locator('[data-test="accept"]').click();
  await one.saved();
  assert.equal(Object.values(await one.decisions()).filter((d) => d === "accepted").length, 1);
  for (const pane of ["outline", "document", "findings"]) {
    await one.at(`pane-${pane}`).click();
    const over = await one.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(over <= 0, `${pane}: ${over} px wider than the window`);
  }
}

async function forced({ come, files }) {
  const one = await come({ forcedColors: "active" });
  await one.review(files.sample);
  await one.page.keyboard.press("j");
  const id = await one.card.getAttribute("data-card");
  const [mark, text] = await one.page.evaluate((id) => {
    const mark = getComputedStyle(document.querySelector(`[data-f~="${id}"]`));
    return [mark.backgroundColor, getComputedStyle(document.querySelector(".paper")).backgroundColor];
  }, id);
  assert.notEqual(mark, text, "marked words stand out with forced colours");
  await judge(one, "forced colours");
}

async function theme({ come }) {
  const one = await come({ colorScheme: "light" });
  await one.home();
  const ground = () => one.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await ground();
  await one.page.getByRole("button", { name: "Dark theme" }).first().click();
  const dark = await ground();
  assert.notEqual(light, dark);
  await one.page.reload();
  await one.at("drop").waitFor();
  assert.equal(await ground(), dark, "the choice stays");
  await one.page.getByRole("button", { name: "Theme of the system" }).first().click();
  assert.equal(await ground(), light);
  await one.page.emulateMedia({ colorScheme: "dark" });
  assert.equal(await ground(), dark, "and then the system decides");
}

async function focus({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  // one stop for Tab in the list, arrows within it
  assert.equal(await one.page.locator('.card-head[tabindex="0"]').count(), 1);
  await one.at("card-head").first().focus();
  await one.page.keyboard.press("ArrowDown");
  await one.page.keyboard.press("ArrowDown");
  await one.page.waitForFunction(() => document.activeElement?.closest(".card.active"));
  await one.at("finish").click();
  await one.at("finish-panel").waitFor();
  assert.equal(await one.page.evaluate(() => document.activeElement?.textContent), "Finish", "the focus goes to what opened");
  await one.at("panel-close").click();
  assert.equal(await one.page.evaluate(() => document.activeElement?.dataset.test), "finish", "and back to what opened it");
}

const wide = { width: 1440, height: 900 };
const narrow = { width: 360, height: 740 };
export const accessCases = [
  ["access: axe finds nothing: light, wide", (all) => screens(all, { viewport: wide, colorScheme: "light" })],
  ["access: axe finds nothing: dark, wide", (all) => screens(all, { viewport: wide, colorScheme: "dark" })],
  ["access: axe finds nothing: light, 360 px", (all) => screens(all, { viewport: narrow, colorScheme: "light" })],
  ["access: axe finds nothing: dark, 360 px", (all) => screens(all, { viewport: narrow, colorScheme: "dark" })],
  ["access: axe finds nothing: documents of the corpus", documents],
  ["access: 400 % zoom", zoomed],
  ["access: forced colours", forced],
  ["access: the theme is the system's until another is chosen", theme],
  ["access: where the focus goes", focus],
];
