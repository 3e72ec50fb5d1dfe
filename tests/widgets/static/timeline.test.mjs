import assert from "node:assert/strict";
import { test } from "node:test";

import { selectPart, share, timeAfterKey, timeAt } from "../../../voxweave_nb/widgets/static/timeline.js";

test("a time becomes a share of the duration", () => {
  assert.equal(share(0.5, 2), "25.000%");
  assert.equal(share(1, 3), "33.333%");
  assert.equal(share(-1, 2), "0.000%");
  assert.equal(share(9, 2), "100.000%");
});

test("an unknown duration divides nothing", () => {
  assert.equal(share(0, 0), "0.000%");
  assert.equal(share(0, NaN), "0.000%");
});

test("a pointer becomes a time", () => {
  const box = { left: 100, width: 200 };
  assert.deepEqual([0, 100, 150, 300, 999].map((x) => timeAt(x, box, 60)), [0, 0, 15, 60, 60]);
  assert.equal(timeAt(100.5, { left: 100, width: 0 }, 60), 30); // not laid out yet
});

test("a part may be dragged backwards", () => {
  assert.deepEqual(selectPart(1.5, 0.5, 2), [0.5, 1.5]);
});

test("a part stays within the duration", () => {
  assert.deepEqual(selectPart(-5, 1, 2), [0, 1]);
  assert.deepEqual(selectPart(1, 99, 2), [1, 2]);
});

test("a part has at least a tenth of a second", () => {
  assert.deepEqual(selectPart(1, 1, 2), [1, 1.1]);
  assert.deepEqual(selectPart(2, 2, 2), [1.9, 2]);
});

test("everything is no part", () => {
  assert.equal(selectPart(0, 2, 2), null);
  assert.equal(selectPart(0.004, 1.997, 2), null);
  assert.equal(selectPart(0.01, 0.02, 0.05), null); // a sound shorter than the shortest part
});

test("keys move a slider by their steps", () => {
  assert.equal(timeAfterKey("ArrowRight", 1, 10, false), 1.1);
  assert.equal(timeAfterKey("ArrowDown", 1, 10, true), 0);
  assert.equal(timeAfterKey("PageUp", 7, 10, false), 10);
  assert.equal(timeAfterKey("Home", 7, 10, false), 0);
  assert.equal(timeAfterKey("End", 7, 10, false), 10);
});

test("other keys are left alone", () => {
  for (const key of ["a", " ", "Enter", "Tab", ""]) assert.equal(timeAfterKey(key, 1, 10, false), undefined);
});
