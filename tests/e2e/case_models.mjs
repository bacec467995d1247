// Reviews by the model beside the rules, and what is set about models. The model is a fake that finds what the case wants it to find.
import assert from "node:assert/strict";

import { judge } from "./case_access.mjs";

async function settings({ come, withModel, files }) {
  const [server, fake] = await withModel();
  await fake.script({ findings: { oracle: "lazy" }, times: "always" });
  const one = await come({}, server.base);
  await one.home();
  await one.at("settings").click();
  const model = one.at("model");
  await model.getByText("local-model").waitFor();
  assert.equal(await model.getAttribute("data-health"), "well");
  await one.at("settings-dialog").getByText("the OpenAI-compatible server that is set up").waitFor();
  await fake.script({ text: "x", times: "always" });
  await one.at("check-now").click();
  await one.page.locator('[data-test=checked][data-state="ok"]').filter({ hasText: "Model" }).waitFor();
  assert.equal(await one.page.locator('[data-test=checked][data-state="failed"]').count(), 0);
  await fake.script({ error: "bad_key", times: "always" });
  await one.at("check-now").click();
  const failed = one.page.locator('[data-test=checked][data-state="failed"]');
  await failed.waitFor();
  assert.match(await failed.textContent(), /does not work.*key|does not work.*credential/is, "what is wrong, and what to do");
  await judge(one, "the settings");
  await one.page.keyboard.press("Escape");
  assert.equal(await one.page.evaluate(() => document.activeElement?.dataset.test), "settings", "the focus goes back");
}

async function administrator({ come, withModel }) {
  const [server] = await withModel({ PRISM_ADMIN_TOKEN: "a-secret-of-the-case" });
  const one = await come({}, server.base);
  await one.home();
  await one.at("settings").click();
  await one.at("admin-token").fill("another");
  await one.page.keyboard.press("Enter");
  await one.at("check").getByText("does not take this token").waitFor();
  await one.at("admin-token").fill("a-secret-of-the-case");
  await one.page.keyboard.press("Enter");
  await one.at("check-now").waitFor();
  assert.equal(await one.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }).includes("a-secret")), false, "it is kept nowhere");
}

export const modelCases = [
  ["models: how they are, and a check that is real", settings],
  ["models: an administrator’s token", administrator],
];
