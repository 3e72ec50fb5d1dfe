import assert from "node:assert/strict";
import { test } from "node:test";

import { Downloads, FileMissing } from "../../../voxweave_nb/widgets/static/download.js";
import { PIECE_BYTES } from "../../../voxweave_nb/widgets/static/transfer.js";
import { FakeClock } from "./fake_clock.mjs";

/** A model whose kernel answers with pieces of a file. */
function modelOf(file, { missing = false } = {}) {
  const listeners = [], requests = [];
  return {
    requests,
    on: (_, listener) => listeners.push(listener),
    hear: (message, buffers = []) => listeners.forEach((listener) => listener(message, buffers)),
    send(message) {
      requests.push(message);
      if (file === undefined) return;
      const { what, turn, seq } = message;
      if (missing) return setImmediate(() => this.hear({ kind: "gone", what, turn, name: "film.mp4" }));
      const part = file.subarray(seq * PIECE_BYTES, (seq + 1) * PIECE_BYTES);
      const buffer = new DataView(part.buffer, part.byteOffset, part.length);
      setImmediate(() => this.hear({ kind: "piece", what, turn, seq, length: part.length }, [buffer]));
    },
  };
}

const bytesOf = async (blob) => Buffer.from(await blob.arrayBuffer());
const large = Buffer.alloc(2 * PIECE_BYTES + 5, "abcdefg");

test("a file comes in pieces, two at a time", async () => {
  const model = modelOf(large), seen = [];
  const blob = await new Downloads(model).fetch("video", large.length, "video/mp4", (bytes, busy) => seen.push([bytes, busy]));
  assert.equal(blob.type, "video/mp4");
  assert.deepEqual(await bytesOf(blob), large);
  assert.deepEqual(model.requests.map((each) => [each.kind, each.what, each.seq, each.text]), [0, 1, 2].map((seq) => ["pull", "video", seq, false]));
  assert.deepEqual(seen, [[PIECE_BYTES, false], [2 * PIECE_BYTES, false], [large.length, false]]);
});

test("a file of unknown size comes whole", async () => {
  for (const size of [0, 3, PIECE_BYTES, PIECE_BYTES + 1, large.length]) {
    const file = large.subarray(0, size);
    assert.deepEqual(await bytesOf(await new Downloads(modelOf(file)).fetch("captions", 0, "")), Buffer.from(file));
  }
});

test("pieces may come in any order and twice", async () => {
  const model = modelOf(undefined);
  const downloads = new Downloads(model);
  const done = downloads.fetch("video", 2 * PIECE_BYTES, "");
  const { turn } = model.requests[0];
  const parts = [large.subarray(0, PIECE_BYTES), large.subarray(PIECE_BYTES, 2 * PIECE_BYTES)];
  for (const seq of [1, 1, 0]) model.hear({ kind: "piece", turn, seq, length: PIECE_BYTES }, [new DataView(parts[seq].buffer, parts[seq].byteOffset, PIECE_BYTES)]);
  assert.deepEqual(await bytesOf(await done), large.subarray(0, 2 * PIECE_BYTES));
});

test("two downloads do not mix", async () => {
  const model = modelOf(large.subarray(0, 9));
  const downloads = new Downloads(model), others = new Downloads(model);
  const blobs = await Promise.all([downloads.fetch("a", 9, ""), downloads.fetch("b", 9, ""), others.fetch("c", 9, "")]);
  for (const blob of blobs) assert.equal(blob.size, 9);
  assert.equal(new Set(model.requests.map((each) => each.turn)).size, 3);
});

test("a missing file is an error of its own", async () => {
  const error = await new Downloads(modelOf(large, { missing: true })).fetch("video", 9, "").catch((each) => each);
  assert.ok(error instanceof FileMissing);
  assert.equal(error.message, "film.mp4");
});

test("an abort ends all downloads", async () => {
  const model = modelOf(undefined);
  const downloads = new Downloads(model);
  const all = [downloads.fetch("a", 9, ""), downloads.fetch("b", 9, "")].map((each) => each.catch((error) => error.name));
  downloads.abort();
  assert.deepEqual(await Promise.all(all), ["AbortError", "AbortError"]);
  model.hear({ kind: "piece", turn: model.requests[0].turn, seq: 0, length: 9 }, []); // a late answer
});

test("a silent kernel is reported as busy", async (context) => {
  const time = new FakeClock(context);
  const seen = [];
  const downloads = new Downloads(modelOf(undefined));
  const done = downloads.fetch("video", 9, "", (bytes, busy) => seen.push([bytes, busy])).catch(() => {});
  time.tick(3000);
  assert.deepEqual(seen, [[0, false], [0, false], [0, false], [0, false], [0, false], [0, true]]);
  downloads.abort();
  await done;
});
