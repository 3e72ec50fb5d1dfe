import assert from "node:assert/strict";
import { test } from "node:test";

import { keepMessages } from "../../../voxweave_nb/widgets/static/late_start.js";

/** The model of ipywidgets, as far as a widget depends on it. */
class WidgetModel {
  constructor() {
    this.received = [];
    this.sent = [];
    this.state = {};
    this.listeners = new Map();
    this.comm = { on_msg: (listener) => { this.comm.receive = listener; }, send: (message) => this.sent.push(message) };
    this.comm.on_msg((message) => this._handle_comm_msg(message));
  }

  set(name, value) {
    this.state[name] = value;
    this.listeners.get(`change:${name}`)?.(this, value);
  }

  async _handle_comm_msg(message) {
    const { method, content } = message.content.data;
    if (method === "custom") this.received.push(content);
  }
}

/** anywidget's model, which receives nothing before it is ready, and nothing at all when that takes too long. */
class AnyModel extends WidgetModel {
  constructor(ready) {
    super();
    this.ready = ready;
  }

  async _handle_comm_msg(message) {
    await this.ready;
    return super._handle_comm_msg(message);
  }
}

/** What anywidget passes to a widget. */
const proxyOf = (model) => ({
  on: (name, listener) => model.listeners.set(name, listener),
  off: (name) => model.listeners.delete(name),
  set: model.set.bind(model),
  widget_manager: {},
});

/** Start a widget, then let the kernel send "hello". */
async function start(ready) {
  const model = new AnyModel(ready);
  keepMessages({ model: proxyOf(model) });
  await new Promise(setImmediate);
  await Promise.resolve(model.comm.receive({ content: { data: { method: "custom", content: "hello" } } }));
  return model;
}

test("a late widget still receives messages", async () => {
  const model = await start(Promise.reject(new Error("Failed to initialize model.")));
  assert.deepEqual(model.received, ["hello"]);
  assert.deepEqual(model.sent, [{ method: "request_state" }]);
});

test("a widget in time is left alone", async () => {
  const model = await start(Promise.resolve());
  assert.deepEqual(model.received, ["hello"]);
  assert.deepEqual(model.sent, []);
});

test("nothing is left in the model", async () => {
  const model = await start(Promise.resolve());
  assert.equal(JSON.stringify(model.state), "{}");
  assert.equal(model.listeners.size, 0);
});

test("a model without a kernel stays quiet", async () => {
  const model = new AnyModel(Promise.reject(new Error("Failed to initialize model.")));
  delete model.comm;
  keepMessages({ model: proxyOf(model) });
  await new Promise(setImmediate);
  assert.deepEqual(model.sent, []);
});

test("another front end's model is not touched", () => {
  const refuse = () => assert.fail("touched");
  keepMessages({ model: { on: refuse, off: refuse, set: refuse } });
});
