// The server that the three fakes share: it takes a script, answers by it, and remembers what it was asked.
//   node fake_NAME.mjs [SCRIPT]   SCRIPT is a file or, beginning with {, the script itself. Prints the port (of 127.0.0.1) on the first line.
// It ends with its parent: when its standard input does, if that is a pipe, and in any case when the process that started it is gone; and
// after an hour, unless a person sits at it.
import { fstatSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { isatty } from "node:tty";
import { answer, pieces, wordsOf } from "./answer.mjs";
import { PromptCache } from "./cache.mjs";
import { send } from "./pace.mjs";
import { check, Steps } from "./script.mjs";
import { Seen } from "./seen.mjs";

const mostBody = 33 * 1024 * 1024;
const mostConnections = 4096;
const mostLifeMs = 3600000;

function endWithParent() {
  const input = fstatSync(0);
  if (input.isFIFO() || input.isSocket()) process.stdin.resume().on("end", () => process.exit(0)).on("error", () => process.exit(0));
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.exit(0), 500).unref();
  if (!isatty(0)) setTimeout(() => process.exit(0), mostLifeMs).unref();
}

async function readBody(request) {
  const all = [];
  let size = 0;
  for await (const piece of request) {
    size += piece.length;
    if (size <= mostBody) all.push(piece);
  }
  return size <= mostBody ? Buffer.concat(all) : undefined;
}

const parsed = (raw) => {
  try {
    return JSON.parse(raw);
  } catch {
    return undefined;
  }
};

class Fake {
  constructor(provider) {
    this.provider = provider;
    this.seen = new Seen();
    this.set({});
  }

  set(script) {
    const settings = { ...structuredClone(this.provider.settings), ...script.server };
    const wrong = check(script, this.provider) || this.provider.wrongSettings?.(settings);
    if (wrong) return wrong;
    this.steps = new Steps(script.steps);
    this.settings = settings;
    this.cache = new PromptCache();
    return "";
  }

  say(response, { status, headers = {}, body }) {
    const bytes = Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
    response.writeHead(status, { "content-type": "application/json", ...headers, "content-length": bytes.length });
    response.end(bytes);
  }

  control(request, response, raw, url) {
    if (url.pathname === "/__seen" && request.method === "GET")
      return this.say(response, { status: 200, body: this.seen.json(Number(url.searchParams.get("since") ?? 0), this.steps) });
    if (url.pathname === "/__script" && request.method === "POST") {
      const script = raw && parsed(raw);
      const wrong = script === undefined ? "the script is not JSON" : this.set(script);
      return this.say(response, wrong ? { status: 400, body: { wrong } } : { status: 200, body: {} });
    }
    if (url.pathname === "/__reset" && request.method === "POST") {
      this.set({});
      this.seen.clear();
      return this.say(response, { status: 200, body: {} });
    }
    return this.say(response, { status: 404, body: { wrong: "there are POST /__script, GET /__seen and POST /__reset" } });
  }

  failure({ kind, status, message, headers }, ask) {
    const made = this.provider.failure(kind, this.settings, { message, ask });
    return { ...made, status: status ?? made.status, headers: { ...made.headers, ...headers } };
  }

  // The provider's own answer before any script: who asks, what is listed, what is refused. Undefined when the script has the word.
  async first(request, raw, url, record) {
    const { provider, settings } = this;
    if (raw === undefined) return this.failure({ kind: "too_large" });
    const admitted = await provider.admit(request, raw, settings);
    record.auth = admitted.auth;
    if (admitted.refused) return this.failure(admitted.refused);
    return provider.listed(request, url, settings);
  }

  async answer(request, response, raw, url, record) {
    const { provider, settings } = this;
    const early = await this.first(request, raw, url, record);
    if (early) return this.plain(response, record, early, "refused");
    const ask = provider.ask(request, record.body, url);
    if (ask.refused) return this.plain(response, record, this.failure(ask.refused), "refused");
    Object.assign(record, { model: ask.model, stream: ask.stream });
    const refused = provider.refuse(ask, settings);
    if (refused) return this.plain(response, record, this.failure(refused, ask), "refused");
    const taken = this.steps.take(ask);
    if (!taken) return this.plain(response, record, { status: 500, body: { message: "the fake's script has no step left for this request" } }, "unscripted");
    record.step = taken.index;
    return this.play(response, record, ask, taken.step);
  }

  plain(response, record, made, outcome) {
    if (this.provider.headers) made = { ...made, headers: { ...this.provider.headers(this.settings), ...made.headers } };
    this.say(response, made);
    this.seen.end(record, outcome, { status: made.status });
  }

  async play(response, record, ask, step) {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    try {
      if (step.hang) await new Promise((_, fail) => gone.signal.addEventListener("abort", fail));
      if (step.headersMs) await new Promise((go, fail) => (setTimeout(go, step.headersMs), gone.signal.addEventListener("abort", fail)));
      if (step.drop) {
        response.socket.destroy();
        return this.seen.end(record, "dropped");
      }
      if (step.error) {
        const error = typeof step.error === "string" ? { kind: step.error } : step.error;
        return this.plain(response, record, this.failure({ ...error, headers: { ...error.headers, ...step.headers } }, ask), "error");
      }
      await this.give(response, record, ask, step, gone.signal);
    } catch (e) {
      if (!gone.signal.aborted) throw e;
      this.seen.end(record, "left");
    }
  }

  async give(response, record, ask, step, signal) {
    const { provider, settings } = this;
    const made = answer(step, ask, this.cache.look(ask.prefixes));
    const more = { status: 200, usage: made.usage, stop: made.stop, misfit: made.misfit };
    const headers = { ...provider.headers?.(settings), ...step.headers };
    if (!ask.stream) {
      if (step.firstTokenMs ?? step.overMs) await new Promise((go, fail) => (setTimeout(go, (step.firstTokenMs ?? 0) + (step.overMs ?? 0)), signal.addEventListener("abort", fail)));
      this.say(response, { status: 200, headers, body: provider.whole(ask, made, settings) });
      return this.seen.end(record, "sent", more);
    }
    response.writeHead(200, { "content-type": provider.streamType, ...headers });
    response.flushHeaders();
    const count = made.blocks.reduce((n, block) => n + pieces(wordsOf(block), step.pieceChars).length, 0);
    const sent = await send({ response, step, provider, signal, settings, count, frames: provider.stream(ask, made, step.pieceChars, settings) });
    return this.seen.end(record, sent.outcome, { ...more, pieces: sent.pieces });
  }

  async request(request, response) {
    const url = new URL(request.url, "http://fake");
    response.socket.setNoDelay(true);
    const raw = await readBody(request);
    if (url.pathname.startsWith("/__")) return this.control(request, response, raw, url);
    const body = raw && parsed(raw);
    const record = this.seen.add({ method: request.method, path: request.url, headers: request.headers, body }, raw?.length ?? 0);
    return this.answer(request, response, raw, url, record).catch((e) => {
      this.seen.end(record, "broken", { wrong: String(e.stack) });
      console.error(e);
      if (!response.headersSent) this.say(response, { status: 500, body: { message: `the fake is broken: ${e.message}` } });
      else response.destroy();
    });
  }
}

export function serve(provider) {
  const fake = new Fake(provider);
  const given = process.argv[2];
  const wrong = given && fake.set(parsed(given.startsWith("{") ? given : readFileSync(given)) ?? []);
  if (wrong) {
    console.error(wrong);
    process.exit(2);
  }
  endWithParent();
  const server = createServer((request, response) => fake.request(request, response).catch(() => response.destroy()));
  server.maxConnections = mostConnections;
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
}
