// node run.mjs: the pure logic of the page (src/model) with node's own test runner, printing TAP. The sources are TypeScript, so each test is bundled first.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const out = mkdtempSync(join(tmpdir(), "prism-web-test-"));
try {
  await build({
    entryPoints: readdirSync(here).filter((f) => f.endsWith(".test.ts")).map((f) => join(here, f)),
    bundle: true,
    platform: "node",
    format: "esm",
    outdir: out,
    outExtension: { ".js": ".mjs" },
    logLevel: "warning",
  });
  const tests = readdirSync(out).map((f) => join(out, f));
  execFileSync(process.execPath, ["--test", "--test-reporter=tap", ...tests], { stdio: "inherit", cwd: join(here, "..") });
} catch (error) {
  if (error.status === undefined) console.error(error);
  process.exitCode = 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
