import assert from "node:assert/strict";
import { test } from "node:test";

import savedOutput from "../../../voxweave_nb/widgets/static/saved_output.js";

/** A widget's model in a page, whose notebook has these cells. */
class Model {
  constructor(cells) {
    this.sent = [];
    this.widget_manager = { context: { model: cells && { cells: { length: cells.length, get: (place) => cells[place] } } } };
    savedOutput.initialize({ model: this });
  }

  on(_, listener) { this.hear = listener; }
  off() {}
  set() {}
  send(content) { this.sent.push(content.kind); }
}

const look = { kind: "state", look: true, name: "vx-film-1", count: 2 };
const cellWith = (...outputs) => ({ outputs: { length: outputs.length, get: (place) => outputs[place] } });
const output = (name, count) => ({ metadata: { voxweave: { name, count } } });

test("a notebook without the output is reported", () => {
  const model = new Model([cellWith(), cellWith(output("another", 2))]);
  model.hear(look);
  assert.deepEqual(model.sent, ["hello", "missing"]);
});

test("an output that is behind is asked for", () => {
  for (const [count, answers] of [[1, ["want"]], [2, []]]) {
    const model = new Model([cellWith(output("vx-film-1", count))]);
    model.hear(look);
    assert.deepEqual(model.sent, ["hello", ...answers]);
  }
});

test("a page that hides its notebook reports nothing", () => {
  for (const cells of [undefined, []]) {
    const model = new Model(cells);
    model.hear(look);
    assert.deepEqual(model.sent, ["hello"]);
  }
});
