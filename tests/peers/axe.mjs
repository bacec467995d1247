// Judges HTML reports by axe-core in Chromium, in the light and the dark theme: node axe.mjs FILE...
// axe is put into a copy of the page (whose policy forbids script, so the policy is taken out of the copy); the verdict comes back in the page.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const axe = readFileSync(join(here, "node_modules/axe-core/axe.min.js"), "utf8");
const run = `axe.run(document, { resultTypes: ["violations"] }).then((r) => {
  const said = r.violations.map((v) => v.id + ": " + v.help + " (" + v.nodes.length + ") " + v.nodes[0].html.slice(0, 120));
  document.body.innerHTML = "<pre id=verdict></pre>";
  document.getElementById("verdict").textContent = "VERDICT" + JSON.stringify(said) + "END";
});`;

function page(html, theme) {
  let copy = html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, "");
  if (theme === "dark")
    copy = copy.replace("@media (prefers-color-scheme: dark)", "@media all").replace("color-scheme: light dark", "color-scheme: dark");
  return copy.replace("</body>", () => `<script>${axe}</script><script>${run}</script></body>`);
}

let wrong = 0;
const folder = mkdtempSync(join(tmpdir(), "prism-axe-"));
for (const file of process.argv.slice(2)) {
  for (const theme of ["light", "dark"]) {
    const path = join(folder, "page.html");
    writeFileSync(path, page(readFileSync(file, "utf8"), theme));
    const dom = execFileSync(
      "chromium",
      ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000", "--window-size=1280,1000", "--dump-dom", `file://${path}`],
      { encoding: "utf8", maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] },
    );
    const verdict = dom.match(/<pre id="verdict">VERDICT([\s\S]*?)END<\/pre>/);
    const said = verdict ? JSON.parse(verdict[1].replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")) : ["axe gave no verdict"];
    if (said.length) wrong++;
    console.log(`${said.length ? "not ok" : "ok"} ${file} (${theme})`);
    for (const line of said) console.log(`  ${line}`);
  }
}
rmSync(folder, { recursive: true });
process.exit(wrong ? 1 : 0);
