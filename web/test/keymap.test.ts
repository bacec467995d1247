import assert from "node:assert/strict";
import { test } from "node:test";

import { actionOf, DEFAULT_MAP, KEYS, readMap, remap } from "../src/model/keymap";

const press = (key: string, held = {}) => ({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

test("each key does one thing", () => {
  assert.equal(new Set(KEYS.map((k) => k.key)).size, KEYS.length);
  for (const k of KEYS) assert.equal(actionOf(press(k.key), DEFAULT_MAP), k.action);
  assert.equal(actionOf(press("A"), DEFAULT_MAP), "accept");
  assert.equal(actionOf(press("x"), DEFAULT_MAP), null);
});

test("with Ctrl, Cmd, Alt or while composing, keys are the browser's", () => {
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }, { isComposing: true }]) assert.equal(actionOf(press("a", held), DEFAULT_MAP), null);
});

test("a key can be changed to one that is free", () => {
  const map = remap(DEFAULT_MAP, "accept", "y");
  assert.notEqual(typeof map, "string");
  if (typeof map === "string") return;
  assert.equal(actionOf(press("y"), map), "accept");
  assert.equal(actionOf(press("a"), map), null);
  assert.match(String(remap(DEFAULT_MAP, "accept", "R")), /taken by: Reject/);
  assert.match(String(remap(DEFAULT_MAP, "accept", "Enter")), /Only a letter/);
  assert.match(String(remap(DEFAULT_MAP, "accept", " ")), /Only a letter/);
});

test("what was stored by another version is read as far as it makes sense", () => {
  assert.deepEqual(readMap(null), DEFAULT_MAP);
  assert.deepEqual(readMap({ accept: 5, gone: "x", reject: "long" }), DEFAULT_MAP);
  assert.equal(readMap({ accept: "y" }).accept, "y");
});

test("an action that is newer than what was stored does not take a key that is taken", () => {
  const map = readMap({ comment: "c", accept: "A", edit: "a" });
  assert.equal(map.comment, "c");
  assert.notEqual(map.chat, "c");
  assert.equal(map.accept, "A");
  assert.equal(new Set(KEYS.map((k) => map[k.action].toLowerCase())).size, KEYS.length);
});
