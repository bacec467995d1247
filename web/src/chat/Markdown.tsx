// The tree of md-tree.ts as nodes. What reads Markdown comes a moment later than the chat itself; until then the text stands as it was written.
import { signal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Citation } from "../api/types";
import { shorten } from "../model/words";
import { useStore } from "../state/session";
import type { Node, parse as Parse } from "./md-tree";

const reader = signal<typeof Parse | null>(null);
import("./md-tree").then(
  (m) => (reader.value = m.parse),
  () => {}, // the text is readable as it is
);

export function Markdown({ text, growing, citations }: { text: string; growing: boolean; citations: readonly Citation[] }) {
  const parse = reader.value;
  const [shown, took] = useCalm(text, growing);
  return useMemo(() => {
    if (!parse) return <p class="chat-text">{shown}</p>;
    const begun = performance.now();
    const nodes = parse(shown, growing);
    took(performance.now() - begun);
    return <div class="md">{nodes.map((node, i) => draw(node, i, citations))}</div>;
  }, [parse, shown, growing, citations]);
}

const CALM_MS = 50;
const SHARE = 8; // reading a long answer again takes at most this part of the time

// The text as it grows, but not each letter for itself: the longer it takes to read, the seldomer it is read.
function useCalm(text: string, growing: boolean): [string, (ms: number) => void] {
  const [shown, setShown] = useState(text);
  const state = useRef({ text, cost: 0, timer: 0 }).current;
  state.text = text;
  useEffect(() => {
    if (!growing || state.timer || state.text === shown) return;
    state.timer = window.setTimeout(() => {
      state.timer = 0;
      setShown(state.text);
    }, Math.max(CALM_MS, state.cost * SHARE));
  }, [text, growing, shown]);
  useEffect(() => () => clearTimeout(state.timer), []);
  return [growing ? shown : text, (ms) => (state.cost = ms)];
}

function draw(node: Node, key: number, citations: readonly Citation[]): VNode | string {
  if (typeof node === "string") return node;
  if ("cite" in node) return <Cite key={key} n={node.cite} citation={citations.find((c) => c.n === node.cite)} />;
  const inner: ComponentChildren = node.children.map((child, i) => draw(child, i, citations));
  switch (node.tag) {
    case "a":
      return (
        <a key={key} href={node.href} target="_blank" rel="noopener noreferrer nofollow" title={node.href}>
          {inner}
        </a>
      );
    case "heading":
      return (
        <p key={key} class="md-heading">
          {inner}
        </p>
      );
    case "ol":
      return (
        <ol key={key} start={node.start}>
          {inner}
        </ol>
      );
    case "pre":
      return (
        <pre key={key} tabIndex={0}>
          <code>{inner}</code>
        </pre>
      );
    case "table":
      return (
        <div key={key} class="md-table" tabIndex={0} role="group" aria-label="Table">
          <table>{inner}</table>
        </div>
      );
    case "br":
    case "hr": {
      const Void = node.tag;
      return <Void key={key} />;
    }
    default: {
      const Tag = node.tag;
      return <Tag key={key}>{inner}</Tag>;
    }
  }
}

// Leads to the words. One that the answer has no place for is no link.
function Cite({ n, citation }: { n: number; citation: Citation | undefined }) {
  const store = useStore();
  if (!citation) return <></>;
  const { anchor } = citation;
  const section = store.content.value?.blocks[anchor.block]?.section ?? null;
  const title = section === null ? "" : (store.content.value?.sections[section]?.title ?? "");
  return (
    <button type="button" class="cite" data-test="cite" title={`${title ? `${title}: ` : ""}“${shorten(anchor.quote, 120)}”`} aria-label={`${n}: show “${shorten(anchor.quote, 80)}”`} onClick={() => store.showWords(anchor)}>
      {n}
    </button>
  );
}
