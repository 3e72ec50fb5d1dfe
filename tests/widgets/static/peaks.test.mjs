import assert from "node:assert/strict";
import { test } from "node:test";

import { normalize, PEAK_COUNT, reducePeaks, WavPeaks } from "../../../voxweave_nb/widgets/static/peaks.js";

/** A WAV file of samples from -1 to 1. */
function wav(samples, { channels = 1, bits = 16, rate = 8000, tag = 1, before = [], declared = undefined } = {}) {
  const width = bits / 8, data = Buffer.alloc(samples.length * width);
  samples.forEach((value, place) => {
    if (tag === 3) data.writeFloatLE(value, place * width);
    else data.writeIntLE(Math.round(value * (2 ** (bits - 1) - 1)), place * width, width);
  });
  const chunk = (name, content, length = content.length) => {
    const head = Buffer.alloc(8);
    head.write(name, 0, "latin1");
    head.writeUInt32LE(length, 4);
    return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
  };
  const format = Buffer.alloc(tag === 0xfffe ? 40 : 16);
  format.writeUInt16LE(tag, 0);
  format.writeUInt16LE(channels, 2);
  format.writeUInt32LE(rate, 4);
  format.writeUInt32LE(rate * channels * width, 8);
  format.writeUInt16LE(channels * width, 12);
  format.writeUInt16LE(bits, 14);
  if (tag === 0xfffe) format.writeUInt16LE(1, 24);
  const body = Buffer.concat([Buffer.from("WAVE"), ...before.map(([name, content]) => chunk(name, content)), chunk("fmt ", format), chunk("data", data, declared)]);
  const head = Buffer.alloc(8);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(body.length, 4);
  return new Uint8Array(Buffer.concat([head, body]));
}

function read(file, piece = file.length) {
  const peaks = new WavPeaks(file.length);
  for (let at = 0; at < file.length; at += piece) peaks.add(file.slice(at, at + piece), at);
  return peaks;
}

const half = Array.from({ length: 8000 }, (_, place) => (place < 4000 ? 0.25 : -0.75));

for (const [name, options] of Object.entries({
  "16 bit": {}, "24 bit": { bits: 24 }, "32 bit": { bits: 32 }, float: { bits: 32, tag: 3 }, extensible: { tag: 0xfffe },
  "after other chunks": { before: [["LIST", Buffer.from("odd")], ["junk", Buffer.alloc(10)]] },
  "of undeclared length": { declared: 0 },
})) {
  test(`peaks are read: ${name}`, () => {
    const peaks = read(wav(half, options));
    assert.equal(peaks.known, true);
    assert.ok(Math.abs(peaks.duration - 1) < 1e-9);
    assert.equal(peaks.peaks.length, PEAK_COUNT);
    assert.ok(peaks.peaks.slice(0, 199).every((peak) => Math.abs(peak - 25) < 0.5), String(peaks.peaks.slice(0, 5)));
    assert.ok(peaks.peaks.slice(201).every((peak) => Math.abs(peak - 75) < 0.7), String(peaks.peaks.slice(-5)));
  });
}

test("pieces of any length give the same peaks", () => {
  const file = wav(Array.from({ length: 5000 }, (_, place) => Math.sin(place / 9) * (place / 5000)));
  const whole = read(file).peaks;
  for (const piece of [64, 100, 4096]) assert.deepEqual(read(file, piece).peaks, whole, `pieces of ${piece}`);
  // A sample that lies in two pieces is passed over.
  for (const piece of [97, 997]) assert.ok(read(file, piece).peaks.every((peak, place) => Math.abs(peak - whole[place]) < 12), `pieces of ${piece}`);
});

test("stereo has its duration from whole frames", () => {
  assert.equal(read(wav(new Array(16_000).fill(0.1), { channels: 2 })).duration, 1);
});

test("what is not a WAV file has no peaks", () => {
  for (const file of [new Uint8Array(0), new Uint8Array(5), new Uint8Array(500), new TextEncoder().encode("RIFF1234WAVE".padEnd(60, " "))]) {
    const peaks = new WavPeaks(file.length);
    assert.equal(peaks.add(file, 0), false);
    assert.equal(peaks.known, false);
  }
});

test("unusual formats have no peaks", () => {
  for (const options of [{ bits: 8 }, { tag: 0x11 }, { tag: 7 }, { rate: 0 }, { bits: 16, tag: 3 }]) {
    const file = wav([0.1, 0.2], { ...options, tag: options.tag === 3 ? 1 : options.tag ?? 1 });
    if (options.tag === 3) file[20] = 3;
    assert.equal(read(file).known, false, JSON.stringify(options));
  }
});

test("a header that ends early is not read beyond its end", () => {
  const file = wav(new Array(100).fill(0.5));
  for (let length = 0; length < 44; length++) {
    const peaks = new WavPeaks(file.length);
    assert.equal(peaks.add(file.slice(0, length), 0), false);
  }
  const cut = wav([], { before: [["junk", Buffer.alloc(16)]] }).slice(0, 46); // within the format
  assert.equal(new WavPeaks(500).add(cut, 0), false);
});

test("a length beyond the file's end is cut", () => {
  const peaks = read(wav(half, { declared: 4_000_000 }));
  assert.ok(Math.abs(peaks.duration - 1) < 1e-9);
});

test("many samples are reduced to the loudest of each stretch", () => {
  const peaks = reducePeaks(Float32Array.from({ length: 4000 }, (_, place) => (place === 17 ? -0.5 : 0.125)));
  assert.equal(peaks.length, PEAK_COUNT);
  assert.deepEqual([peaks[0], peaks[1], peaks[2]], [0.125, 0.5, 0.125]);
});

test("few samples stay as they are", () => {
  assert.deepEqual(reducePeaks([0.1, -0.2, 0]), [0.1, 0.2, 0]);
  assert.deepEqual(reducePeaks([]), []);
});

test("the loudest peak becomes 100", () => {
  assert.deepEqual(normalize([0, 0.1, 0.2]), [0, 50, 100]);
  assert.deepEqual(normalize([0, 0]), [0, 0]);
  assert.deepEqual(normalize([]), []);
});
