import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { pageConfig, serverAddress, watchConnection } from "../../../voxweave_nb/widgets/static/server.js";
import { FakeClock } from "./fake_clock.mjs";

const page = { text: undefined, hidden: false, dataset: {} };

beforeEach(() => {
  Object.assign(page, { text: undefined, hidden: false, dataset: {} });
  globalThis.location = { protocol: "https:" };
  globalThis.document = {
    getElementById: () => (page.text === undefined ? null : { textContent: page.text }),
    get hidden() { return page.hidden; },
    get body() { return { dataset: page.dataset }; },
  };
});

test("a page without configuration has none", () => {
  for (const text of [undefined, "", "not json"]) {
    page.text = text;
    assert.equal(pageConfig(), null);
  }
});

test("the server's address ends with a slash", () => {
  page.text = '{"baseUrl": "/user/a"}';
  assert.equal(serverAddress(), "/user/a/");
  page.text = undefined;
  page.dataset = { baseUrl: "/voila/" };
  assert.equal(serverAddress(), "/voila/");
});

test("a page of VS Code has no server", () => {
  page.dataset = { baseUrl: "https://resources.example/scripts/", vscodeThemeKind: "vscode-light" };
  assert.equal(serverAddress(), undefined);
  delete page.dataset.vscodeThemeKind;
  assert.equal(serverAddress(), "https://resources.example/scripts/");
});

test("a saved page has no server", () => {
  assert.equal(serverAddress(), undefined);
  page.text = '{"baseUrl": "/"}';
  globalThis.location.protocol = "file:";
  assert.equal(serverAddress(), undefined);
});

/** A watched view; `reports` collects what is reported, `pass` lets a check happen. */
function watch(context) {
  const time = new FakeClock(context);
  page.text = '{"baseUrl": "/"}';
  const listeners = {}, reports = [], requests = [], end = new AbortController();
  const state = { answers: true };
  globalThis.fetch = async (url) => {
    requests.push(url);
    if (!state.answers) throw new TypeError("offline");
  };
  const model = { on: (name, listener) => { listeners[name] = listener; }, off: (name) => { delete listeners[name]; } };
  watchConnection(model, { isConnected: true }, end.signal, (now) => reports.push(now));
  const pass = async (milliseconds) => { time.tick(milliseconds); for (let i = 0; i < 10; i++) await Promise.resolve(); };
  return { state, listeners, reports, requests, end, pass };
}

test("a server is gone after two failures", async (context) => {
  const { state, reports, requests, pass } = watch(context);
  await pass(5000);
  assert.deepEqual([reports, requests], [[], ["/api"]]);
  state.answers = false;
  await pass(5000);
  assert.deepEqual(reports, []);
  await pass(1500);
  await pass(1500);
  assert.deepEqual(reports, ["server"]);
  state.answers = true;
  await pass(1500);
  assert.deepEqual(reports, ["server", ""]);
});

test("a hidden page asks nothing", async (context) => {
  const { requests, pass } = watch(context);
  page.hidden = true;
  await pass(5000);
  assert.deepEqual(requests, []);
  page.hidden = false;
  await pass(5000);
  assert.deepEqual(requests, ["/api"]);
});

test("a kernel that is gone stays gone", async (context) => {
  const { listeners, reports, requests, pass } = watch(context);
  listeners.comm_live_update();
  listeners.comm_live_update();
  await pass(5000);
  assert.deepEqual([reports, requests], [["kernel"], []]);
});

test("a closed view watches no more", async (context) => {
  const { listeners, requests, end, pass } = watch(context);
  end.abort();
  await pass(20_000);
  assert.deepEqual([requests, Object.keys(listeners)], [[], []]);
});
