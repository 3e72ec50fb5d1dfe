import assert from "node:assert/strict";
import { test } from "node:test";

import { meterPercent } from "../../../voxweave_nb/widgets/static/recorder_view.js";

test("the meter spans sixty decibels", () => {
  assert.equal(meterPercent(1), 100);
  assert.ok(Math.abs(meterPercent(0.001)) < 1e-9);
  assert.ok(Math.abs(meterPercent(0.0316228) - 50) < 0.001);
});

test("silence and clipping are its ends", () => {
  assert.deepEqual([0, -1, 1e-9, 1.5].map(meterPercent), [0, 0, 0, 100]);
});
