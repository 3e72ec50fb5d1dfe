import assert from "node:assert/strict";
import { test } from "node:test";

import { commandFor } from "../../../voxweave_nb/widgets/static/keys.js";

test("letters work everywhere, in any case", () => {
  for (const focus of ["timeline", "cue", "volume", "button", "other"]) {
    assert.deepEqual(commandFor({ key: "c" }, focus), ["captions"]);
    assert.deepEqual(commandFor({ key: "F", shiftKey: true }, focus), ["fullScreen"]);
    assert.deepEqual(commandFor({ key: "." }, focus), ["frame", 1]);
    assert.deepEqual(commandFor({ key: "p" }, focus), ["chapter", -1]);
    assert.deepEqual(commandFor({ key: "\\" }, focus), ["stopLoop"]);
  }
});

test("a field keeps all its keys", () => {
  for (const key of ["c", " ", "ArrowLeft", "Home", ","]) assert.equal(commandFor({ key }, "field"), undefined);
});

test("shortcuts of the browser are left alone", () => {
  for (const modifier of ["ctrlKey", "metaKey", "altKey"]) assert.equal(commandFor({ key: "c", [modifier]: true }, "other"), undefined);
});

test("arrows seek, with Shift in small steps", () => {
  assert.deepEqual(commandFor({ key: "ArrowLeft" }, "button"), ["skip", -5]);
  assert.deepEqual(commandFor({ key: "ArrowRight", shiftKey: true }, "cue"), ["skip", 1]);
  assert.deepEqual(commandFor({ key: "ArrowUp", shiftKey: true }, "timeline"), ["skip", 1]);
  assert.equal(commandFor({ key: "ArrowUp" }, "other"), undefined);
});

test("the volume keeps its arrows", () => {
  for (const key of ["ArrowLeft", "ArrowRight", "Home", " "]) assert.equal(commandFor({ key }, "volume"), undefined);
});

test("the timeline has the keys of a slider", () => {
  assert.deepEqual(commandFor({ key: "PageDown" }, "timeline"), ["skip", -30]);
  assert.deepEqual(commandFor({ key: "Home" }, "timeline"), ["seek", 0]);
  assert.deepEqual(commandFor({ key: "End" }, "timeline"), ["seek", Infinity]);
  assert.equal(commandFor({ key: "End" }, "other"), undefined);
});

test("arrows walk from line to line", () => {
  assert.deepEqual(commandFor({ key: "ArrowDown" }, "cue"), ["walk", 1]);
  assert.deepEqual(commandFor({ key: "ArrowUp" }, "cue"), ["walk", -1]);
});

test("space plays, or presses a focused button", () => {
  assert.deepEqual(commandFor({ key: " " }, "other"), ["toggle"]);
  assert.deepEqual(commandFor({ key: " " }, "timeline"), ["toggle"]);
  assert.equal(commandFor({ key: " " }, "button"), undefined);
  assert.equal(commandFor({ key: " " }, "cue"), undefined);
});

test("unknown keys have no command", () => {
  for (const key of ["x", "Tab", "Escape", "Enter", "", "Dead", "F5"]) assert.equal(commandFor({ key }, "timeline"), undefined);
});
