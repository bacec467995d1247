// Under a path of a proxy: the page, its parts, what it asks, live events and downloads all stay below it.
import assert from "node:assert/strict";

import { download } from "./case_job.mjs";

async function belowAPath({ come, serve, files, folder }) {
  const server = await serve({ PRISM_BASE_PATH: "/tools/prism" });
  const base = `${server.base}/tools/prism`;
  const one = await come({}, `${base}/`);
  const outside = [];
  one.page.on("request", (r) => r.url().startsWith(`${base}/`) || outside.push(r.url()));
  await one.review(files.sample);
  assert.ok(one.page.url().startsWith(`${base}/documents/`), one.page.url());
  await one.page.keyboard.press("j");
  await one.page.keyboard.press("a");
  await one.saved();
  await one.page.reload();
  await one.reviewed();
  assert.equal(await one.count("accepted"), 1);
  await one.at("finish").click();
  await download(one, folder, "below.docx");
  assert.deepEqual(outside, []);
}

export const baseCases = [["the page stays below the path of a proxy", belowAPath]];
