import assert from "node:assert/strict";
import { File } from "node:buffer";
import { afterEach, test } from "node:test";

import { Session } from "../../../voxweave_nb/widgets/static/audio_session.js";

globalThis.CustomEvent ??= class extends Event { // Node 18
  constructor(name, { detail } = {}) { super(name); this.detail = detail; }
};

const open = [];
afterEach(() => { for (const session of open.splice(0)) session.close(); });

/** A session, its kernel's traits and messages, and what it announces. */
function start(traits = {}) {
  const listeners = {}, sent = [], announced = [];
  const state = { max_bytes: 1e9, _files: [], _chosen: "", ...traits };
  const model = {
    get: (name) => state[name],
    send: (message) => sent.push(message),
    on: (name, listener) => (listeners[name] ??= []).push(listener),
  };
  const session = new Session(model);
  open.push(session);
  session.addEventListener("announce", (event) => announced.push(event.detail));
  const hear = (message, buffers = []) => listeners["msg:custom"].forEach((listener) => listener(message, buffers));
  const set = (name, value) => { state[name] = value; listeners[`change:${name}`].forEach((listener) => listener()); };
  return { session, model, sent, announced, hear, set, listeners };
}

const wav = (name, size = 1000) => new File([new Uint8Array(size).fill(1)], name, { type: "audio/wav" });
const begins = (sent) => sent.filter((message) => message.kind === "begin").map((message) => [message.name, message.choose]);

test("files are uploaded one after the other", async () => {
  const { session, sent, hear } = start();
  const [first] = await session.add([wav("one.wav"), wav("two.wav")]);
  assert.deepEqual(begins(sent), [["one.wav", true]]);
  hear({ kind: "complete", id: first.id });
  assert.deepEqual(begins(sent), [["one.wav", true], ["two.wav", false]]);
});

test("a kernel may ask for text", async () => {
  const { session, sent, hear } = start({ _text: true });
  const [upload] = await session.add([wav("talk.wav")]);
  hear({ kind: "received", id: upload.id, next: 0 });
  while (!sent.some(({ kind }) => kind === "piece")) await new Promise(setImmediate);
  const { data, seq } = sent.find(({ kind }) => kind === "piece");
  assert.deepEqual([seq, Buffer.from(data, "base64").length], [0, 1000]);
});

test("a refused file does not stop the others", async () => {
  const { session, sent } = start({ max_bytes: 5000 });
  await session.add([new File(["words"], "notes.txt"), wav("large.wav", 6000), wav("talk.wav")]);
  assert.equal(session.errors.length, 2);
  assert.deepEqual(begins(sent), [["talk.wav", true]]);
  await session.add([wav("two.wav")]);
  assert.deepEqual(session.errors, []);
});

test("a narration that is there ends its upload", async () => {
  const { session, announced, hear, set } = start();
  const [upload] = await session.add([wav("talk.wav")]);
  hear({ kind: "complete", id: upload.id });
  assert.equal(session.queue.length, 1);
  set("_files", [{ id: upload.id, name: "talk.wav", size: 1000, duration: 61 }]); // the answer "ready" was lost
  assert.equal(session.queue.length, 0);
  assert.deepEqual(announced, ["talk.wav is ready, 1:01 long"]);
});

test("a paused upload is not overtaken", async () => {
  const { session, sent } = start();
  const [first] = await session.add([wav("one.wav"), wav("two.wav")]);
  first.pause();
  assert.deepEqual(begins(sent).length, 1);
  first.cancel();
  assert.deepEqual(begins(sent).length, 2);
});

test("a failed upload can be retried or dismissed", async () => {
  const { session, sent, hear } = start();
  const [upload] = await session.add([wav("talk.wav")]);
  hear({ kind: "failed", id: upload.id, text: "The disk is full." });
  assert.deepEqual(session.queue.map((each) => each.error), ["The disk is full."]);
  session.retry(upload);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(session.queue.map((each) => each.state), ["starting"]);
  assert.equal(begins(sent).length, 2);
  session.dismiss(session.queue[0]);
  assert.deepEqual(session.queue, []);
});

test("progress is announced by quarters, a resumption once", async () => {
  const { session, announced, hear } = start();
  const [upload] = await session.add([wav("talk.wav", 100)]);
  upload.pieceBytes = 1;
  upload.pieces = 100;
  for (let next = 30; next < 100; next += 3) hear({ kind: "received", id: upload.id, next });
  assert.deepEqual(announced, ["Resuming talk.wav at 30 %", "talk.wav: 51 percent", "talk.wav: 75 percent"]);
});

test("a lost kernel pauses everything", async () => {
  const { session, listeners } = start();
  await session.add([wav("one.wav"), wav("two.wav")]);
  listeners.comm_live_update[0]();
  assert.equal(session.gone, true);
  assert.deepEqual(session.queue.map((each) => each.state), ["paused", "paused"]);
});

test("a kernel out of reach counts as lost", async () => {
  const { session, model } = start();
  model.send = () => { throw new Error("disposed"); };
  session.select([0, 1]);
  assert.equal(session.gone, true);
});

test("a cleared kernel empties the queue", async () => {
  const { session, hear } = start();
  const [upload] = await session.add([wav("talk.wav")]);
  hear({ kind: "cleared" });
  assert.deepEqual([session.queue, upload.over], [[], true]);
});

test("the page plays its own file", async () => {
  const { session, sent } = start();
  const [upload] = await session.add([wav("talk.wav")]);
  const narration = { id: upload.id, name: "talk.wav", size: 1000 };
  const url = await session.url(narration);
  assert.match(url, /^blob:/);
  assert.equal(await session.url(narration), url);
  assert.deepEqual(sent.filter((message) => message.kind === "pull"), []);
});

test("a reloaded page downloads a sound once", async () => {
  const { session, sent, hear } = start();
  const narration = { id: "old-0", name: "talk.wav", size: 3 };
  const urls = [session.url(narration), session.url(narration)];
  const pulls = sent.filter((message) => message.kind === "pull");
  assert.deepEqual(pulls.map((message) => [message.what, message.seq]), [["old-0", 0]]);
  assert.equal(session.fetching, 0);
  hear({ kind: "piece", turn: pulls[0].turn, seq: 0, length: 3 }, [new DataView(new ArrayBuffer(3))]);
  const [one, two] = await Promise.all(urls);
  assert.equal(one, two);
  assert.equal(session.fetching, -1);
});

test("a missing sound can be tried again", async () => {
  const { session, sent, hear } = start();
  const narration = { id: "old-0", name: "talk.wav", size: 3 };
  for (let turn = 0; turn < 2; turn++) {
    const url = session.url(narration);
    hear({ kind: "gone", turn: sent.at(-1).turn, name: "talk.wav" });
    assert.equal(await url, undefined);
    assert.match(session.errors[0], /^talk\.wav is missing on the kernel's disk/);
  }
  assert.equal(sent.filter((message) => message.kind === "pull").length, 2);
});

/** A session whose kernel has a narration, makes a copy of it and sends it. */
function withKernel(codec, { error } = {}) {
  const started = start({ _files: [{ id: "a-0", name: "talk.m4a", size: 3, duration: 1, codec }], _chosen: "a-0" });
  const { model, hear, listeners } = started;
  const asked = [];
  model.off = (name, listener) => { listeners[name] = listeners[name].filter((each) => each !== listener); };
  model.send = (message) => {
    asked.push(message.what ?? `${message.of} as ${message.format}`);
    const { turn, seq } = message;
    setImmediate(() => message.kind === "rendition"
      ? hear(error ? { turn, error } : { turn, what: "a-0.mp3", size: 3 })
      : hear({ kind: "piece", turn, seq, length: 3 }, [new DataView(new ArrayBuffer(3))]));
  };
  return { ...started, asked };
}

test("without AAC a narration is played as MP3", async () => {
  globalThis.OfflineAudioContext = class { async decodeAudioData() { throw new DOMException("", "EncodingError"); } };
  const { session, asked } = withKernel("aac");
  session.local("a-0").file = new Blob(["the page's own file"]);
  assert.match(await session.url(session.chosen), /^blob:/);
  await session.url(session.chosen);
  assert.deepEqual(asked, ["a-0 as mp3", "a-0.mp3"]);
  delete globalThis.OfflineAudioContext;
  delete globalThis[Symbol.for("voxweave.decodesAac")];
});

test("an unplayable narration is fetched as MP3", async () => {
  const { session, asked } = withKernel("opus");
  await session.url(session.chosen);
  await session.url(session.chosen, true);
  assert.deepEqual(asked, ["a-0", "a-0 as mp3", "a-0.mp3"]);
});

test("a copy that failed is an error", async () => {
  const { session } = withKernel("opus", { error: "No FFmpeg." });
  assert.equal(await session.url(session.chosen, true), undefined);
  assert.deepEqual(session.errors, ["No FFmpeg."]);
});
