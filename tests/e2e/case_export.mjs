// Packages: as one zip, and into a bucket of S3, with its steps, a failure that says why, and trying again.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";

import { download } from "./case_job.mjs";

const PARTS = ["activity.json", "chat.json", "decisions.json", "findings.csv", "findings.json", "manifest.json", "report.html", "statistics.json"];

const listed = (path) => execFileSync("/usr/bin/python3", ["-m", "zipfile", "-l", path], { encoding: "utf8" });

async function asZip({ come, files, folder }) {
  const one = await come();
  await one.review(files.sample);
  await one.at("finish").click();
  assert.equal(await one.at("format-s3").count(), 0, "without a bucket there is no export to S3");
  await one.at("format-zip").check();
  assert.equal(await one.at("make").textContent(), "Make the package", "nothing needs to be accepted for it");
  const { path, name } = await download(one, folder, "package.zip");
  assert.match(name, /_review_\d{8}T\d{6}Z\.zip$/);
  const names = listed(path);
  for (const part of [...PARTS, "original/", "reviewed/"]) assert.ok(names.includes(part), `${part} is in the package`);
}

async function toS3({ come, withBucket, files, folder }) {
  const [server, s3] = await withBucket();
  const one = await come({}, server.base);
  await one.review(files.sample);
  await one.at("finish").click();
  await one.at("format-s3").check();
  await s3.tell({ denied: ["PUT"] });
  await one.at("make").click();
  const row = one.page.locator('[data-test="export"]').first();
  await one.page.locator('[data-test="export"][data-state="failed"]').waitFor();
  assert.match(await row.textContent(), /S3 refuses access to the bucket "reviews".*docs\/operations\.md.*can be downloaded/s);
  assert.deepEqual(await s3.objects(), [], "nothing is there");
  const [got] = await Promise.all([one.page.waitForEvent("download"), row.locator('[data-test="download"]').click()]);
  await got.saveAs(`${folder}/kept.zip`);
  assert.ok(listed(`${folder}/kept.zip`).includes("manifest.json"), "the package of an export that failed is kept");
  await s3.tell({ faults: [{ when: "^PUT .*report.html", delayMs: 3000 }] });
  await row.locator('[data-test="retry-export"]').click();
  await one.at("steps").filter({ hasText: /4 of 10 files sent · report\.html/ }).waitFor();
  await one.page.locator('[data-test="export"][data-state="done"]').waitFor();
  const keys = (await s3.objects()).map((o) => o.key);
  assert.equal(keys.length, 10);
  assert.ok(keys.every((k) => /^Logs and data\/.*_review_\d{8}T\d{6}Z\//.test(k)), keys.join());
  assert.match(await row.textContent(), /s3:\/\/reviews\/Logs and data\//);
}

export const exportCases = [
  ["export: a package of everything is one zip", asZip],
  ["export: to S3: a failure says why and keeps the files; trying again shows its steps and arrives", toS3],
];
