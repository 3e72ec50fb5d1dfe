import assert from "node:assert/strict";
import { test } from "node:test";

import { chapterAt, chapterFrom, frameTime, leftLoop, makeLoop, moveLoopEnd, moveLoopStart, nextSpeed, pressLoop, SPEEDS, tileAt } from "../../../voxweave_nb/widgets/static/playback.js";

test("a step leads to a frame's middle", () => {
  assert.equal(frameTime(0, 1, 30), 1.5 / 30);
  assert.equal(frameTime(1, 1, 30), 31.5 / 30);
  assert.equal(frameTime(1, -1, 30), 29.5 / 30);
});

test("steps there and back meet", () => {
  for (const fps of [10, 23.976, 25, 29.97, 30, 60]) {
    let at = 2;
    for (let step = 0; step < 100; step++) at = frameTime(at, 1, fps);
    for (let step = 0; step < 100; step++) at = frameTime(at, -1, fps);
    assert.equal(Math.floor(at * fps), Math.floor(2 * fps + 0.01), String(fps));
  }
});

test("there is no frame before the first", () => assert.equal(frameTime(0, -1, 30), 0.5 / 30));

test("speeds go up and down to their ends", () => {
  assert.equal(nextSpeed(1, 1), 1.25);
  assert.equal(nextSpeed(1, -1), 0.75);
  assert.equal(nextSpeed(0.5, -1), 0.5);
  assert.equal(nextSpeed(2, 1), 2);
});

test("an unlisted speed goes to a listed one", () => {
  assert.ok(SPEEDS.includes(nextSpeed(1.1, 1)));
  assert.equal(nextSpeed(1.1, -1), 1);
  assert.equal(nextSpeed(16, 1), 2);
  assert.equal(nextSpeed(16, -1), 1.75);
});

test("three presses set a loop and end it", () => {
  const half = pressLoop({}, 3);
  assert.deepEqual(half, { start: 3 });
  const loop = pressLoop(half, 1);
  assert.deepEqual(loop, { start: 1, end: 3 });
  assert.deepEqual(pressLoop(loop, 2), {});
});

test("a second press in place ends the loop", () => assert.deepEqual(pressLoop({ start: 3 }, 3.05), {}));

test("a loop needs a tenth of a second", () => {
  assert.equal(makeLoop(1, 1.09), undefined);
  assert.deepEqual(makeLoop(2, 1), { start: 1, end: 2 });
});

test("a loop's start drops an end before it", () => {
  assert.deepEqual(moveLoopStart({ start: 1, end: 5 }, 3), { start: 3, end: 5 });
  assert.deepEqual(moveLoopStart({ start: 1, end: 5 }, 5), { start: 5, end: undefined });
  assert.deepEqual(moveLoopStart({}, 3), { start: 3, end: undefined });
});

test("a loop's end before its start changes nothing", () => {
  assert.deepEqual(moveLoopEnd({ start: 2 }, 4), { start: 2, end: 4 });
  assert.deepEqual(moveLoopEnd({ start: 2, end: 3 }, 1), { start: 2, end: 3 });
  assert.deepEqual(moveLoopEnd({}, 4), { start: 0, end: 4 });
  assert.deepEqual(moveLoopEnd({}, 0.05), {});
});

test("playing jumps back at a loop's end", () => {
  const loop = { start: 1, end: 2 };
  assert.deepEqual([0.6, 0.71, 1, 1.99, 2, 3].map((at) => leftLoop(loop, at)), [true, false, false, false, true, true]);
  assert.equal(leftLoop({ start: 1 }, 5), false);
  assert.equal(leftLoop({}, 5), false);
});

test("every time has its thumbnail", () => {
  const tiles = [[0, 1, 0, 0, 160, 90], [1, 2, 160, 0, 160, 90]];
  assert.deepEqual([0, 0.99, 1, 2, 9].map((at) => tiles.indexOf(tileAt(tiles, at))), [0, 0, 1, 1, 1]);
  assert.equal(tileAt([], 1), undefined);
});

/** @type {[number, number, string][]} */
const CHAPTERS = [[0, 5, "Shore"], [5, 9, "Harbour"], [9, 12, "Night"]];

test("every time has its chapter", () => {
  assert.deepEqual([0, 4.9, 5, 11, 40].map((at) => chapterAt(CHAPTERS, at)?.[2]), ["Shore", "Shore", "Harbour", "Night", "Night"]);
  assert.equal(chapterAt([], 3), undefined);
});

test("chapters are walked in both directions", () => {
  assert.deepEqual([0, 5, 8.9].map((at) => chapterFrom(CHAPTERS, at, 1)), [5, 9, 9]);
  assert.equal(chapterFrom(CHAPTERS, 10, 1), undefined);
  assert.deepEqual([11.5, 9.5, 1, 0].map((at) => chapterFrom(CHAPTERS, at, -1)), [9, 5, 0, 0]);
  assert.equal(chapterFrom([], 3, -1), undefined);
});
