// Builds the page: node build.mjs FOLDER
// FOLDER gets index.html and, under assets/, files named by the hash of their bytes, each with its .gz and .br beside it, and manifest.json,
// which lists them for whoever serves or embeds them: {"files": [{path, file, type, etag, immutable, gzip, brotli}]}, sorted by path.
// The output depends on the sources and the lock file alone. node_modules must be there (npm ci).
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { build } from "esbuild";

import { zipFolder } from "./zip.mjs";

const here = dirname(fileURLToPath(import.meta.url));
if (!process.argv[2]) {
  console.error("usage: node build.mjs FOLDER");
  process.exit(2);
}
const out = resolve(process.argv[2]);

const TYPES = {
  css: "text/css; charset=utf-8",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

const COMMON = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  outdir: "out",
  target: ["chrome123", "firefox120", "safari17.5"],
  legalComments: "none",
  logLevel: "warning",
};

async function bundle(entry, options) {
  const result = await build({ ...COMMON, entryPoints: [entry], ...options });
  return result.outputFiles[0].contents;
}

const files = [];
const first = new Set(["/index.html"]); // paths of what the first load takes
const hash = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 16);

function put(path, bytes, immutable) {
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)];
  const file = path.slice(1);
  const at = join(out, file);
  mkdirSync(dirname(at), { recursive: true });
  const gzip = gzipSync(bytes, { level: 9 });
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  writeFileSync(at, bytes);
  writeFileSync(`${at}.gz`, gzip);
  writeFileSync(`${at}.br`, brotli);
  files.push({ path, file, type, etag: hash(bytes), immutable, gzip: `${file}.gz`, brotli: `${file}.br`, sizes: [bytes.length, gzip.length, brotli.length] });
}

function putHashed(name, extension, bytes) {
  const path = `/assets/${name}-${hash(bytes)}.${extension}`;
  put(path, bytes, true);
  return path;
}

// The page in pieces: what import() names comes when it is first needed. esbuild names each by its content; they find each other by these names.
async function pieces(entry, options) {
  const { outputFiles, metafile } = await build({ ...COMMON, entryPoints: [entry], splitting: true, metafile: true, entryNames: "app-[hash]", chunkNames: "[name]-[hash]", ...options });
  const pathOf = (output) => `/assets/${output.slice(output.lastIndexOf("/") + 1)}`;
  for (const file of outputFiles) put(pathOf(file.path), file.contents, true);
  const [main] = Object.entries(metafile.outputs).find(([, o]) => o.entryPoint === entry);
  const takes = (output) => {
    if (first.has(pathOf(output))) return;
    first.add(pathOf(output));
    for (const i of metafile.outputs[output].imports) if (i.kind === "import-statement") takes(i.path);
  };
  takes(main);
  return pathOf(main);
}

rmSync(join(out, "assets"), { recursive: true, force: true });
const sample = putHashed("sample", "docx", zipFolder(join(here, "../samples/report"))); // to try without a document of one's own
const names = {
  APP_JS: await pieces("src/main.tsx", { format: "esm", jsx: "automatic", jsxImportSource: "preact", define: { SAMPLE_PATH: JSON.stringify(sample) } }),
  THEME_JS: putHashed("theme", "js", await bundle("src/theme.ts", { format: "iife" })),
  APP_CSS: putHashed("app", "css", await bundle("src/style/app.css", {})),
  ICON: putHashed("icon", "svg", readFileSync(join(here, "src/icon.svg"))),
};
for (const path of Object.values(names)) first.add(path);
// asked for at once, not when the script that imports it is read
names.PRELOAD = [...first]
  .filter((path) => path.endsWith(".js") && path !== names.APP_JS && path !== names.THEME_JS)
  .map((path) => `<link rel="modulepreload" href="${path}" />`)
  .join("");
let page = readFileSync(join(here, "src/index.html"), "utf8");
for (const [name, path] of Object.entries(names)) page = page.replaceAll(`%${name}%`, path);
put("/index.html", Buffer.from(page), false);

files.sort((a, b) => (a.path < b.path ? -1 : 1));
writeFileSync(join(out, "manifest.json"), `${JSON.stringify({ files: files.map(({ sizes, ...rest }) => rest) }, null, 1)}\n`);

const BUDGET = 80 * 1024; // of the first load; what comes later is not in it
const loaded = files.filter((f) => first.has(f.path));
const total = loaded.reduce((sum, f) => sum + f.sizes[1], 0);
for (const f of files) console.log(`${f.path}  ${f.sizes[0]} B, gzip ${f.sizes[1]} B, brotli ${f.sizes[2]} B${first.has(f.path) ? "" : "  (when needed)"}`);
console.log(`first load: ${total} B gzip in ${loaded.length} requests`);
if (total > BUDGET) {
  console.error(`over the budget of ${BUDGET / 1024} KiB`);
  process.exit(1);
}
