// The status page: who sees it, that its plots come and its numbers move, judged by axe in light and dark, wide and narrow; and a document whose file was removed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import { judge } from "./case_access.mjs";

const TOKEN = "an-administrators-token";

async function traffic(one) {
  await one.page.evaluate(async () => {
    for (let i = 0; i < 30; i++) await fetch("/api/v1/server");
    for (let i = 0; i < 5; i++) await fetch("/api/v1/documents/nothing");
  });
}

const shown = (one) => one.at("status").waitFor();

async function administrators({ come, serve, files }) {
  const server = await serve({ PRISM_ADMIN_TOKEN: TOKEN });
  const one = await come({}, server.base);
  await one.page.goto(`${one.base}/status`);
  await one.at("status-stranger").waitFor();
  assert.equal(await one.at("status").count(), 0);
  await judge(one, "the status, for a stranger");
  await one.at("admin-token").fill("a wrong one, of some length");
  await one.page.keyboard.press("Enter");
  await one.page.getByText("does not take this token").waitFor();
  await one.at("admin-token").fill(TOKEN);
  await one.page.keyboard.press("Enter");
  await shown(one);
  assert.equal(await one.at("part").count(), 7);
  assert.equal(await one.page.locator('[data-test="part"][data-state="failed"]').count(), 0);
  assert.match(await one.at("problems").innerText(), /Nothing since the server started/);
  // the way there, and back, without losing the token
  await one.page.getByRole("link", { name: "Documents", exact: true }).click();
  await one.at("drop").waitFor();
  await one.at("settings").click();
  await one.at("to-status").getByRole("link").click();
  await shown(one);
  assert.equal(await one.page.locator("dialog[open]").count(), 0);
}

async function plots({ come, serve, files }, options = {}) {
  const server = await serve();
  const one = await come({ reducedMotion: "reduce", ...options }, server.base);
  await one.page.goto(`${one.base}/status`);
  await shown(one);
  assert.match(await one.at("plot-work").innerText(), /No review has ended/);
  assert.equal(await one.at("plot-work").locator("canvas").count(), 0);
  await judge(one, "the status of a server that was just started");
  await traffic(one);
  await one.review(files.sample);
  await one.page.goto(`${one.base}/status`);
  await shown(one);
  for (const plot of ["plot-requests", "plot-latency", "plot-work"]) await one.at(plot).locator("canvas").waitFor();
  // something is drawn in the colour of the first line
  const drawn = await one.at("plot-requests").locator("canvas").evaluate((canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((v) => v > 0));
  assert.ok(drawn, "the canvas is empty");
  const told = async () => Number(/all: ([\d,]+)/.exec(await one.at("plot-requests").textContent())[1].replace(",", ""));
  const before = await told();
  assert.ok(before >= 35, `only ${before} requests are told`);
  await traffic(one);
  await one.page.waitForFunction(([was]) => Number(/all: ([\d,]+)/.exec(document.querySelector('[data-test="plot-requests"]').textContent)[1].replace(",", "")) >= was + 35, [before]);
  const table = one.at("plot-requests").locator("details");
  await table.locator("summary").focus();
  await one.page.keyboard.press("Enter");
  await table.locator("tbody tr").first().waitFor();
  assert.match(await one.at("storage").innerText(), /Documents\s+1/);
  assert.match(await one.at("retention").innerText(), /7 days/);
  await judge(one, "the status");
  const label = await one.at("plot-requests").locator('[role="img"]').getAttribute("aria-label");
  assert.match(label, /Requests a minute/);
}

const SCREENS = [
  ["wide and dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" }],
  ["narrow", { viewport: { width: 360, height: 740 }, hasTouch: true }],
];

// The server is stopped, its documents become older than they are kept, and it is started again.
async function removed({ come, serve, files }) {
  const server = await serve();
  const one = await come({}, server.base);
  await one.review(files.sample);
  const kept = await one.cards.count();
  await one.page.goto(one.base);
  await one.at("kept-until").waitFor();
  const url = `${one.base}${await one.at("document").getByRole("link").first().getAttribute("href")}`;
  const age = async (days) => {
    await one.page.goto("about:blank");
    server.child.kill("SIGTERM");
    await server.ended;
    const script = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('UPDATE document SET used_at = used_at - ?', (int(sys.argv[2]),)); db.commit()";
    execFileSync("/usr/bin/python3", ["-c", script, join(server.data, "prism.db"), String(days * 24 * 3600 * 1000)]);
    await server.start();
  };
  await age(6);
  await one.page.goto(one.base);
  await one.page.locator(".kept-soon").waitFor();
  await judge(one, "a document that goes soon");
  await age(2);
  for (const end = Date.now() + 30_000; !(await one.at("file-removed").count()) && Date.now() < end; await one.page.waitForTimeout(200)) {
    await one.page.goto(one.base);
    await one.at("document").waitFor();
  }
  assert.equal(await one.at("document").locator("a[download]").count(), 0);
  await judge(one, "a list with a document without its file");
  await one.page.goto(url);
  await one.at("file-removed").getByText(/It was removed on/).waitFor();
  await one.cards.first().waitFor();
  assert.equal(await one.cards.count(), kept);
  await one.page.keyboard.press("j");
  await one.page.keyboard.press("a");
  await one.saved();
  assert.equal(await one.count("accepted"), 1);
  await judge(one, "a document without its file");
  await one.at("finish").click();
  assert.ok(await one.at("format-docx").isDisabled());
  await one.at("make").click();
  await one.page.locator('[data-test="export"][data-state="done"]').waitFor();
  await judge(one, "finishing without the file");
}

export const statusCases = [
  ["status: for administrators, who find it and are shown all parts", administrators],
  ["status: plots come and move by themselves, with a table for who does not look", plots],
  ...SCREENS.map(([name, options]) => [`status: ${name}`, (tools) => plots(tools, options)]),
  ["status: a document whose file was removed says so, and its findings are read and decided", removed],
];
