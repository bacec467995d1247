// What the page's sources must not have: anything that the policy stops, or that stops the page.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(process.cwd(), "src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((f) => /\.(tsx?|html|css|svg)$/.test(f));
const BANNED: [RegExp, string][] = [
  [/\binnerHTML\b|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write/, "markup from strings"],
  [/\sstyle=/, "style attributes"],
  [/\son[a-z]+="/, "handlers in markup"],
  [/\b(alert|confirm|prompt)\(/, "blocking dialogs"],
  [/\beval\(|new Function\(/, "code from strings"],
  [/beforeunload|sendBeacon/, "anything done by leaving"],
  [/https?:\/\/(?!www\.w3\.org)/, "another origin"],
];

test("the sources are there", () => assert.ok(files.length > 40));
for (const [pattern, what] of BANNED)
  test(`none of this: ${what}`, () => {
    for (const file of files) assert.doesNotMatch(readFileSync(join(root, file), "utf8"), pattern, file);
  });
