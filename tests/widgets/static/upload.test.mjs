import assert from "node:assert/strict";
import { File } from "node:buffer";
import { test } from "node:test";

import { crc32, crc32OfPieces } from "../../../voxweave_nb/widgets/static/checksum.js";
import { progressText, Upload } from "../../../voxweave_nb/widgets/static/upload.js";

const PIECE = 64;
const DATA = Uint8Array.from({ length: 5 * PIECE + 11 }, (_, place) => (place * 37) % 251);
const PARTS = Array.from({ length: 6 }, (_, seq) => DATA.slice(seq * PIECE, (seq + 1) * PIECE));

/** A kernel in small: it keeps the pieces in order, and what the page sent to it. */
class Kernel {
  constructor(options = {}) {
    this.sent = [];
    this.parts = [];
    this.time = 0;
    this.states = [];
    this.deaf = false;
    this.file = new File([DATA], "talk.wav", { lastModified: 7 });
    this.upload = new Upload(this.file, (content, buffers) => this.receive(content, buffers), {
      pieceBytes: PIECE, now: () => this.time, onChange: () => this.states.push(this.upload.state), ...options,
    });
  }

  receive(content, buffers) {
    this.sent.push(content);
    if (this.deaf) return;
    const { id, kind } = content;
    if (kind === "begin") this.answer({ kind: "received", id, next: this.parts.length, ask: content.ask });
    if (kind === "ask") this.answer({ kind: "received", id, next: this.parts.length, ask: content.ask });
    if (kind === "piece" && content.seq === this.parts.length) {
      const bytes = content.data === undefined ? new Uint8Array(buffers[0]) : new Uint8Array(Buffer.from(content.data, "base64"));
      if (crc32(bytes) === content.crc) this.parts.push(bytes);
    }
    if (kind === "piece") this.answer({ kind: "received", id, next: this.parts.length });
    if (kind === "end") this.answer({ kind: "complete", id, crc: content.crc });
  }

  answer(message) { setImmediate(() => this.upload.receive(message)); }

  kinds(kind) { return this.sent.filter((each) => each.kind === kind); }

  async until(state) {
    for (let turn = 0; turn < 1000 && this.upload.state !== state; turn++) await new Promise(setImmediate);
    assert.equal(this.upload.state, state);
  }

  /** Wait until nothing happens any more. */
  async quiet() { for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate); }
}

test("a file arrives in order with its checksums", async () => {
  const seen = [];
  const kernel = new Kernel({ choose: true, onPiece: (bytes, at) => seen.push([bytes.length, at]) });
  assert.equal(progressText(kernel.upload), "queued");
  kernel.upload.start();
  await kernel.until("checking");
  assert.deepEqual(Buffer.concat(kernel.parts), Buffer.from(DATA));
  const [begin] = kernel.sent;
  assert.deepEqual([begin.name, begin.size, begin.modified, begin.piece, begin.choose], ["talk.wav", DATA.length, 7, PIECE, true]);
  assert.deepEqual(kernel.kinds("piece").map((each) => each.crc), PARTS.map(crc32));
  assert.equal(kernel.kinds("end")[0].crc, crc32OfPieces(PARTS.map(crc32)));
  assert.deepEqual(seen, PARTS.map((part, seq) => [part.length, seq * PIECE]));
  assert.equal(kernel.upload.percent, 100);
  kernel.upload.receive({ kind: "ready", id: kernel.upload.id });
  assert.equal(kernel.upload.over, true);
});

test("at most two pieces are on their way", async () => {
  const kernel = new Kernel();
  kernel.deaf = true;
  kernel.upload.start();
  kernel.upload.receive({ kind: "received", id: kernel.upload.id, next: 0, ask: 1 });
  await kernel.quiet();
  assert.deepEqual(kernel.kinds("piece").map((each) => each.seq), [0, 1]);
});

test("pieces go as text where buffers are dropped", async () => {
  const kernel = new Kernel({ text: true });
  kernel.upload.start();
  await kernel.until("checking");
  assert.deepEqual(Buffer.concat(kernel.parts), Buffer.from(DATA));
});

test("an earlier upload of the file is resumed", async () => {
  const kernel = new Kernel();
  kernel.parts = PARTS.slice(0, 4);
  kernel.upload.start();
  await kernel.until("checking");
  assert.equal(kernel.upload.resumedAt, 4);
  assert.deepEqual(kernel.kinds("piece").map((each) => each.seq), [4, 5]);
  assert.equal(kernel.kinds("end")[0].crc, crc32OfPieces(PARTS.map(crc32))); // of the whole file all the same
});

test("a piece is sent again on request", async () => {
  const kernel = new Kernel();
  let refused = 0;
  const receive = kernel.receive;
  kernel.receive = function (content, buffers) {
    if (content.kind === "piece" && content.seq === 2 && refused++ < 2) {
      this.sent.push(content);
      return this.answer({ kind: "resend", id: content.id, next: 2 });
    }
    return receive.call(this, content, buffers);
  };
  kernel.upload.start();
  await kernel.until("checking");
  assert.deepEqual(Buffer.concat(kernel.parts), Buffer.from(DATA));
  assert.ok(kernel.kinds("piece").filter((each) => each.seq === 2).length >= 3);
});

test("lost pieces are found out by a question", async () => {
  const kernel = new Kernel();
  kernel.upload.start();
  await new Promise(setImmediate);
  kernel.deaf = true;
  await kernel.quiet();
  assert.notEqual(kernel.upload.state, "checking");
  kernel.deaf = false;
  kernel.time = 1999;
  kernel.upload.checkSilence();
  assert.equal(kernel.kinds("ask").length, 0);
  kernel.time = 2001;
  kernel.upload.checkSilence();
  assert.equal(kernel.kinds("ask").length, 1);
  await kernel.until("checking");
  assert.deepEqual(Buffer.concat(kernel.parts), Buffer.from(DATA));
});

test("questions become rarer, up to one in fifteen seconds", () => {
  const kernel = new Kernel();
  kernel.deaf = true;
  kernel.upload.start();
  const times = [];
  for (kernel.time = 0; kernel.time <= 60_000; kernel.time += 500) {
    const before = kernel.sent.length;
    kernel.upload.checkSilence();
    if (kernel.sent.length > before) times.push(kernel.time);
  }
  assert.deepEqual(times, [2000, 6000, 14_000, 29_000, 44_000, 59_000]);
});

test("a restarted kernel gets the file from the beginning", async () => {
  const kernel = new Kernel();
  kernel.upload.start();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  const before = kernel.upload.id;
  kernel.parts = [];
  kernel.upload.receive({ kind: "unknown", id: before });
  assert.notEqual(kernel.upload.id, before);
  await kernel.until("checking");
  assert.deepEqual(Buffer.concat(kernel.parts), Buffer.from(DATA));
});

test("a pause holds it and a resume goes on", async () => {
  const kernel = new Kernel();
  kernel.upload.start();
  for (let turn = 0; kernel.parts.length < 2 && turn < 100; turn++) await new Promise(setImmediate);
  kernel.upload.pause();
  await kernel.quiet();
  const count = kernel.parts.length;
  assert.equal(progressText(kernel.upload), `paused at ${kernel.upload.percent} %`);
  await kernel.quiet();
  assert.equal(kernel.parts.length, count);
  kernel.upload.resume();
  await kernel.until("checking");
  assert.deepEqual(Buffer.concat(kernel.parts), Buffer.from(DATA));
});

test("a canceled upload hears nothing any more", async () => {
  const kernel = new Kernel();
  kernel.upload.start();
  kernel.upload.cancel();
  kernel.upload.cancel();
  assert.equal(kernel.kinds("cancel").length, 1);
  await kernel.quiet();
  assert.equal(kernel.upload.state, "canceled");
  assert.equal(kernel.kinds("piece").length, 0);
});

test("answers to other uploads are ignored", () => {
  const kernel = new Kernel();
  kernel.deaf = true;
  kernel.upload.start();
  kernel.upload.receive({ kind: "failed", id: "another-0", text: "no" });
  kernel.upload.receive({ kind: "piece", what: "x" });
  assert.equal(kernel.upload.state, "starting");
});

test("a refusal is final and has its reason", () => {
  const kernel = new Kernel();
  kernel.deaf = true;
  kernel.upload.start();
  kernel.upload.receive({ kind: "failed", id: kernel.upload.id, text: "The disk is full." });
  assert.deepEqual([kernel.upload.state, kernel.upload.error], ["failed", "The disk is full."]);
  kernel.upload.receive({ kind: "complete", id: kernel.upload.id });
  assert.equal(kernel.upload.state, "failed");
});

test("a file that can no longer be read fails in words", async () => {
  const kernel = new Kernel();
  kernel.upload.file = { name: "gone.wav", size: DATA.length, slice: () => ({ arrayBuffer: () => Promise.reject(new Error("moved")) }) };
  kernel.upload.start();
  await kernel.until("failed");
  assert.match(kernel.upload.error, /^gone\.wav can no longer be read/);
});

test("progress tells sizes, speed and time", async () => {
  const kernel = new Kernel();
  kernel.deaf = true;
  kernel.upload.start();
  kernel.upload.receive({ kind: "received", id: kernel.upload.id, next: 0, ask: 1 });
  assert.equal(progressText(kernel.upload), "1 kB of 1 kB");
  kernel.time = 1000;
  kernel.upload.receive({ kind: "received", id: kernel.upload.id, next: 1 });
  assert.equal(kernel.upload.speed, PIECE);
  assert.equal(progressText(kernel.upload), "1 kB of 1 kB · 1 kB/s · 0:04 left");
  kernel.time = 4000;
  assert.equal(progressText(kernel.upload), "19 % · the kernel is busy; the upload continues when it answers");
  kernel.time = 66_000;
  assert.match(progressText(kernel.upload), /^19 % · no answer for 1:05; the upload continues/);
});
