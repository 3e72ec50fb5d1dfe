import assert from "node:assert/strict";
import { test } from "node:test";

import { commandFor, duelCommandFor, focusOf } from "../../../voxweave_nb/widgets/static/lab_keys.js";

test("digits are stars, with Shift the sound", () => {
  assert.deepEqual(commandFor({ key: "4" }, "tile", false), ["stars", 4]);
  assert.deepEqual(commandFor({ key: "0" }, "tile", false), ["stars", 0]);
  assert.equal(commandFor({ key: "7" }, "tile", false), undefined);
  assert.deepEqual(commandFor({ key: "!", code: "Digit1", shiftKey: true }, "tile", false), ["listenTo", 0]);
});

test("in a comparison digits choose the sound", () => {
  assert.deepEqual(commandFor({ key: "2" }, "tile", true), ["listenTo", 1]);
  assert.deepEqual(commandFor({ key: "@", code: "Digit2", shiftKey: true }, "tile", true), ["stars", 2]);
  assert.equal(commandFor({ key: "0" }, "tile", true), undefined);
});

test("letters and signs rate and play", () => {
  assert.deepEqual(commandFor({ key: "+" }, "button", false), ["thumb", true]);
  assert.deepEqual(commandFor({ key: "-" }, "tile", false), ["thumb", false]);
  assert.deepEqual(commandFor({ key: "M", shiftKey: true }, "tile", false), ["mark"]);
  assert.deepEqual(commandFor({ key: "l" }, "tile", false), ["skip", 5]);
  assert.deepEqual(commandFor({ key: "Escape" }, "button", true), ["leave"]);
});

test("space and Enter stay the buttons' own", () => {
  assert.deepEqual(commandFor({ key: " " }, "tile", false), ["toggle"]);
  assert.equal(commandFor({ key: " " }, "button", false), undefined);
  assert.deepEqual(commandFor({ key: "Enter" }, "tile", false), ["enlarge"]);
  assert.equal(commandFor({ key: "Enter" }, "button", false), undefined);
});

test("arrows move, except on the slider", () => {
  assert.deepEqual(commandFor({ key: "ArrowDown" }, "button", false), ["move", "ArrowDown"]);
  assert.equal(commandFor({ key: "ArrowLeft" }, "slider", false), undefined);
});

test("fields and chords keep their keys", () => {
  for (const key of ["m", "4", " ", "ArrowLeft", "+"]) {
    assert.equal(commandFor({ key }, "field", false), undefined);
    assert.equal(commandFor({ key, ctrlKey: true }, "tile", false), undefined);
    assert.equal(duelCommandFor({ key }, "field", false), undefined);
  }
});

test("a duel is decided by keys", () => {
  const keys = { ArrowLeft: "left", ArrowRight: "right", ArrowDown: "tie", x: "bad", S: "skip", u: "undo", Backspace: "undo", " ": "toggle", ArrowUp: "switch" };
  for (const [key, command] of Object.entries(keys)) assert.equal(duelCommandFor({ key }, "other", false), command);
  assert.equal(duelCommandFor({ key: "Enter" }, "other", false), undefined);
});

test("a key held down votes once", () => {
  assert.equal(duelCommandFor({ key: "ArrowLeft", repeat: true }, "other", false), undefined);
});

test("after the vote keys go on", () => {
  for (const key of ["ArrowLeft", "Enter", " ", "x"]) assert.equal(duelCommandFor({ key }, "other", true), "next");
  assert.equal(duelCommandFor({ key: "u" }, "other", true), "undo");
  assert.equal(duelCommandFor({ key: "q" }, "other", true), undefined);
});

test("the slider of a duel keeps its arrows", () => {
  assert.equal(duelCommandFor({ key: "ArrowLeft" }, "slider", false), undefined);
  assert.equal(duelCommandFor({ key: "Enter" }, "button", true), undefined);
});

test("the focus has a kind", () => {
  const node = (...selectors) => ({ matches: (text) => text.split(", ").some((each) => selectors.includes(each)) });
  assert.equal(focusOf(node(".vl-tile")), "tile");
  assert.equal(focusOf(node("input[type=range]", "input")), "slider");
  assert.equal(focusOf(node("input")), "field");
  assert.equal(focusOf(node("button")), "button");
  assert.equal(focusOf(node()), "other");
});
