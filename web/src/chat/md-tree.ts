// What a model wrote, as a tree of known elements. It is a stranger's text: no HTML of it is read as HTML, no image is fetched, a link leads only to
// http, https or mailto, and whatever else it is stays plain text. The tree becomes nodes, never markup (Markdown.tsx).
// [[3]] is a citation: the page makes a link of it into the document.
import MarkdownIt from "markdown-it/browser";

export type Tag = "p" | "heading" | "ul" | "ol" | "li" | "blockquote" | "table" | "thead" | "tbody" | "tr" | "th" | "td" | "em" | "strong" | "s" | "a" | "code" | "pre" | "br" | "hr";

export type Node = string | { cite: number } | { tag: Tag; href?: string; start?: number; children: Node[] };

const LINK = /^(?:https?:\/\/|mailto:)/i;
const TAGS: Record<string, Tag> = {
  paragraph: "p",
  heading: "heading",
  bullet_list: "ul",
  ordered_list: "ol",
  list_item: "li",
  blockquote: "blockquote",
  table: "table",
  thead: "thead",
  tbody: "tbody",
  tr: "tr",
  th: "th",
  td: "td",
  em: "em",
  strong: "strong",
  s: "s",
  link: "a",
};

const reader = new MarkdownIt({ html: false, linkify: false, breaks: true });
reader.validateLink = (url) => LINK.test(url);

type Token = ReturnType<typeof reader.parse>[number];

// growing: more is to come, so a citation that has only begun is not shown yet.
export function parse(text: string, growing = false): Node[] {
  const whole = growing ? text.replace(/\[\[?\d*\]?$/, "") : text;
  return tree(reader.parse(whole, {}));
}

function tree(tokens: readonly Token[]): Node[] {
  const root: Node[] = [];
  const stack: Node[][] = [root];
  const add = (...nodes: Node[]) => (stack[stack.length - 1] as Node[]).push(...nodes);
  for (const token of tokens) {
    if (token.nesting === 1) {
      const node = opened(token);
      if (node) {
        add(node);
        stack.push(node.children);
      } else stack.push(stack[stack.length - 1] as Node[]); // transparent
    } else if (token.nesting === -1) stack.pop();
    else add(...single(token));
  }
  return root;
}

function opened(token: Token): Extract<Node, { tag: Tag }> | null {
  const tag = TAGS[token.type.replace(/_open$/, "")];
  if (!tag || token.hidden) return null;
  const href = String(token.attrGet("href") ?? "");
  if (tag === "a" && !LINK.test(href)) return null;
  const start = Number(token.attrGet("start"));
  return { tag, ...(tag === "a" ? { href } : {}), ...(tag === "ol" && start > 1 ? { start } : {}), children: [] };
}

function single(token: Token): Node[] {
  switch (token.type) {
    case "inline":
      return tree(token.children ?? []);
    case "text":
      return cited(token.content);
    case "softbreak":
    case "hardbreak":
      return [{ tag: "br", children: [] }];
    case "code_inline":
      return [{ tag: "code", children: [token.content] }];
    case "fence":
    case "code_block":
      return [{ tag: "pre", children: [token.content.replace(/\n$/, "")] }];
    case "hr":
      return [{ tag: "hr", children: [] }];
    default: // an image, say: what it is called
      return token.content ? [token.content] : [];
  }
}

function cited(text: string): Node[] {
  return text.split(/(\[\[\d{1,6}\]\])/).flatMap((part): Node[] => (part === "" ? [] : /^\[\[\d+\]\]$/.test(part) ? [{ cite: Number(part.slice(2, -2)) }] : [part]));
}
