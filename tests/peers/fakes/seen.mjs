// What a fake was asked, for a test's assertions. The newest requests are kept, and of their bodies so much as fits.

const mostRequests = 5000;
const mostBytes = 64 * 1024 * 1024;

export class Seen {
  constructor() {
    this.started = performance.now();
    this.clear();
  }
  clear() {
    this.requests = [];
    this.bytes = 0;
    this.total = 0;
    this.open = 0;
    this.mostOpen = 0;
    this.outcomes = {};
  }
  at() {
    return Math.round(performance.now() - this.started);
  }
  add(request, size) {
    const record = { n: this.total++, atMs: this.at(), ...request };
    this.requests.push(record);
    Object.defineProperty(record, "size", { value: size, writable: true });
    this.bytes += size;
    if (this.requests.length > mostRequests) this.bytes -= this.requests.shift().size;
    for (let i = 0; this.bytes > mostBytes && i < this.requests.length - 1; i++) this.forgetBody(this.requests[i]);
    this.mostOpen = Math.max(this.mostOpen, ++this.open);
    return record;
  }
  forgetBody(record) {
    this.bytes -= record.size;
    record.size = 0;
    record.body = undefined;
    record.bodyForgotten = true;
  }
  end(record, outcome, more = {}) {
    Object.assign(record, more, { outcome, endMs: this.at() });
    this.open--;
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }
  json(since, steps) {
    const { total, open, mostOpen, outcomes } = this;
    return { total, open, mostOpen, outcomes, stepsLeft: steps.left(), requests: this.requests.filter((r) => r.n >= since) };
  }
}
