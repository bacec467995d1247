// cloudformation.mjs TEMPLATE: holds a template to AWS's own description of every resource (types, properties, what is required, attributes of Fn::GetAtt), as the
// CDK carries it. Ends with 1 and the paths when something is wrong.
import { readFileSync } from "node:fs";
import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import { parse } from "yaml";

const file = process.argv[2];
const tag = (name, kind) => ({ tag: `!${name}`, collection: kind, resolve: (v) => ({ [name === "Ref" || name === "Condition" ? name : `Fn::${name}`]: v.toJSON ? v.toJSON() : v }) });
const names = ["Base64", "FindInMap", "GetAtt", "If", "Join", "Not", "And", "Or", "Equals", "Select", "Split", "Sub", "Ref", "Condition", "ImportValue"];
const customTags = names.flatMap((name) => [tag(name), tag(name, "seq"), tag(name, "map")]);
const template = parse(readFileSync(file, "utf8"), { customTags, schema: "yaml-1.1" });

const db = loadAwsServiceSpecSync();
const wrong = [];
const say = (path, what) => wrong.push(`${path}: ${what}`);

const resourceOf = (type) => db.lookup("resource", "cloudFormationType", "equals", type)[0];
const isFunction = (v) => v && typeof v === "object" && !Array.isArray(v) && Object.keys(v).length === 1 && /^(Ref|Condition|Fn::.*)$/.test(Object.keys(v)[0]);

// Of Fn::If both sides are looked at; what another function gives is known to AWS alone.
function valuesOf(v) {
  if (!isFunction(v)) return [v];
  if (v["Fn::If"]) return v["Fn::If"].slice(1).flatMap(valuesOf);
  return [];
}

const scalars = {
  string: (v) => ["string", "number", "boolean"].includes(typeof v),
  number: (v) => typeof v === "number" || (typeof v === "string" && v.trim() !== "" && !Number.isNaN(Number(v))),
  integer: (v) => Number.isInteger(Number(v)) && typeof v !== "boolean",
  boolean: (v) => typeof v === "boolean" || v === "true" || v === "false",
};

function fits(type, value, path) {
  const before = wrong.length;
  check(type, value, path);
  const ok = wrong.length === before;
  wrong.length = before;
  return ok;
}

function check(type, given, path) {
  for (const value of valuesOf(given)) {
    if (scalars[type.type]) {
      if (!scalars[type.type](value)) say(path, `${JSON.stringify(value)} is no ${type.type}`);
    } else if (type.type === "array") {
      if (!Array.isArray(value)) say(path, "is no list");
      else value.forEach((item, i) => check(type.element, item, `${path}[${i}]`));
    } else if (type.type === "map") {
      for (const [name, item] of Object.entries(value)) check(type.element, item, `${path}.${name}`);
    } else if (type.type === "ref") {
      checkProperties(db.get("typeDefinition", type.reference.$ref).properties, value, path);
    } else if (type.type === "union") {
      if (!type.types.some((t) => fits(t, value, path))) check(type.types[0], value, path);
    }
  }
}

function checkProperties(known, given, path) {
  if (!given || typeof given !== "object" || Array.isArray(given)) return say(path, "has no properties");
  for (const [name, value] of Object.entries(given)) {
    if (!known[name]) say(path, `there is no property ${name}`);
    else check(known[name].type, value, `${path}.${name}`);
  }
  for (const [name, p] of Object.entries(known)) if (p.required && given[name] === undefined) say(path, `${name} is missing`);
}

for (const [name, r] of Object.entries(template.Resources)) {
  const known = resourceOf(r.Type);
  if (!known) say(name, `there is no resource ${r.Type}`);
  else checkProperties(known.properties, r.Properties ?? {}, name);
}

// Fn::GetAtt names an attribute, or a property that is given back.
(function walk(v, path) {
  if (Array.isArray(v)) return v.forEach((item, i) => walk(item, `${path}[${i}]`));
  if (!v || typeof v !== "object") return;
  if (v["Fn::GetAtt"]) {
    const [name, attribute] = typeof v["Fn::GetAtt"] === "string" ? v["Fn::GetAtt"].split(/\.(.*)/) : v["Fn::GetAtt"];
    const known = template.Resources[name] && resourceOf(template.Resources[name].Type);
    if (known && !known.attributes[attribute] && !known.properties[attribute]) say(path, `${name} has no attribute ${attribute}`);
  }
  for (const [name, item] of Object.entries(v)) walk(item, `${path}.${name}`);
})(template, "");

for (const line of wrong) console.error(`${file}: ${line}`);
console.log(`${wrong.length ? "not ok" : "ok"} cloudformation: ${Object.keys(template.Resources).length} resources`);
process.exit(wrong.length ? 1 : 0);
