// Server-sent events out of the answer of a fetch, which EventSource cannot do: it only asks by GET. What is torn anywhere, also within a character,
// comes out whole (WHATWG HTML, section "Server-sent events").
export interface ServerEvent {
  event: string;
  data: string;
  id: string; // the last one that was given, with this event or before; empty: none
}

export class EventLines {
  #rest = "";
  #event = "";
  #id = "";
  #data: string[] = [];
  #first = true;

  // The events that are complete with this piece of text.
  push(text: string): ServerEvent[] {
    this.#rest += text;
    if (this.#first && this.#rest) {
      if (this.#rest.startsWith("\uFEFF")) this.#rest = this.#rest.slice(1);
      this.#first = false;
    }
    const out: ServerEvent[] = [];
    let at = 0;
    for (;;) {
      const end = this.#lineEnd(at);
      if (end === null) break;
      const one = this.#line(this.#rest.slice(at, end.at));
      if (one) out.push(one);
      at = end.next;
    }
    this.#rest = this.#rest.slice(at);
    return out;
  }

  // A line ends with CR LF, LF or CR; a CR at the very end may be half of a CR LF, so it waits.
  #lineEnd(from: number): { at: number; next: number } | null {
    for (let i = from; i < this.#rest.length; i++) {
      const c = this.#rest[i];
      if (c === "\n") return { at: i, next: i + 1 };
      if (c !== "\r") continue;
      if (i + 1 === this.#rest.length) return null;
      return { at: i, next: this.#rest[i + 1] === "\n" ? i + 2 : i + 1 };
    }
    return null;
  }

  #line(line: string): ServerEvent | null {
    if (line === "") {
      const one = this.#data.length ? { event: this.#event || "message", data: this.#data.join("\n"), id: this.#id } : null;
      this.#event = "";
      this.#data = [];
      return one;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") this.#event = value;
    else if (field === "id") this.#id = value;
    else if (field === "data") this.#data.push(value);
    return null;
  }
}

// Until the stream ends; throws when it breaks.
export async function readEvents(body: ReadableStream<Uint8Array>, on: (event: ServerEvent) => void): Promise<void> {
  const lines = new EventLines();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const event of lines.push(decoder.decode(value, { stream: true }))) on(event);
  }
}
