// The script of a fake: what it answers, request by request. README.md has the language. A script is checked whole when it is given, so
// that a wrong word in it is an error of the test and not an answer that nobody asked for.

const number = (low, high) => (v) => (typeof v === "number" && v >= low && v <= high ? "" : `a number from ${low} to ${high}`);
const text = (v) => (typeof v === "string" ? "" : "a string");
const flag = (v) => (typeof v === "boolean" ? "" : "true or false");
const object = (v) => (v && typeof v === "object" && !Array.isArray(v) ? "" : "an object");
const list = (v) => (Array.isArray(v) && v.length <= 1000 ? "" : "a list of at most 1000");
const one = (...words) => (v) => (words.includes(v) ? "" : `one of ${words.join(", ")}`);
const pattern = (v) => {
  try {
    return new RegExp(v) && "";
  } catch (e) {
    return `a regular expression (${e.message})`;
  }
};
const either = (...checks) => (v) => (checks.some((check) => !check(v)) ? "" : checks.map((check) => check(v)).join(", or "));
const shape = (fields) => (v) => {
  if (object(v)) return object(v);
  for (const [name, value] of Object.entries(v)) {
    if (!Object.hasOwn(fields, name)) return `an object without "${name}" (it may have ${Object.keys(fields).join(", ")})`;
    const wrong = fields[name](value);
    if (wrong) return `an object whose "${name}" is ${wrong}`;
  }
  return "";
};
const each = (check) => (v) => list(v) || v.map((item, i) => [i, check(item)]).filter(([, wrong]) => wrong).map(([i, wrong]) => `a list whose item ${i} is ${wrong}`)[0] || "";

const hour = 3600000;
const after = number(0, 1e9);
const long = shape({ repeat: text, tokens: number(1, 2e6) });
const tool = shape({ name: text, input: () => "", raw: text, ascii: flag });
const rule = (v) => object(v) || (v.pattern === undefined ? "an object with a pattern" : pattern(v.pattern));

export const oracles = ["perfect", "lazy", "liar", "truncator", "flooder", "noisy"];
const findings = shape({
  oracle: one(...oracles), find: each(rule), blocks: pattern, range: pattern, list: text, fields: object, names: object,
  lie: one("words", "block", "changed"), count: number(1, 100000), seed: number(0, 2 ** 31), share: number(0, 1), ascii: flag,
});

const contents = { text: either(text, long), tool, blocks: each(shape({ text: either(text, long), tool, thinking: text })), findings };
const endings = { error: either(text, shape({ kind: text, status: number(400, 599), message: text, headers: object })), drop: flag, hang: flag };
const stepFields = {
  ...contents, ...endings,
  when: shape({ model: pattern, path: pattern, text: pattern, system: pattern, tool: pattern, stream: flag }),
  times: either(number(1, 1e9), one("always")), thinking: text, stop: text, usage: object, headers: object, ignoreMaxTokens: flag,
  headersMs: number(0, hour), firstTokenMs: number(0, hour), overMs: number(0, hour), pieceChars: number(1, 1e6), splitBytes: number(1, 1e6),
  pingMs: number(10, hour),
  stall: shape({ after, ms: either(number(0, hour), one("forever")) }),
  cut: shape({ after, inside: flag, how: one("close", "reset", "end") }),
  badChecksum: shape({ after, of: one("prelude", "message") }),
  fail: shape({ after, error: text }),
};

// What is wrong with the script, as a sentence; "" when nothing is. kinds: the errors that this provider can answer with; streamKinds: those
// that it can say in the middle of a stream.
export function check(script, { settings, kinds, streamKinds, checksums }) {
  const wrong = shape({ steps: each(shape(stepFields)), server: object })(script);
  if (wrong) return `a script is ${wrong}`;
  for (const name of Object.keys(script.server ?? {}))
    if (!Object.hasOwn(settings, name)) return `there is no setting "${name}" (there are ${Object.keys(settings).join(", ")})`;
  for (const [i, step] of (script.steps ?? []).entries()) {
    const said = [...Object.keys(contents), ...Object.keys(endings)].filter((name) => step[name] !== undefined);
    if (said.length !== 1) return `step ${i} must say one of ${[...Object.keys(contents), ...Object.keys(endings)].join(", ")}, and says ${said.length}`;
    const kind = step.error?.kind ?? step.error;
    if (kind !== undefined && !kinds.includes(kind)) return `step ${i}: there is no error "${kind}" (there are ${kinds.join(", ")})`;
    if (step.fail && !streamKinds.includes(step.fail.error)) return `step ${i}: no stream fails with "${step.fail.error}" (but with ${streamKinds.join(", ")})`;
    if (step.badChecksum && !checksums) return `step ${i}: this provider's stream has no checksums`;
  }
  return "";
}

const matches = (when, ask) =>
  ["model", "path", "text", "system"].every((name) => when[name] === undefined || new RegExp(when[name], "su").test(ask[name])) &&
  (when.tool === undefined || ask.tools.some((t) => new RegExp(when.tool, "u").test(t.name))) &&
  (when.stream === undefined || when.stream === ask.stream);

// The first step that fits this request and is not used up; undefined when none is left. A step counts as used from here on.
export class Steps {
  constructor(steps = []) {
    this.steps = steps.map((step, index) => ({ step, index, left: step.times === "always" ? Infinity : (step.times ?? 1) }));
  }
  take(ask) {
    const found = this.steps.find((it) => it.left > 0 && matches(it.step.when ?? {}, ask));
    if (found) found.left--;
    return found;
  }
  left() {
    return this.steps.map((it) => (it.left === Infinity ? "always" : it.left));
  }
}
