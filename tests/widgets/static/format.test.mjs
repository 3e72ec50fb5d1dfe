import assert from "node:assert/strict";
import { test } from "node:test";

import { clamp, clock, fileSize, format } from "../../../voxweave_nb/widgets/static/format.js";

test("fields are filled in", () => {
  assert.equal(format("{name} at {percent} %, {name}", { name: "a.wav", percent: 0 }), "a.wav at 0 %, a.wav");
  assert.equal(format("{unknown}|{}|{a b}"), "|{}|{a b}");
});

test("a value is not filled in again", () => {
  assert.equal(format("{name}", { name: "{percent} $& $1", percent: 3 }), "{percent} $& $1");
});

test("sizes have a unit and two or three digits", () => {
  const sizes = [[0, "1 kB"], [1, "1 kB"], [1499, "1 kB"], [64_044, "64 kB"], [99_999, "100 kB"], [100_000, "0.1 MB"],
    [9_940_000, "9.9 MB"], [12_000_000, "12 MB"], [999_000_000, "999 MB"], [1e9, "1.0 GB"], [2_040_000_000, "2.0 GB"]];
  for (const [bytes, text] of sizes) assert.equal(fileSize(bytes), text);
});

test("times are rounded down", () => {
  const times = [[0, 0, "0:00"], [59.999, 0, "0:59"], [60, 0, "1:00"], [3599.9, 0, "59:59"], [3600, 0, "1:00:00"],
    [36_061, 0, "10:01:01"], [1.05, 1, "0:01.0"], [0.3, 1, "0:00.3"], [59.96, 1, "0:59.9"], [0.29, 2, "0:00.29"], [3661.25, 1, "1:01:01.2"]];
  for (const [seconds, digits, text] of times) assert.equal(clock(seconds, digits), text);
});

test("a time that is unknown or negative is zero", () => {
  for (const seconds of [NaN, -1, undefined, null]) assert.equal(clock(seconds), "0:00");
});

test("a value is limited to its range", () => {
  assert.deepEqual([-1, 0, 0.5, 1, 2].map((value) => clamp(value, 0, 1)), [0, 0, 0.5, 1, 1]);
});
