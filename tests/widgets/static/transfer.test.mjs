import assert from "node:assert/strict";
import { test } from "node:test";

import { dropsBuffers, encodeBase64, pieceBytes, pieceCount, pieceRange, uploadPieceBytes } from "../../../voxweave_nb/widgets/static/transfer.js";

test("the pieces cover a file without a gap", () => {
  for (const size of [1, 63, 64, 65, 1000]) {
    const ranges = Array.from({ length: pieceCount(size, 64) }, (_, seq) => pieceRange(seq, size, 64));
    assert.equal(ranges[0][0], 0);
    assert.equal(ranges.at(-1)[1], size);
    ranges.slice(1).forEach(([start], place) => assert.equal(start, ranges[place][1]));
    for (const [start, end] of ranges) assert.ok(end > start && end - start <= 64);
  }
});

test("an empty file has no piece", () => assert.equal(pieceCount(0, 64), 0));

test("base64 is as Node writes it", () => {
  for (const length of [0, 1, 2, 3, 32765, 32766, 32767, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, place) => (place * 7) % 256);
    assert.equal(encodeBase64(bytes), Buffer.from(bytes).toString("base64"));
  }
});

test("a piece is text or a buffer", () => {
  const buffer = new DataView(new ArrayBuffer(4));
  assert.deepEqual(pieceBytes({ data: encodeBase64(Uint8Array.of(0, 127, 128, 255)) }, []), Uint8Array.of(0, 127, 128, 255));
  assert.equal(pieceBytes({ data: "" }, [buffer]).length, 0);
  assert.equal(pieceBytes({}, [buffer]), buffer);
});

test("only Colab is known to drop buffers", () => {
  assert.equal(dropsBuffers(), false);
  globalThis.google = {};
  assert.equal(dropsBuffers(), false);
  globalThis.google = { colab: {} };
  assert.equal(dropsBuffers(), true);
  delete globalThis.google;
});

test("pieces are small in VS Code", () => {
  assert.ok(uploadPieceBytes(true) < uploadPieceBytes(false));
  globalThis.vscIPyWidgets = {};
  for (const text of [true, false]) assert.equal(uploadPieceBytes(text), 2 ** 20);
  delete globalThis.vscIPyWidgets;
});
