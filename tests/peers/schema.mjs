// Judges JSON files against a schema: node schema.mjs KIND FILE...  (KIND: reviews, review, sarif, framework, rules)
// A .jsonl file is judged line by line; a top-level array under "review" item by item. Ends with 1 and the paths when any is wrong.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Ajv04 from "ajv-draft-04";
import Ajv2020 from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../..");
const kinds = {
  review: [Ajv2020, join(root, "docs/review.schema.json")],
  reviews: [Ajv2020, join(root, "docs/reviews.schema.json")],
  rules: [Ajv2020, join(root, "docs/rules.schema.json")],
  framework: [Ajv2020, join(root, "frameworks/framework.schema.json")],
  sarif: [Ajv04, join(here, "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json")],
};

const [kind, ...files] = process.argv.slice(2);
if (!kinds[kind] || files.length === 0) {
  console.error("usage: node schema.mjs reviews|review|sarif|framework|rules FILE...");
  process.exit(2);
}
const [Validator, path] = kinds[kind];
const ajv = new Validator({ allErrors: true, strict: kind !== "sarif", strictRequired: false, strictTypes: kind !== "sarif", unicodeRegExp: kind !== "sarif" });
addFormats(ajv);
if (kind === "reviews") ajv.addSchema(JSON.parse(readFileSync(join(root, "docs/review.schema.json"), "utf8")));
const schema = JSON.parse(readFileSync(path, "utf8"));
const validate = ajv.compile(schema);

let wrong = 0;
for (const file of files) {
  const text = readFileSync(file, "utf8");
  const parsed = file.endsWith(".jsonl") ? text.trim().split("\n").map((line) => JSON.parse(line)) : [JSON.parse(text)];
  const values = kind === "review" ? parsed.flat() : parsed;
  for (const value of values) {
    if (validate(value)) continue;
    wrong++;
    for (const e of validate.errors.slice(0, 10)) console.error(`${file}: ${e.instancePath || "/"} ${e.message} ${JSON.stringify(e.params)}`);
  }
}
console.log(`${wrong ? "not ok" : "ok"} ${kind}: ${files.length} files`);
process.exit(wrong ? 1 : 0);
