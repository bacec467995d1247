// kubernetes.mjs FILE...: holds manifests to Kubernetes' own OpenAPI schemas, as kubernetes-models carries them, and refuses fields that the schemas do not know (which
// the API server drops in silence). Kustomization files are left out. Ends with 1 and the paths when something is wrong.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createRequire } from "node:module";
import { parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);
const root = dirname(require.resolve("kubernetes-models/package.json"));
const declarations = new Map(); // file → its fields

// Fields of a block of a declaration: name → what may be in it. {} for what is no object.
function fieldsOf(block, indent, modelOf) {
  const fields = new Map();
  const pattern = new RegExp(`^ {${indent}}"([^"]+)"\\??: ([^\\n{]*\\{\\n[\\s\\S]*?\\n {${indent}}\\}>?|[^\\n]*);$`, "gm");
  for (const [, name, type] of block.matchAll(pattern)) {
    const isMap = type.includes("[key: string]");
    const isInline = type.includes("{\n") && !isMap;
    fields.set(name, isInline ? { fields: fieldsOf(type, indent + 4, modelOf) } : { file: modelOf(type), isMap });
  }
  return fields;
}

function declared(file) {
  if (declarations.has(file)) return declarations.get(file);
  const text = readFileSync(file, "utf8").replace(/^ *\/\*\*[\s\S]*?\*\/\n/gm, "");
  const imports = [...text.matchAll(/^import \{ (.*) \} from "(.*)";$/gm)].flatMap(([, names, from]) => names.split(", ").map((n) => [n, from]));
  const modelOf = (type) => {
    const from = imports.find(([name]) => new RegExp(`\\b${name}\\b`).test(type))?.[1];
    const path = from && (from.startsWith(".") ? join(dirname(file), from) : join(root, "..", from)) + ".d.ts";
    return path && existsSync(path) ? path : null;
  };
  const fields = fieldsOf(/^export interface .*\{\n([\s\S]*?)^\}/m.exec(text)?.[1] ?? "", 4, modelOf);
  declarations.set(file, fields);
  return fields;
}

function unknown(fields, value, path, wrong) {
  if (fields.size === 0 || !value || typeof value !== "object") return; // a quantity, a time
  for (const [name, v] of Object.entries(value)) {
    const field = fields.get(name);
    if (!field) wrong.push(`${path}: there is no field ${name}`);
    const inside = field?.fields ?? (field?.file && declared(field.file));
    if (!inside) continue;
    const values = Array.isArray(v) || field.isMap ? Object.entries(v) : [["", v]];
    for (const [i, item] of values) unknown(inside, item, `${path}.${name}${i && `[${i}]`}`, wrong);
  }
}

let wrongs = 0;
let n = 0;
for (const file of process.argv.slice(2)) {
  for (const document of parseAllDocuments(readFileSync(file, "utf8"))) {
    const wrong = document.errors.map(String);
    const value = document.toJS();
    if (value?.kind === "Kustomization") continue;
    n++;
    const name = `${value?.apiVersion}/${value?.kind}`;
    let model;
    try {
      model = require(`kubernetes-models/${value.apiVersion}/${value.kind}`)[value.kind];
    } catch {
      wrong.push(`there is no ${name}`);
    }
    if (model) {
      try {
        new model(value).validate();
      } catch (e) {
        wrong.push(e.message);
      }
      unknown(declared(join(root, value.apiVersion, `${value.kind}.d.ts`)), value, value.kind, wrong);
    }
    for (const line of wrong) console.error(`${file}: ${name}: ${line}`);
    wrongs += wrong.length;
  }
}
console.log(`${wrongs ? "not ok" : "ok"} kubernetes: ${n} objects`);
process.exit(wrongs || n === 0 ? 1 : 0);
