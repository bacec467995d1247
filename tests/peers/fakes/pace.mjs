// Sends the frames of a stream at the step's pace and with the damage that it asks for. A wait ends at once when the client leaves.
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";

const gather = 16384;
const tickMs = 20; // what is due within it is sent together: hundreds of streams at once must not cost a timer and a write for each piece

// Resolved when the response takes more, or never will.
function room(response) {
  return new Promise((go) => {
    const done = () => (response.off("drain", done).off("close", done), go());
    response.on("drain", done).on("close", done);
  });
}

class Writer {
  constructor(response, splitBytes) {
    this.response = response;
    this.split = splitBytes;
    this.held = [];
    this.size = 0;
  }
  async put(bytes, now) {
    this.held.push(bytes);
    this.size += bytes.length;
    if (now || this.size >= gather) await this.flush();
  }
  async flush() {
    const all = Buffer.concat(this.held);
    this.held = [];
    this.size = 0;
    for (let at = 0; at < all.length && !this.response.destroyed; at += this.split ?? all.length) {
      const more = this.response.write(all.subarray(at, at + (this.split ?? all.length)));
      if (!more && !this.response.destroyed) await room(this.response);
      if (this.split) await turn();
    }
  }
}

// Waits, with the provider's sign of life every pingMs. Throws when the client leaves.
async function wait(ms, { step, provider, signal, writer }) {
  const until = ms === "forever" ? Infinity : performance.now() + ms;
  for (let left = until - performance.now(); left > 0; left = until - performance.now()) {
    await sleep(Math.min(left, step.pingMs ?? Infinity, 60000), undefined, { signal });
    if (step.pingMs && provider.ping) await writer.put(provider.ping, true);
  }
}

// Waits until a piece that is one of many in step.overMs is due, and sends what was held before.
async function waitTurn(dueMs, it) {
  if (dueMs - performance.now() < tickMs) return;
  await it.writer.flush();
  await wait(dueMs - performance.now(), it);
}

async function end(response, how) {
  if (how === "end") {
    response.end();
    return;
  }
  await new Promise((go) => setImmediate(go)); // what was written goes to the kernel first
  if (how === "reset") response.socket?.resetAndDestroy();
  else response.socket?.destroy();
}

// What happens after so many pieces, before the next. True when the stream is over by it.
async function incident(sent, frame, it) {
  const { step, provider, writer, response, settings } = it;
  if (step.stall?.after === sent && !it.stalled) {
    it.stalled = true;
    await writer.flush();
    await wait(step.stall.ms, it);
  }
  if (step.fail?.after === sent) {
    await writer.put(provider.streamFailure(step.fail.error, settings), true);
    response.end();
    return "failed";
  }
  if (step.cut?.after === sent) {
    await writer.put(step.cut.inside ? frame.bytes.subarray(0, Math.ceil(frame.bytes.length / 2)) : Buffer.alloc(0), true);
    await end(response, step.cut.how ?? "close");
    return "cut";
  }
  return "";
}

// frames: { bytes, piece }, piece being true for what carries a part of the answer; count: how many of those there are.
// Gives { outcome: "sent" | "cut" | "failed", pieces }; throws when the client left.
export async function send({ response, step, provider, signal, settings, frames, count }) {
  const writer = new Writer(response, step.splitBytes);
  const it = { step, provider, writer, response, signal, settings };
  const progress = { pieces: 0 };
  let started;
  for (const frame of frames) {
    if (frame.piece && started === undefined) {
      await writer.flush();
      await wait(step.firstTokenMs ?? 0, it);
      started = performance.now();
    }
    const past = frame.piece || (started !== undefined && progress.pieces === count);
    if (past) {
      const over = await incident(progress.pieces, frame, it);
      if (over) return { outcome: over, ...progress };
    }
    const broken = frame.piece && step.badChecksum?.after === progress.pieces;
    if (frame.piece && step.overMs) await waitTurn(started + (step.overMs * (progress.pieces + 1)) / count, it);
    await writer.put(broken ? provider.spoil(frame.bytes, step.badChecksum.of ?? "message") : frame.bytes);
    if (frame.piece) progress.pieces++;
    if (signal.aborted) throw new Error("the client left");
    if (progress.pieces % 256 === 255) await turn();
  }
  await writer.flush();
  response.end();
  return { outcome: "sent", ...progress };
}
