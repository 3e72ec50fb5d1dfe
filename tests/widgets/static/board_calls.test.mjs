import assert from "node:assert/strict";
import { test } from "node:test";

import { Calls } from "../../../voxweave_nb/widgets/static/board_calls.js";

/** A model whose kernel answers when the test says so. */
function opened({ dead = false } = {}) {
  const sent = [], listeners = [];
  let changes = 0;
  const model = { on: (_, listener) => listeners.push(listener), send: (message) => { if (dead) throw new Error("gone"); sent.push(message); } };
  const calls = new Calls(model, () => { changes += 1; });
  return { calls, sent, answer: (turn) => listeners.forEach((each) => each({ kind: "done", turn })), changes: () => changes };
}

test("a second press is not sent", async () => {
  const { calls, sent, answer } = opened();
  const first = calls.ask("make", { kind: "make" });
  assert.equal(await calls.ask("make", { kind: "make" }), false);
  assert.equal(sent.length, 1);
  assert.ok(calls.isOpen("make"));
  answer(sent[0].turn);
  assert.equal(await first, true);
  assert.ok(!calls.isOpen("make"));
});

test("other scenes are asked meanwhile", () => {
  const { calls, sent } = opened();
  void calls.ask("s1", {});
  void calls.ask("s2", {});
  assert.equal(sent.length, 2);
  assert.notEqual(sent[0].turn, sent[1].turn);
});

test("answers for another page are not taken", () => {
  const one = opened(), other = opened();
  void one.calls.ask("make", {});
  void other.calls.ask("make", {});
  one.answer(other.sent[0].turn);
  assert.ok(one.calls.isOpen("make"));
});

test("a kernel that is gone unlocks everything", async () => {
  const { calls } = opened();
  const asked = calls.ask("make", {});
  calls.abandon();
  assert.equal(await asked, false);
  assert.equal(await opened({ dead: true }).calls.ask("make", {}), false);
});

test("the page hears of begin and end", () => {
  const { calls, sent, answer, changes } = opened();
  void calls.ask("make", {});
  answer(sent[0].turn);
  assert.equal(changes(), 2);
});
