// node screenshots.mjs PRISM SAMPLE.docx FOLDER: the screens of the page as PNG, wide, middle and narrow, light and dark. To look at; none is kept in the repository.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";

import { Fake } from "./fake.mjs";
import { Person } from "./people.mjs";
import { Server } from "./server.mjs";

const [prism, sample, folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const server = await new Server(prism).start();
const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });

async function shots(name, options) {
  const one = await Person.come(browser, server.base, { reducedMotion: "reduce", ...options });
  const narrow = options.viewport.width < 800;
  const shot = async (what) => {
    await one.page.waitForTimeout(250);
    await one.page.screenshot({ path: join(folder, `${what}-${name}.png`) });
  };
  await one.home();
  await one.page.locator(".empty").waitFor();
  await shot("start");
  await one.at("file").setInputFiles([
    { name: "Investigation report.docx", mimeType: "application/octet-stream", buffer: readFileSync(sample) },
    { name: "Quarterly report.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") },
  ]);
  await one.at("documents").getByText(/decided/).waitFor();
  await shot("documents");
  await one.at("document").getByRole("link").first().click();
  await one.reviewed();
  await shot("review");
  for (const key of ["j", "j", "a", "r", "a"]) {
    await one.page.keyboard.press(key);
    await one.page.waitForTimeout(60);
  }
  await one.saved();
  await shot("decided");
  if (narrow) {
    await one.at("pane-findings").click();
    await shot("findings");
  }
  await one.page.keyboard.press("e");
  await shot("edit");
  await one.page.keyboard.press("Escape");
  await one.at("more-filters").click();
  await shot("filters");
  await one.at("more-filters").click();
  if (narrow) await one.at("pane-document").click();
  await one.page.keyboard.press("Escape");
  await one.select("212 accounts");
  await shot("selection");
  await one.at("add-finding").click();
  await one.at("description").fill("Where does this number come from?");
  await shot("own");
  await one.page.getByRole("button", { name: "Discard" }).click();
  if (narrow) {
    await one.at("pane-outline").click();
    await shot("outline");
  }
  await one.at("finish").click();
  await one.at("include-open_and_accepted").check();
  await one.at("make").click();
  await one.page.locator('[data-test="export"][data-state="done"]').waitFor();
  await shot("finish");
  await one.at("activity").click();
  await one.at("event").first().waitFor();
  await shot("activity");
  await one.page.keyboard.press("?");
  await shot("help");
  await one.page.goto(`${one.base}/status`);
  await one.at("plot-requests").locator("canvas").waitFor();
  await one.page.screenshot({ path: join(folder, `status-${name}.png`), fullPage: true });
  await one.leave();
}

// With a model, which is a fake: what it finds and says is written here.
const FINDS = {
  find: [
    { pattern: "had broken no policy", title: "A claim without a source", category: "Evidence", kind: "important", risk: "high", confidence: 0.93, description: "Nobody says who looked at the 212 accounts, and by which rule.", suggestion: "Name who checked, and when." },
    { pattern: "nobody saw", title: "It may read as blame", category: "Tone", kind: "suggestion", risk: "low", confidence: 0.45, description: "Readers may take it for blame of the team." },
  ],
};

async function modelShots(name, options) {
  const fake = await Fake.start();
  const modelled = await new Server(prism).start({ ...fake.settings, PRISM_BUDGET_DAY: "5" });
  try {
    await fake.script({ findings: FINDS, overMs: 3000, times: "always" });
    const one = await Person.come(browser, modelled.base, { reducedMotion: "reduce", ...options });
    const narrow = options.viewport.width < 800;
    const shot = async (what) => {
      await one.page.waitForTimeout(250);
      await one.page.screenshot({ path: join(folder, `model-${what}-${name}.png`) });
    };
    await one.home();
    await shot("start");
    await one.at("file").setInputFiles([{ name: "Investigation report.docx", mimeType: "application/octet-stream", buffer: readFileSync(sample) }]);
    await one.page.waitForURL("**/documents/*");
    await one.at("card-head").first().waitFor({ state: "attached" });
    if (narrow) await one.at("pane-outline").click();
    await shot("running");
    await one.over();
    if (narrow) await one.at("pane-findings").click();
    await one.page.locator(".card .badge").getByText("Model").first().click();
    if (narrow) await one.at("pane-findings").click();
    await shot("card");
    await one.card.locator("[data-test=reject]").click();
    await one.saved();
    await shot("rejected");
    await one.at("fold").scrollIntoViewIfNeeded();
    await one.at("fold").click();
    await shot("folded");
    if (narrow) await one.at("pane-outline").click();
    await one.page.locator(".about-details summary").click();
    await shot("about");
    await one.at("coverage").click();
    await shot("coverage");
    await one.page.keyboard.press("Escape");
    await one.page.keyboard.press("c");
    await one.at("chat-empty").waitFor();
    await shot("chat");
    const { blocks } = await one.ask(`/documents/${one.document}/content`);
    const block = blocks.find((b) => b.runs.some((r) => r.t.includes("212 accounts"))).i;
    await fake.script(
      { tool: { name: "find_text", input: { text: "accounts" } } },
      {
        blocks: [
          { text: `The summary speaks of **212 accounts** [[${block}|212 accounts]]; who counted them is not said.\n\n1. Who counted, and when?\n2. Was it checked by a second person?\n` },
          { tool: { name: "propose_finding", input: { block, quote: "212 accounts", kind: "important", risk: "medium", category: "Numbers", description: "The number has no source.", suggestion: "Name who counted, and when." } } },
        ],
      },
      { text: "\nA proposal for the first question is below." },
      { error: "bad_request", times: "always" },
    );
    await one.at("chat-text").fill("Can I rely on the numbers?");
    await one.page.keyboard.press("Enter");
    await one.page.locator('[data-test=answer][data-state="done"]').waitFor();
    await shot("answer");
    await one.at("cite").first().click();
    await shot("cited");
    if (narrow) await one.at("pane-chat").click();
    await one.at("chat-text").fill("And the dates?");
    await one.page.keyboard.press("Enter");
    await one.page.locator('[data-test=answer][data-state="failed"]').waitFor();
    await shot("failed");
    await one.at("settings").click();
    await one.at("check-now").click();
    await one.at("checked").first().waitFor();
    await shot("settings");
    await one.leave();
  } finally {
    await modelled.stop();
    await fake.stop();
  }
}

try {
  for (const colorScheme of ["light", "dark"]) {
    await shots(`1440-${colorScheme}`, { viewport: { width: 1440, height: 900 }, colorScheme });
    await shots(`1024-${colorScheme}`, { viewport: { width: 1024, height: 768 }, colorScheme });
    await shots(`360-${colorScheme}`, { viewport: { width: 360, height: 740 }, colorScheme, hasTouch: true });
    await modelShots(`1440-${colorScheme}`, { viewport: { width: 1440, height: 900 }, colorScheme });
    await modelShots(`360-${colorScheme}`, { viewport: { width: 360, height: 740 }, colorScheme, hasTouch: true });
  }
} finally {
  await browser.close();
  await server.stop();
}
