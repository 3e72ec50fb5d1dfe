import assert from "node:assert/strict";
import { test } from "node:test";

import { cueAt, escapeCue, findWords, nextHit } from "../../../voxweave_nb/widgets/static/transcript.js";

const cues = [[0.5, 1, "one"], [1, 2, "two"], [1, 1.5, "at the same time"], [4, 5, "three"]];

test("the last caption that has begun is current", () => {
  assert.deepEqual([0, 0.48, 0.49, 1, 3, 4, 99].map((at) => cueAt(cues, at)), [-1, 0, 0, 2, 2, 3, 3]);
  assert.equal(cueAt([], 1), -1);
});

test("a search agrees with looking at every caption", () => {
  const many = Array.from({ length: 1000 }, (_, place) => [place * 0.3, place * 0.3 + 0.2, ""]);
  for (let at = -1; at < 310; at += 0.7) assert.equal(cueAt(many, at), many.findLastIndex(([start]) => start <= at + 0.02));
});

test("words are found in any case", () => {
  assert.deepEqual(findWords("It Glows below", "glow"), ["It ", "Glow", "s below"]);
  assert.deepEqual(findWords("ÜBER", "über"), ["", "ÜBER", ""]);
  assert.equal(findWords("It glows", "submarine"), undefined);
  assert.equal(findWords("It glows", ""), undefined);
});

test("a match keeps its place behind letters that grow in lower case", () => {
  assert.deepEqual(findWords("İİ and glow", "GLOW"), ["İİ and ", "glow", ""]);
});

test("signs are searched as they are", () => {
  for (const words of ["a.b", "(c)", "[d]", "1+1", "x*", "^y$", "{2}", "a|b", "\\n", "/e/", "?", "a-b", "😀"]) {
    assert.deepEqual(findWords(`before ${words} after`, words), ["before ", words, " after"], words);
  }
  assert.equal(findWords("axb", "a.b"), undefined);
});

test("hits go round in both directions", () => {
  const hits = [2, 5, 8];
  assert.deepEqual([-1, 2, 3, 8].map((current) => nextHit(hits, current, 1)), [2, 5, 5, 2]);
  assert.deepEqual([-1, 2, 3, 8].map((current) => nextHit(hits, current, -1)), [8, 8, 2, 5]);
  assert.equal(nextHit([], 3, 1), undefined);
  assert.equal(nextHit([4], 4, -1), 4);
});

test("a caption is never markup", () => {
  assert.equal(escapeCue("a <b> & c > d &lt;"), "a &lt;b&gt; &amp; c &gt; d &amp;lt;");
});
