// node screenshots.mjs PRISM SAMPLE.docx FOLDER: the screens of the page as PNG, wide, middle and narrow, light and dark. To look at; none is kept in the repository.
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { chromium } from "playwright-core";

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
  await one.leave();
}

try {
  for (const colorScheme of ["light", "dark"]) {
    await shots(`1440-${colorScheme}`, { viewport: { width: 1440, height: 900 }, colorScheme });
    await shots(`1024-${colorScheme}`, { viewport: { width: 1024, height: 768 }, colorScheme });
    await shots(`360-${colorScheme}`, { viewport: { width: 360, height: 740 }, colorScheme, hasTouch: true });
  }
} finally {
  await browser.close();
  await server.stop();
}
