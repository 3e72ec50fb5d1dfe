import assert from "node:assert/strict";
import { test } from "node:test";

import { fetchPoster, scoped } from "../../../voxweave_nb/widgets/static/lab_media.js";

/** A model that keeps what is sent and passes messages on. */
function makeModel() {
  const listeners = new Set(), sent = [];
  return {
    sent, listeners, get: () => "value", widget_manager: { context: {} },
    send: (content) => sent.push(content),
    on: (_, listener) => listeners.add(listener),
    off: (_, listener) => listeners.delete(listener),
    receive: (message, buffers = []) => { for (const each of [...listeners]) each(message, buffers); },
  };
}

test("a scoped model hears of its video only", () => {
  const model = makeModel(), own = scoped(model, "a"), heard = [];
  const listener = (message) => heard.push(message.what);
  own.on("msg:custom", listener);
  own.send({ kind: "facts" });
  model.receive({ of: "b", what: 1 });
  model.receive({ of: "a", what: 2 });
  assert.deepEqual(heard, [2]);
  assert.deepEqual(model.sent, [{ kind: "facts", of: "a" }]);
  own.off("msg:custom", listener);
  assert.equal(model.listeners.size, 0);
});

test("a closed one leaves no listeners", () => {
  const model = makeModel(), own = scoped(model, "a");
  own.on("msg:custom", () => {});
  own.on("msg:custom", () => {});
  own.close();
  assert.equal(model.listeners.size, 0);
});

test("a poster comes from the kernel", async () => {
  const model = makeModel(), poster = fetchPoster(model, "a");
  const [{ kind, of, what, turn, seq }] = model.sent;
  assert.deepEqual([kind, of, what, seq], ["pull", "a", "poster", 0]);
  model.receive({ kind: "piece", of: "a", what, turn, seq: 0, length: 3 }, [new Uint8Array([1, 2, 3])]);
  assert.match(await poster, /^blob:/);
  assert.equal(model.listeners.size, 0);
});

test("a missing poster is empty", async () => {
  const model = makeModel(), poster = fetchPoster(model, "a");
  model.receive({ kind: "gone", of: "a", turn: model.sent[0].turn, name: "poster" });
  assert.equal(await poster, "");
});
