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

// S3 (tests/peers/fake_s3.mjs), with a bucket "reviews".
export class FakeS3 {
  static async start() {
    if (!existsSync(join(peers, "node_modules/s3rver"))) throw new Skip("the packages of tests/peers are not installed");
    const fake = new FakeS3();
    fake.child = spawn(process.execPath, [join(peers, "fake_s3.mjs")], { stdio: ["pipe", "pipe", "inherit"] });
    const [port] = await once(createInterface({ input: fake.child.stdout }), "line");
    fake.base = `http://127.0.0.1:${port}`;
    await fetch(`${fake.base}/__bucket?name=reviews`, { method: "POST" });
    return fake;
  }

  get settings() {
    return {
      AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
      AWS_EC2_METADATA_DISABLED: "true",
      S3_BUCKET_NAME: "reviews",
      S3_BASE_PATH: "Logs and data",
      S3_REGION: "eu-west-1",
      PRISM_S3_URL: this.base,
    };
  }

  async tell(script) {
    await fetch(`${this.base}/__script`, { method: "POST", body: JSON.stringify(script) });
  }

  async objects() {
    return (await fetch(`${this.base}/__objects?bucket=reviews`)).json();
  }

  async stop() {
    this.child.stdin.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
  }
}
