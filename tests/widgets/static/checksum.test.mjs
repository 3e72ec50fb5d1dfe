import assert from "node:assert/strict";
import { test } from "node:test";

import { crc32, crc32OfPieces } from "../../../voxweave_nb/widgets/static/checksum.js";

const bytes = (text) => new TextEncoder().encode(text);

test("known texts have their known checksums", () => {
  assert.equal(crc32(bytes("")), 0);
  assert.equal(crc32(bytes("123456789")), 0xcbf43926); // the check value of CRC-32/ISO-HDLC
  assert.equal(crc32(bytes("The quick brown fox jumps over the lazy dog")), 0x414fa339);
  assert.equal(crc32(new Uint8Array(4)), 0x2144df1c);
});

test("the checksum of a view is that of its bytes alone", () => {
  assert.equal(crc32(bytes("--123456789--").subarray(2, 11)), 0xcbf43926);
});

test("one flipped bit is noticed anywhere", () => {
  const data = Uint8Array.from({ length: 300 }, (_, place) => (place * 31) % 256);
  const right = crc32(data);
  for (const place of [0, 1, 150, 298, 299]) {
    for (const bit of [1, 128]) {
      data[place] ^= bit;
      assert.notEqual(crc32(data), right);
      data[place] ^= bit;
    }
  }
});

test("a file's checksum is that of its pieces' in order", () => {
  assert.equal(crc32OfPieces([0xcbf43926, 1]), crc32(Uint8Array.of(0xcb, 0xf4, 0x39, 0x26, 0, 0, 0, 1)));
  assert.notEqual(crc32OfPieces([1, 2]), crc32OfPieces([2, 1]));
  assert.notEqual(crc32OfPieces([1, 2]), crc32OfPieces([1, 2, 2]));
});
