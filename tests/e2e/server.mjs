// A prism of its own for a case: a free loopback port and an empty data folder, told nothing by the environment of the test.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_MS = 30_000; // sanitizers on a busy machine

export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

export class Server {
  constructor(prism) {
    this.prism = prism;
    this.data = mkdtempSync(join(tmpdir(), "prism-e2e-"));
    this.said = "";
  }

  async start(settings = {}) {
    this.port ??= await freePort();
    this.base = `http://127.0.0.1:${this.port}`;
    const { PATH, ASAN_OPTIONS, UBSAN_OPTIONS } = process.env;
    this.child = spawn(this.prism, ["serve"], {
      env: { PATH, ...(ASAN_OPTIONS && { ASAN_OPTIONS }), ...(UBSAN_OPTIONS && { UBSAN_OPTIONS }), PORT: String(this.port), PRISM_DATA: this.data, ...settings },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child.stderr.on("data", (chunk) => (this.said += chunk));
    this.ended = new Promise((resolve) => this.child.once("exit", resolve));
    for (const end = Date.now() + START_MS; ; ) {
      const up = await fetch(`${this.base}/ready`).then((r) => r.ok, () => false);
      if (up) return this;
      if (this.child.exitCode !== null || Date.now() > end) throw new Error(`the server did not start: ${this.said.slice(-2000)}`);
      await new Promise((r) => setTimeout(r, 50));
    }
  }

  // As a crash does it.
  async kill() {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  async stop() {
    if (this.child?.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGTERM");
      await this.ended;
    }
    rmSync(this.data, { recursive: true, force: true });
    const report = /.*(AddressSanitizer|LeakSanitizer|runtime error:|Assertion).*/.exec(this.said);
    if (report) throw new Error(`the server reported: ${report[0]}`);
  }
}
