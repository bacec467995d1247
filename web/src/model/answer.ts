// An answer as its events make it. Each event says where it belongs (text its offset, everything else its number), so what comes twice after a lost
// connection changes nothing.
import type { ChatEvent } from "../api/chat";
import type { ChatMessage } from "../api/types";

function put<T extends { n: number }>(list: readonly T[], one: T): T[] {
  return list.some((x) => x.n === one.n) ? list.map((x) => (x.n === one.n ? one : x)) : [...list, one];
}

function textWith(text: string, offset: number, more: string): string {
  return text.startsWith(more, offset) ? text : text.slice(0, offset) + more;
}

export function withEvent(answer: ChatMessage, { event, data }: ChatEvent): ChatMessage {
  switch (event) {
    case "message": // what came of it before is kept: its text comes in deltas
      return { ...data.answer, text: answer.text, citations: answer.citations, tools: answer.tools, proposals: answer.proposals };
    case "begin":
      return { ...answer, model: data.model };
    case "delta":
      return { ...answer, text: textWith(answer.text, data.offset, data.text) };
    case "restart":
      return { ...answer, model: data.model, text: answer.text.slice(0, data.offset), citations: answer.citations.filter((c) => c.n <= data.citations) };
    case "citation":
      return { ...answer, citations: put(answer.citations, data) };
    case "tool":
      return { ...answer, tools: put(answer.tools, data) };
    case "proposal":
      return { ...answer, proposals: put(answer.proposals, data) };
    case "end":
      return { ...answer, text: answer.text.slice(0, data.length), state: data.state, model: data.model, problem: data.problem, finished_at: data.finished_at };
  }
}

// As it is copied: without the marks of citations, which mean nothing elsewhere.
export const plain = (text: string): string => text.replace(/\s?\[\[\d+\]\]/g, "");
