import assert from "node:assert/strict";
import { test } from "node:test";

import { PromptHistory } from "../../../voxweave_nb/widgets/static/prompt_history.js";

const recent = ["newest", "older", "two\nlines"];

test("arrows go back and return to the person's own text", () => {
  const history = new PromptHistory();
  assert.equal(history.move(1, recent, "mine", 0, 0), "newest");
  assert.equal(history.move(1, recent, "newest", 0, 0), "older");
  assert.equal(history.move(-1, recent, "older", 0, 0), "newest");
  assert.equal(history.move(-1, recent, "newest", 0, 0), "mine");
  assert.equal(history.move(-1, recent, "mine", 0, 0), undefined);
});

test("the oldest prompt is the end", () => {
  const history = new PromptHistory();
  for (const text of recent) assert.equal(history.move(1, recent, "", 0, 0), text);
  assert.equal(history.move(1, recent, "two\nlines", 0, 0), undefined);
  assert.equal(new PromptHistory().move(1, [], "", 0, 0), undefined);
});

test("within several lines an arrow moves the cursor", () => {
  const history = new PromptHistory();
  assert.equal(history.move(1, recent, "a\nb", 3, 3), undefined);
  assert.equal(history.move(1, recent, "a\nb", 1, 3), "newest");
  assert.equal(history.move(-1, recent, "x\ny", 0, 0), undefined);
  assert.equal(history.move(-1, recent, "x\ny", 2, 3), "a\nb");
});

test("a changed text is the person's own", () => {
  const history = new PromptHistory();
  history.move(1, recent, "mine", 0, 0);
  history.leave();
  assert.equal(history.move(1, recent, "newest, changed", 0, 0), "newest");
  assert.equal(history.move(-1, recent, "newest", 0, 0), "newest, changed");
});
