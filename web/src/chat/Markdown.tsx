// The tree of md-tree.ts as nodes. What reads Markdown comes a moment later than the chat itself; until then the text stands as it was written.
import { signal } from "@preact/signals";
import type { ComponentChildren, VNode } from "preact";
import { useMemo } from "preact/hooks";

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
  const nodes = useMemo(() => parse?.(text, growing) ?? null, [parse, text, growing]);
  if (!nodes) return <p class="chat-text">{text}</p>;
  return <div class="md">{nodes.map((node, i) => draw(node, i, citations))}</div>;
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
    <button type="button" class="cite" data-test="cite" title={`${title ? `${title}: ` : ""}“${shorten(anchor.quote, 120)}”`} aria-label={`Show the words: ${shorten(anchor.quote, 80)}`} onClick={() => store.showWords(anchor)}>
      {n}
    </button>
  );
}
