// A fake model provider (tests/peers/README.md), for a server that a case makes: what it answers is the case's script.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { Skip } from "./tap.mjs";

const peers = join(dirname(fileURLToPath(import.meta.url)), "../peers");

export class Fake {
  // Speaks as OpenAI's servers do: the only one of the fakes that needs no key.
  static async start() {
    if (!existsSync(join(peers, "node_modules/ajv"))) throw new Skip("the packages of tests/peers are not installed");
    const fake = new Fake();
    fake.child = spawn(process.execPath, [join(peers, "fake_openai.mjs")], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = once(fake.child, "exit").then(() => {
      throw new Error("the fake did not start");
    });
    const [port] = await Promise.race([once(createInterface({ input: fake.child.stdout }), "line"), ended]);
    ended.catch(() => {});
    fake.base = `http://127.0.0.1:${port}`;
    return fake;
  }

  // For the environment of prism.
  get settings() {
    return { PRISM_MODEL_PROVIDER: "openai", PRISM_OPENAI_URL: `${this.base}/v1`, PRISM_OPENAI_MODEL: "local-model" };
  }

  async script(...steps) {
    const answer = await fetch(`${this.base}/__script`, { method: "POST", body: JSON.stringify({ steps }) });
    if (!answer.ok) throw new Error(`the script is not right: ${await answer.text()}`);
  }

  async seen() {
    return (await fetch(`${this.base}/__seen`)).json();
  }

  async stop() {
    this.child.stdin.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
  }
}
