// node main.mjs PRISM SAMPLE.docx [PATTERN…]: the whole job at the page, by mouse and by keyboard, with real documents. Prints TAP (see run.sh).
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { accessCases } from "./case_access.mjs";
import { baseCases } from "./case_base.mjs";
import { chatCases } from "./case_chat.mjs";
import { exportCases } from "./case_export.mjs";
import { hostileCases } from "./case_hostile.mjs";
import { jobCases } from "./case_job.mjs";
import { keptCases } from "./case_kept.mjs";
import { modelCases } from "./case_models.mjs";
import { ownCases } from "./case_own.mjs";
import { refusalCases } from "./case_refusal.mjs";
import { statusCases } from "./case_status.mjs";
import { Fake, FakeS3 } from "./fake.mjs";
import { files } from "./files.mjs";
import { Person } from "./people.mjs";
import { Server } from "./server.mjs";
import { run } from "./tap.mjs";

const [prism, sample, ...patterns] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "prism-e2e-files-"));
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
const shared = await new Server(prism).start(); // for the cases that leave the server alone; each has a browser of its own, so none sees another's documents

// A case gets the server, its files, and someone at a browser; one that stops servers makes its own.
async function around(_name, body) {
  const people = [];
  const servers = [];
  const fakes = [];
  const come = async (options, base = shared.base) => {
    const person = await Person.come(browser, base, options);
    people.push(person);
    return person;
  };
  const serve = async (settings) => {
    const server = new Server(prism);
    servers.push(server);
    return server.start(settings);
  };
  // A server with a model, whose answers are the case's: [server, fake].
  const withModel = async (settings = {}) => {
    const fake = await Fake.start();
    fakes.push(fake);
    return [await serve({ ...fake.settings, ...settings }), fake];
  };
  // A server with a bucket of S3: [server, fake].
  const withBucket = async () => {
    const fake = await FakeS3.start();
    fakes.push(fake);
    return [await serve(fake.settings), fake];
  };
  let page;
  try {
    await body({ come, serve, withModel, withBucket, files: files(sample, folder), folder });
    page = people.splice(0);
    for (const person of page) await person.leave();
  } catch (error) {
    for (const person of people) {
      const at = join(tmpdir(), `prism-e2e-failed-${process.pid}.png`);
      await person.page?.screenshot({ path: at }).then(() => (error.stack += `\nthe page then: ${at}`), () => {});
    }
    throw error;
  } finally {
    for (const person of people) await person.context.close().catch(() => {});
    for (const server of servers) await server.stop();
    for (const fake of fakes) await fake.stop();
  }
}

const cases = [...jobCases, ...ownCases, ...keptCases, ...refusalCases, ...hostileCases, ...exportCases, ...chatCases, ...modelCases, ...statusCases, ...accessCases, ...baseCases];
let failed = 1;
try {
  failed = await run(cases, patterns, around);
} finally {
  await browser.close();
  await shared.stop().catch((error) => {
    console.log(`# ${error.message}`);
    failed++;
  });
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
