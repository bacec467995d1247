import assert from "node:assert/strict";
import { test } from "node:test";

import { parse, type Node } from "../src/chat/md-tree";

// As the page would show it, with the links' targets.
function shown(nodes: readonly Node[]): string {
  return nodes
    .map((node) => {
      if (typeof node === "string") return node;
      if ("cite" in node) return `{${node.cite}}`;
      const inside = shown(node.children);
      return `<${node.tag}${node.href ? ` ${node.href}` : ""}${node.start ? ` ${node.start}` : ""}>${inside}</>`;
    })
    .join("");
}

test("what people and models write", () => {
  assert.equal(shown(parse("# A\n\nb **c** *d* ~~e~~ `f`")), "<heading>A</><p>b <strong>c</> <em>d</> <s>e</> <code>f</></>");
  assert.equal(shown(parse("- a\n- b\n\n3. c")), "<ul><li>a</><li>b</></><ol 3><li>c</></>");
  assert.equal(shown(parse("```js\nx <b>\n```")), "<pre>x <b></>");
  assert.equal(shown(parse("| a | b |\n|---|---|\n| 1 | 2 |")), "<table><thead><tr><th>a</><th>b</></></><tbody><tr><td>1</><td>2</></></></>");
  assert.equal(shown(parse("a\nb")), "<p>a<br></>b</>");
});

test("citations", () => {
  assert.equal(shown(parse("It says so [[12]], and **here [[3]]**.")), "<p>It says so {12}, and <strong>here {3}</>.</>");
  assert.equal(shown(parse("`[[1]]` [[x]] [[]]")), "<p><code>[[1]]</> [[x]] [[]]</>");
  assert.equal(shown(parse("Half [[1", true)), "<p>Half</>");
  assert.equal(shown(parse("Half [[1]", true)), "<p>Half</>");
  assert.equal(shown(parse("Whole [[1]]", true)), "<p>Whole {1}</>");
});

test("HTML stays text", () => {
  for (const html of ["<img src=x onerror=alert(1)>", "<script>alert(1)</script>", '<a href="javascript:alert(1)">x</a>', "<b>x</b>", "&lt;b&gt;"])
    assert.doesNotMatch(JSON.stringify(parse(html)), /"tag":"(?!p")/, html);
  assert.equal(shown(parse("a <b>c</b>")), "<p>a <b>c</b></>");
});

test("links lead to http, https and mailto, and nowhere else", () => {
  assert.equal(shown(parse("[a](https://example.com/x) [b](mailto:a@example.com)")), "<p><a https://example.com/x>a</> <a mailto:a@example.com>b</></>");
  for (const url of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//example.com", "/api/v1/me", "blob:x", "java&#115;cript:x"])
    assert.doesNotMatch(JSON.stringify(parse(`[a](${url}) <${url}> [r]\n\n[r]: ${url}`)), /"href"/, url);
});

test("no image is fetched: its name stands there", () => assert.equal(shown(parse("![a chart](https://example.com/p.png?secret)")), "<p>a chart</>"));

test("very deep and very long text is read", () => {
  assert.ok(parse(`${">".repeat(5000)} a`).length);
  assert.ok(parse("[".repeat(20_000)).length);
  assert.ok(parse("**a ".repeat(20_000)).length);
});
