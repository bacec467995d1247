// Markup in names, in the document, in what people write: text, nothing else.
import assert from "node:assert/strict";

const BAD = "<img src=x onerror=\"alert('text')\"><script>alert(1)</script>";

async function hostile({ come, files }) {
  const one = await come();
  const name = `Seller's "A" <b> & <img src=x onerror=alert(9)>.docx`;
  await one.review(files.copy(name, files.made("hostile")));
  assert.equal(await one.page.locator("h1").textContent(), name);
  assert.equal(await one.page.locator(".paper img, .paper script, .paper svg[onload], .paper iframe, h1 b").count(), 0);
  await one.page.locator(".paper .block", { hasText: BAD }).first().waitFor();
  await one.page.locator(".paper h2", { hasText: `Seller's "A" <b>&amp; <svg onload=alert(3)>` }).waitFor();
  assert.equal(await one.page.locator('.paper a[href^="javascript:"]').count(), 0);
  // what a person writes
  await one.select(" team said ");
  await one.at("add-finding").click();
  await one.at("description").fill(BAD);
  await one.at("suggestion").fill(BAD);
  await one.at("draft-add").click();
  await one.page.locator(".card.active .card-text", { hasText: BAD }).waitFor();
  await one.at("reject").click();
  await one.saved();
  // a name of one's own, in the activity
  await one.page.evaluate(async (name) => fetch("/api/v1/me", { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ name }) }), "<u onclick=alert(7)>");
  await one.at("activity").click();
  await one.at("event").first().waitFor();
  await one.home();
  await one.at("document").getByText(name).waitFor();
  await one.at("delete").click();
  await one.at("delete-dialog").getByText(name).waitFor();
  await one.at("delete-yes").click();
  await one.at("document").waitFor({ state: "detached" });
  // leave() holds the page to: no dialog, no error, no violation of the policy, no request elsewhere
}

async function address({ come, files }) {
  const one = await come();
  await one.review(files.sample);
  const url = one.page.url().split("?")[0];
  await one.page.goto(`${url}?risk=<script>&q=<img src=x onerror=alert(1)>&section=-1,x&f=nothing&sort=up`);
  await one.reviewed();
  assert.equal(await one.at("search").inputValue(), "<img src=x onerror=alert(1)>");
  await one.at("clear-filter").click();
  assert.ok((await one.cards.count()) > 0);
  await one.page.goto(`${one.base}/documents/%3Cscript%3E`);
  await one.page.getByText("There is no such document").waitFor();
  await one.page.goto(`${one.base}/nowhere`);
  assert.ok((await one.page.textContent("body")).length > 0);
}

async function strictPolicy({ come }) {
  const one = await come();
  const answer = await one.page.goto(one.base);
  const policy = answer.headers()["content-security-policy"];
  for (const part of ["script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) assert.ok(policy.includes(part), part);
  assert.doesNotMatch(policy, /unsafe|https?:|\*/);
  await one.at("drop").waitFor();
  const loaded = await one.page.evaluate(() => performance.getEntriesByType("resource").filter((e) => !e.name.includes("/api/")).map((e) => e.encodedBodySize));
  assert.ok(loaded.length <= 6, "at most six requests");
  const total = loaded.reduce((a, b) => a + b, answer.headers()["content-length"] ? Number(answer.headers()["content-length"]) : 0);
  assert.ok(total <= 60 * 1024, `${total} bytes`);
}

export const hostileCases = [
  ["hostile: not_again_19: markup in names, documents and words of people is text", hostile],
  ["hostile: addresses with nonsense in them", address],
  ["hostile: a strict policy, one origin, few and small files", strictPolicy],
];
