import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { FileMissing } from "../../../voxweave_nb/widgets/static/download.js";
import { fileAddresses, joinPath, notebookFolders, serves, Source } from "../../../voxweave_nb/widgets/static/source.js";

const page = { config: null, cookie: "" };
const model = (path, more = {}) => ({ widget_manager: { context: { path } }, on() {}, send() {}, ...more });
const own = { fetch: globalThis.fetch, create: URL.createObjectURL, revoke: URL.revokeObjectURL };

beforeEach(() => {
  page.config = { baseUrl: "/user/a/" };
  page.cookie = "";
  globalThis.location = { href: "http://localhost:8888/user/a/lab/tree/x.ipynb", protocol: "http:", pathname: "/user/a/lab" };
  globalThis.document = {
    body: { dataset: {} },
    get cookie() { return page.cookie; },
    getElementById: () => page.config && { textContent: JSON.stringify(page.config) },
  };
});

afterEach(() => {
  globalThis.fetch = own.fetch;
  Object.assign(URL, { createObjectURL: own.create, revokeObjectURL: own.revoke });
});

test("paths are joined and stay below the root", () => {
  assert.equal(joinPath("talks/one", "../two/film.mp4"), "talks/two/film.mp4");
  assert.equal(joinPath("", "./film.mp4"), "film.mp4");
  assert.equal(joinPath("talks", "../../film.mp4"), undefined);
  assert.equal(joinPath("talks", ".."), "");
});

test("a server shows no hidden folder", () => {
  assert.equal(joinPath("", ".cache/film.mp4"), undefined);
  assert.equal(joinPath("talks/.hidden", "film.mp4"), undefined);
  assert.equal(joinPath(".hidden", "../film.mp4"), "film.mp4");
});

test("the notebook's folder is known in three ways", () => {
  assert.deepEqual(notebookFolders(model("RTC:talks/one.ipynb")), ["talks", ""]);
  page.config = { notebookPath: "deep/er/two.ipynb" };
  assert.deepEqual(notebookFolders({}), ["deep/er", ""]);
  page.config = null;
  globalThis.location.pathname = "/lab/tree/a%20talk/three.ipynb";
  assert.deepEqual(notebookFolders({}), ["a talk", ""]);
  globalThis.location.pathname = "/voila/render";
  assert.deepEqual(notebookFolders({}), [""]);
});

test("addresses are encoded, unique and carry the token", () => {
  page.cookie = "x=1; _xsrf=2|abc; y=2";
  assert.deepEqual(fileAddresses(model("a talk/one.ipynb"), ["film #1.mp4", "./film #1.mp4"]), [
    "http://localhost:8888/user/a/files/a%20talk/film%20%231.mp4?_xsrf=2%7Cabc",
    "http://localhost:8888/user/a/files/film%20%231.mp4?_xsrf=2%7Cabc",
  ]);
});

test("without a server there is no address", () => {
  page.config = {};
  assert.deepEqual(fileAddresses(model("one.ipynb"), ["film.mp4"]), []);
  page.config = { baseUrl: "/" };
  globalThis.location = { ...globalThis.location, protocol: "vscode-webview:" };
  assert.deepEqual(fileAddresses(model("one.ipynb"), ["film.mp4"]), []);
});

const facts = {
  size: 1000, tail: "0a0bff", mime: "video/mp4",
  files: { video: { name: "film.mp4", places: ["film.mp4"] }, poster: { name: "film.jpg", places: ["film.jpg"] } },
};
const answer = (bytes, { status = 206, range = "bytes 997-999/1000" } = {}) =>
  async () => ({ status, headers: new Map([["Content-Range", range]]), arrayBuffer: async () => Uint8Array.from(bytes).buffer });

test("size and end identify the video", async () => {
  let asked;
  globalThis.fetch = async (url, options) => { asked = options.headers.Range; return answer([10, 11, 255])(); };
  assert.equal(await serves("http://x/", facts), true);
  assert.equal(asked, "bytes=997-999");
});

test("other answers do not serve the video", async () => {
  for (const other of [answer([10, 11, 254]), answer([10, 11]), answer([10, 11, 255], { status: 200 }), answer([10, 11, 255], { range: "bytes 997-999/1001" }),
    async () => { throw new TypeError("offline"); }]) {
    globalThis.fetch = other;
    assert.equal(await serves("http://x/", facts), false);
  }
});

/** A model whose kernel sends one small file, or reports it missing. */
function kernel({ missing = false } = {}) {
  let listener = (..._) => {};
  return model("one.ipynb", {
    on: (_, each) => { listener = each; },
    send: ({ what, turn, seq }) => setImmediate(() => listener(
      missing ? { kind: "gone", turn, name: "film.mp4" } : { kind: "piece", what, turn, seq, length: 3 }, [new DataView(new ArrayBuffer(3))])),
  });
}

test("the server comes first, then the kernel", async () => {
  URL.createObjectURL = () => "blob:film";
  globalThis.fetch = answer([10, 11, 255]);
  const source = new Source(kernel());
  assert.equal(await source.load(facts, true, () => {}), "http://localhost:8888/user/a/files/film.mp4");
  assert.equal(source.way, "server");
  assert.equal(await source.poster(facts), "http://localhost:8888/user/a/files/film.jpg");
  assert.equal(await source.load(facts, false, () => {}), "blob:film");
  assert.equal(source.way, "kernel");
  assert.equal(await source.poster(facts), "blob:film");
});

test("a copy takes the video's place", async () => {
  URL.createObjectURL = () => "blob:copy";
  const served = [], making = [], listeners = [];
  globalThis.fetch = async (url) => { served.push(url); return answer([1, 2, 3])(); }; // other bytes: it is not there
  const asked = [];
  const source = new Source(model("one.ipynb", {
    on: (_, each) => listeners.push(each), off() {},
    send: (message) => {
      asked.push(message);
      const { kind, what, turn, seq } = message;
      const say = (content, buffers) => setImmediate(() => listeners.forEach((each) => each({ turn, ...content }, buffers)));
      if (kind === "rendition") {
        say({ progress: 0.5 });
        say({ what: "rendition.mp4", size: 3, tail: "0a0bff", mime: "video/mp4", places: ["film.mp4.rendition-1.mp4"] });
      } else say({ kind: "piece", what, seq, length: 3 }, [new DataView(new ArrayBuffer(3))]);
    },
  }));
  assert.equal(await source.load(facts, true, () => {}, "mp4", (fraction) => making.push(fraction)), "blob:copy");
  assert.deepEqual([making, source.way], [[0.5], "kernel"]);
  assert.deepEqual(served, ["http://localhost:8888/user/a/files/film.mp4.rendition-1.mp4"]);
  assert.deepEqual(asked.map(({ kind, what, format }) => what ?? [kind, format]), [["rendition", "mp4"], "rendition.mp4"]);
});

test("only a missing video is an error", async () => {
  globalThis.fetch = answer([], { status: 404 });
  const source = new Source(kernel({ missing: true }));
  await assert.rejects(source.load(facts, true, () => {}), FileMissing);
  assert.equal(await source.sprite(), "");
  assert.equal(await source.poster(facts), undefined);
});

test("a new video has no address yet", async () => {
  URL.createObjectURL = () => "blob:film";
  const source = new Source(kernel());
  await source.load(facts, false, () => {});
  const next = source.load(facts, false, () => {});
  assert.deepEqual([source.url, source.way], ["", ""]);
  await next;
  assert.deepEqual([source.url, source.way], ["blob:film", "kernel"]);
  source.close();
  assert.equal(source.url, "");
});

test("a lost kernel is an error", async () => {
  const source = new Source(model("one.ipynb", { send: () => { throw new Error("disposed"); } }));
  await assert.rejects(source.load(facts, false, () => {}), /disposed/);
});

test("stopping is no error", async () => {
  const source = new Source(model("one.ipynb"));
  const loading = source.load(facts, false, () => {});
  source.stop();
  assert.equal(await loading, undefined);
});

test("a second video takes the first one's place", async () => {
  URL.createObjectURL = () => "blob:film";
  let release;
  globalThis.fetch = () => new Promise((resolve) => { release = () => resolve(answer([10, 11, 255])()); });
  const source = new Source(kernel());
  const first = source.load(facts, true, () => {});
  const second = source.load(facts, false, () => {});
  release();
  assert.equal(await first, undefined);
  assert.equal(await second, "blob:film");
  assert.equal(source.way, "kernel");
});

test("object URLs are revoked with the video", async () => {
  let count = 0;
  const revoked = [];
  Object.assign(URL, { createObjectURL: () => `blob:${++count}`, revokeObjectURL: (url) => revoked.push(url) });
  const source = new Source(kernel());
  await source.load(facts, false, () => {});
  await source.sprite();
  assert.equal(await source.sprite(), "blob:2");
  await source.load(facts, false, () => {});
  assert.deepEqual(revoked, ["blob:1", "blob:2"]);
  source.close();
  assert.deepEqual(revoked, ["blob:1", "blob:2", "blob:3"]);
});
