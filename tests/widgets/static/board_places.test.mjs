import assert from "node:assert/strict";
import { test } from "node:test";

import { nextPlace, rangeOf, sceneAt, snapped, timeAfterKey } from "../../../voxweave_nb/widgets/static/board_places.js";

const PLACES = [[2, 1], [4.9, 3], [5, 1], [7.5, 2], [10, 0]];
const RANGE = rangeOf({ start: 0 }, { end: 15 });

test("each scene keeps half a second", () => assert.deepEqual(rangeOf({ start: 1 }, { end: 9 }), [1.5, 8.5]));

test("a boundary snaps to a sentence first", () => {
  assert.equal(snapped(4.88, PLACES, RANGE, 0.01), 5);
  assert.equal(snapped(7.4, PLACES, RANGE, 0.01), 7.5);
});

test("far from any place it stays", () => assert.equal(snapped(6.2, PLACES, RANGE, 0.01), 6.2));

test("on a long waveform it snaps farther", () => assert.equal(snapped(6.2, PLACES, RANGE, 0.2), 5));

test("it never leaves its range", () => {
  assert.equal(snapped(-3, [], RANGE, 0.01), 0.5);
  assert.equal(snapped(15, [[14.9, 1]], RANGE, 0.01), 14.5);
});

test("arrows go from sentence to sentence", () => {
  assert.equal(nextPlace(5, PLACES, RANGE, 1), 10);
  assert.equal(nextPlace(5, PLACES, RANGE, -1), 2);
  assert.equal(nextPlace(10, PLACES, RANGE, 1), 10);
});

test("clauses count without a sentence in reach", () => assert.equal(nextPlace(6, PLACES, [5.5, 9], 1), 7.5));

test("Shift and Alt move it freely", () => {
  assert.equal(timeAfterKey({ key: "ArrowRight", shiftKey: true }, 5, PLACES, RANGE), 5.1);
  assert.equal(timeAfterKey({ key: "ArrowLeft", altKey: true }, 5, PLACES, RANGE), 4.9);
  assert.equal(timeAfterKey({ key: "ArrowRight" }, 5, PLACES, RANGE), 10);
  assert.equal(timeAfterKey({ key: "a" }, 5, PLACES, RANGE), undefined);
});

test("a time belongs to one scene", () => {
  const scenes = [{ end: 5 }, { end: 9 }, { end: 12 }];
  assert.deepEqual([0, 5, 8.9, 12, 40].map((time) => sceneAt(scenes, time)), [0, 1, 1, 2, 2]);
});
