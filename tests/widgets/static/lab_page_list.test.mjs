import assert from "node:assert/strict";
import { test } from "node:test";

import { arrange, isShown, readEntry } from "../../../voxweave_nb/widgets/static/lab_page_list.js";

const entry = (order, more = {}) => readEntry({ id: `v${order}`, order: String(order), axes: '{"place":"harbour"}', rank: "", price: "", ...more });
const ids = (entries, choice) => arrange(entries, { axes: {}, show: "", sort: "order", ...choice }).map(({ id }) => id);

test("a tile's data is read", () => {
  const read = entry(3, { rank: "0", price: "0.2", is: "made noted" });
  assert.deepEqual(read, { id: "v3", axes: { place: "harbour" }, order: 3, rank: 0, price: 0.2, is: ["made", "noted"] });
  assert.deepEqual([entry(1).rank, entry(1).price, entry(1).is], [null, null, []]);
});

test("filters have to hold together", () => {
  const one = entry(1, { axes: '{"place":"harbour","time":""}', is: "made" });
  const shown = (axes, show = "") => isShown(one, { axes, show, sort: "order" });
  assert.ok(shown({ place: "", time: "" }));
  assert.ok(shown({ place: "=harbour", time: "=" }, "made"));
  assert.ok(!shown({ place: "=harbour", time: "=dusk" }));
  assert.ok(!shown({ place: "=harbour" }, "flagged"));
  assert.ok(!shown({ mood: "=calm" })); // it has no such axis
});

test("what has no rank comes last", () => {
  assert.deepEqual(ids([entry(0), entry(1, { rank: "1" }), entry(2, { rank: "0" }), entry(3)], { sort: "rank" }), ["v2", "v1", "v0", "v3"]);
});

test("numbers are sorted as numbers", () => {
  const seeds = ["10", "9", "1"].map((seed, order) => entry(order, { axes: JSON.stringify({ seed }) }));
  assert.deepEqual(ids([...seeds, entry(3)], { sort: "axis:seed" }), ["v2", "v1", "v0", "v3"]);
  assert.deepEqual(ids([entry(0, { price: "0.5" }), entry(1, { price: "0.05" })], { sort: "price" }), ["v1", "v0"]);
});
