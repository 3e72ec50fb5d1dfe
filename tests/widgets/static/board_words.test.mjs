import assert from "node:assert/strict";
import { test } from "node:test";

import { bare, markAfterKey } from "../../../voxweave_nb/widgets/static/board_words.js";

test("a label has the bare word", () => {
  assert.equal(bare("“and,” "), "and");
  assert.equal(bare("— "), "—");
  assert.equal(bare("incomprehensibilities"), "incomprehensi…");
});

test("arrows move the mark among words", () => {
  assert.equal(markAfterKey(0, "ArrowRight", 5), 1);
  assert.equal(markAfterKey(4, "ArrowRight", 5), 4);
  assert.equal(markAfterKey(1, "ArrowLeft", 5), 1);
  assert.equal(markAfterKey(0, "ArrowLeft", 5), 4);
  assert.equal(markAfterKey(3, "Home", 5), 1);
  assert.equal(markAfterKey(0, "End", 5), 4);
});

test("one word cannot be split", () => assert.equal(markAfterKey(0, "ArrowRight", 1), undefined));

test("other keys do not move it", () => assert.equal(markAfterKey(2, "x", 5), undefined));
