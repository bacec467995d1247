// Reviewers whose answers are known in advance, because they follow a rule that the test gives: they read the numbered blocks that the
// request holds and report on words that are really there, or, where that is their nature, on words that are not.
//   perfect    every match of every pattern, with the exact words          lazy       nothing
//   liar       as many, but no quote can be found in its block             noisy      words chosen by chance, from a seed
//   truncator  as perfect, the JSON breaks off                             flooder    many more findings than anyone wants

const words = (text) => [...text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu)];

// The numbered blocks of a request: the first line of each number, in order.
export function readBlocks(ask, rule) {
  const seen = new Map();
  for (const found of ask.text.matchAll(new RegExp(rule.blocks ?? String.raw`^\[(?<number>\d+)\][ \t]+(?<text>.*)$`, "gmu")))
    if (!seen.has(found.groups.number)) seen.set(found.groups.number, { number: Number(found.groups.number), text: found.groups.text });
  const range = rule.range && ask.text.match(new RegExp(rule.range, "su"))?.groups;
  const inside = (block) => !range || (block.number >= Number(range.first) && block.number <= Number(range.last));
  return [...seen.values()].filter(inside);
}

function matchesIn(blocks, rules) {
  const found = [];
  for (const block of blocks)
    for (const { pattern, flags = "u", ...fields } of rules)
      for (const match of block.text.matchAll(new RegExp(pattern, flags.includes("g") ? flags : flags + "g")))
        if (match[0]) found.push({ block: block.number, quote: match.groups?.quote ?? match[0], ...fields });
  return found;
}

// A number from 0 to below n, the same for the same seed. (xorshift32)
function chance(seed) {
  let x = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    x >>>= 0;
    return x % n;
  };
}

function someWords(block, pick) {
  const all = words(block.text);
  if (!all.length) return undefined;
  const from = all[pick(all.length)];
  const to = all[Math.min(all.length - 1, all.indexOf(from) + pick(4))];
  return { block: block.number, quote: block.text.slice(from.index, to.index + to[0].length) };
}

function byChance(blocks, count, seed) {
  const pick = chance(seed);
  const withWords = blocks.filter((block) => words(block.text).length);
  return withWords.length ? Array.from({ length: count }, () => someWords(withWords[pick(withWords.length)], pick)) : [];
}

const invented = ["the zeppelin inventory was never reconciled", "forty-one lighthouse keepers agreed", "as the marmalade committee had warned"];

const lies = {
  words: (finding, blocks, i) => ({ ...finding, quote: `${invented[i % invented.length]} (${i + 1})` }),
  // the words are in the document, but not in the block that is named
  block: (finding, blocks) => ({ ...finding, block: blocks.find((b) => !b.text.includes(finding.quote))?.number ?? Math.max(...blocks.map((b) => b.number)) + 1 }),
  // half of the words are those of the document
  changed: (finding, blocks, i) => ({ ...finding, quote: `${finding.quote.slice(0, Math.ceil(finding.quote.length / 2))} ${invented[i % invented.length]}` }),
};

function found(ask, rule) {
  const blocks = readBlocks(ask, rule);
  const real = matchesIn(blocks, rule.find ?? []);
  switch (rule.oracle ?? "perfect") {
    case "lazy":
      return [];
    case "liar": {
      const about = real.length ? real : byChance(blocks, rule.count ?? 20, rule.seed ?? 1);
      return about.map((finding, i) => lies[rule.lie ?? "words"](finding, blocks, i));
    }
    case "noisy":
      return byChance(blocks, rule.count ?? 20, rule.seed ?? 1);
    case "flooder":
      return byChance(blocks, rule.count ?? 500, rule.seed ?? 1);
    default:
      return real;
  }
}

// What a schema asks for and the finding lacks, in the simplest form that is right.
function filled(schema = {}, depth = 0) {
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf && depth < 8) return filled(schema.anyOf[0], depth + 1);
  switch ([].concat(schema.type)[0]) {
    case "object":
      return depth < 8 ? Object.fromEntries((schema.required ?? []).map((name) => [name, filled(schema.properties?.[name], depth + 1)])) : {};
    case "array":
      return [];
    case "number":
    case "integer":
      return schema.minimum ?? 0;
    case "boolean":
      return false;
    case "null":
      return null;
    default:
      return "as the rule of the test says";
  }
}

const usual = (finding) => ({
  kind: "important", risk: "medium", category: "clarity", description: `A reader may ask what is meant by “${finding.quote}”.`,
  suggestion: "Say it with a source.", confidence: 0.9, ...finding,
});

// One finding in the words of the schema: other names where the test gives them, nothing that the schema does not know, all that it requires.
function fitted(finding, rule, schema) {
  const named = {};
  for (const [name, value] of Object.entries({ ...usual(finding), ...rule.fields })) named[rule.names?.[name] ?? name] = value;
  if (!schema?.properties) return named;
  for (const [name, value] of Object.entries(named)) {
    const of = schema.properties[name];
    if (!of) delete named[name];
    else if (of.type === "string" && typeof value === "number") named[name] = String(value);
  }
  for (const name of schema.required ?? []) named[name] ??= filled(schema.properties[name]);
  return named;
}

// { input, cut }: the tool's input, and whether (and where, as a part of it) its JSON breaks off.
export function review(ask, rule) {
  const schema = ask.schema;
  const lists = Object.entries(schema?.properties ?? {}).filter(([, of]) => of.type === "array");
  const list = rule.list ?? lists[0]?.[0] ?? "findings";
  const input = schema ? filled({ ...schema, type: "object" }) : {};
  input[list] = found(ask, rule).map((finding) => fitted(finding, rule, schema?.properties?.[list]?.items));
  return { input, cut: rule.oracle === "truncator" ? (rule.share ?? 0.5) : undefined };
}
