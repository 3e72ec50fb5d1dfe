import assert from "node:assert/strict";
import { test } from "node:test";

import { commandFor, rowAfterKey } from "../../../voxweave_nb/widgets/static/board_keys.js";

test("letters act on the current row", () => {
  assert.deepEqual(commandFor({ key: "M" }, "row"), ["merge"]);
  assert.deepEqual(commandFor({ key: "s" }, "button"), ["words"]);
  assert.deepEqual(commandFor({ key: "3" }, "row"), ["take", 2]);
});

test("a field keeps its keys", () => {
  for (const key of ["m", "ArrowDown", "Enter", "1"]) assert.equal(commandFor({ key }, "field"), undefined);
});

test("a button keeps Enter and Space", () => {
  assert.equal(commandFor({ key: "Enter" }, "button"), undefined);
  assert.equal(commandFor({ key: " " }, "button"), undefined);
  assert.deepEqual(commandFor({ key: " " }, "row"), ["play"]);
});

test("words keep the arrows", () => assert.equal(commandFor({ key: "ArrowDown" }, "words"), undefined));

test("chords are the notebook's", () => assert.equal(commandFor({ key: "m", ctrlKey: true }, "row"), undefined));

test("no key pays by itself", () => {
  for (const key of ["r", "R"]) assert.deepEqual(commandFor({ key }, "row"), ["redo"]); // goes to the button
});

test("arrows stay inside the table", () => {
  assert.equal(rowAfterKey(0, "ArrowUp", 8), 0);
  assert.equal(rowAfterKey(7, "ArrowDown", 8), 7);
  assert.equal(rowAfterKey(3, "PageDown", 8), 7);
  assert.equal(rowAfterKey(3, "Home", 8), 0);
  assert.equal(rowAfterKey(3, "End", 8), 7);
});
