import assert from "node:assert/strict";
import { test } from "node:test";

import { arrange, axesOf, compareColumns, filtersOf, moveBy, sortsOf, stateLabel } from "../../../voxweave_nb/widgets/static/lab_list.js";

const item = (place, more = {}) => ({
  id: `v${place}`, place, axes: {}, prompt: "", remark: "", aspect: "16:9", state: "made", usd: 0, error: "", flags: [], thumb: null,
  stars: null, note: "", others: [], rank: null, progress: null, ...more,
});
const ids = (items) => items.map(({ id }) => id).join(" ");
const FIELD = [
  item(1, { axes: { time: "dawn", seed: 1 }, usd: 0.2, stars: 2 }),
  item(2, { axes: { time: "dusk", seed: 2 }, usd: 0, thumb: true, rank: [1, 2, 0.7, 9] }),
  item(3, { axes: { time: "dawn", seed: 2 }, usd: null, state: "failed", error: "busy", flags: ["black"] }),
  item(4, { axes: { time: "dusk", seed: 1 }, usd: 0.9, thumb: false, note: "dull", rank: [2, 4, 0.1, 9] }),
];

test("axes keep the order of their values", () => {
  assert.deepEqual([...axesOf(FIELD)], [["time", ["dawn", "dusk"]], ["seed", ["1", "2"]]]);
});

test("filters offer what tells items apart", () => {
  const names = filtersOf(FIELD).map(({ name }) => name);
  assert.deepEqual(names, ["axis:time", "axis:seed", "state", "opinion", "rank", "price"]);
  assert.deepEqual(Object.keys(filtersOf(FIELD)[2].options), ["", "made", "failed"]);
  assert.deepEqual(filtersOf([item(1)]).map(({ name }) => name), ["state", "opinion", "price"]);
  assert.ok("axis:time" in sortsOf(FIELD));
});

test("items are filtered by axis, state and price", () => {
  assert.equal(ids(arrange(FIELD, { "axis:time": "dusk" }, "place", false)), "v2 v4");
  assert.equal(ids(arrange(FIELD, { "axis:seed": "1", "axis:time": "dawn" }, "place", false)), "v1");
  assert.equal(ids(arrange(FIELD, { state: "failed" }, "place", false)), "v3");
  assert.equal(ids(arrange(FIELD, { price: "free" }, "place", false)), "v2");
  assert.equal(ids(arrange(FIELD, { price: "half" }, "place", false)), "v1 v2");
  assert.equal(ids(arrange(FIELD, { price: "more" }, "place", false)), "v4");
  assert.equal(ids(arrange(FIELD, { price: "unknown" }, "place", false)), "v3");
});

test("items are filtered by opinion and rank", () => {
  assert.equal(ids(arrange(FIELD, { opinion: "up" }, "place", false)), "v2");
  assert.equal(ids(arrange(FIELD, { opinion: "down" }, "place", false)), "v4");
  assert.equal(ids(arrange(FIELD, { opinion: "none" }, "place", false)), "v3");
  assert.equal(ids(arrange(FIELD, { opinion: "noted" }, "place", false)), "v4");
  assert.equal(ids(arrange(FIELD, { opinion: "flagged" }, "place", false)), "v3");
  assert.equal(ids(arrange(FIELD, { rank: "first" }, "place", false)), "v2");
  assert.equal(ids(arrange(FIELD, { rank: "three" }, "place", false)), "v2 v4");
});

test("items are sorted, equal ones as added", () => {
  assert.equal(ids(arrange(FIELD, {}, "rank", false)), "v2 v4 v1 v3");
  assert.equal(ids(arrange(FIELD, {}, "opinion", false)), "v2 v1 v3 v4");
  assert.equal(ids(arrange(FIELD, {}, "price", false)), "v2 v1 v4 v3");
  assert.equal(ids(arrange(FIELD, {}, "axis:time", false)), "v1 v3 v2 v4");
  assert.equal(ids(arrange(FIELD, {}, "axis:time", true)), "v2 v4 v1 v3");
  assert.equal(ids(arrange(FIELD, {}, "place", true)), "v4 v3 v2 v1");
});

test("arrows move within the grid", () => {
  assert.equal(moveBy(1, "ArrowRight", 3, 8), 2);
  assert.equal(moveBy(0, "ArrowLeft", 3, 8), 0);
  assert.equal(moveBy(1, "ArrowDown", 3, 8), 4);
  assert.equal(moveBy(5, "ArrowDown", 3, 8), 7);
  assert.equal(moveBy(7, "ArrowDown", 3, 8), 7);
  assert.equal(moveBy(4, "ArrowUp", 3, 8), 1);
  assert.equal(moveBy(4, "End", 3, 8), 7);
  assert.equal(moveBy(4, "Home", 3, 8), 0);
});

test("a comparison fills its rows", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 9].map(compareColumns), [1, 2, 3, 2, 3, 3]);
});

test("a state has a label", () => {
  assert.equal(stateLabel("to make"), "To make");
  assert.equal(stateLabel("odd"), "odd");
});
