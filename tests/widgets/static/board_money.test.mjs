import assert from "node:assert/strict";
import { test } from "node:test";

import { costWords, dollars, makeLabel, price, redoLabel } from "../../../voxweave_nb/widgets/static/board_money.js";

const cost = (given) => ({ count: 0, usd: 0, unknown: 0, left: 0, doubt: 0, ...given });

test("dollars look as in the kernel", () => {
  assert.equal(dollars(0.2), "$0.20");
  assert.equal(dollars(1234.5), "$1,234.50");
  assert.equal(dollars(0.0034), "$0.0034");
  assert.equal(dollars(0), "$0.00");
});

test("a price is free or not known", () => {
  assert.deepEqual([0, null, undefined, 1.5].map(price), ["free", "price not known", "price not known", "$1.50"]);
});

test("the button says what it pays", () => {
  assert.equal(makeLabel(cost({ count: 6, usd: 1.2 })), "Make 6 scenes ($1.20)");
  assert.equal(makeLabel(cost({ count: 1 })), "Make 1 scene (free)");
  assert.equal(makeLabel(cost({ count: 3, usd: 0.2, unknown: 2 })), "Make 3 scenes ($0.20 + 2 of unknown price)");
  assert.equal(makeLabel(cost({ count: 2, unknown: 2 })), "Make 2 scenes (2 of unknown price)");
});

test("paid scenes are fetched, not made", () => {
  assert.equal(makeLabel(cost({ count: 2, left: 2 })), "Fetch 2 scenes (paid)");
  assert.equal(makeLabel(cost()), "All scenes are made");
});

test("what is left and in doubt is told", () => {
  assert.equal(costWords(cost({ count: 4, usd: 0.4, left: 1, doubt: 1 })), "$0.40, 1 paid and not fetched yet, 1 in doubt");
  assert.equal(costWords(cost({ count: 2, usd: 0.2, unknown: 1 })), "$0.20 and 1 of unknown price");
  assert.equal(costWords(cost({ count: 1, doubt: 1 })), "1 in doubt");
});

test("a take's button says price and consequence", () => {
  assert.equal(redoLabel({ usd: 0.2, takes: [] }), "Make ($0.20)");
  assert.equal(redoLabel({ usd: 0.2, takes: [1] }), "Redo ($0.20)");
  assert.equal(redoLabel({ usd: 0, takes: [1] }), "Redo (free)");
  assert.equal(redoLabel({ usd: 0.2, left: "paid" }), "Fetch (paid)");
  assert.equal(redoLabel({ usd: 0.2, left: "doubt" }), "Submit again ($0.20)");
});
