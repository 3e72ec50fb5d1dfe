import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { decodesAac, formatFor, nextFormat, requestRendition } from "../../../voxweave_nb/widgets/static/rendition.js";

const PROOF = Symbol.for("voxweave.decodesAac");

/** A page with or without decoders, which counts the proofs. */
function page({ aac, h264 = "probably" }) {
  const seen = { proofs: [] };
  globalThis.OfflineAudioContext = class {
    async decodeAudioData(buffer) {
      seen.proofs.push(new Uint8Array(buffer));
      if (!aac) throw new DOMException("", "EncodingError");
    }
  };
  // Like VS Code, the page says that it has AAC in any case.
  globalThis.document = { createElement: () => ({ canPlayType: (type) => (type.includes("avc1") ? h264 : "probably") }) };
  return seen;
}

afterEach(() => {
  delete globalThis[PROOF];
  delete globalThis.OfflineAudioContext;
  delete globalThis.document;
});

test("the proof is whole frames of AAC", async () => {
  const seen = page({ aac: true });
  assert.equal(await decodesAac(), true);
  const [frames] = seen.proofs;
  assert.equal(frames.length, 12 * 11);
  for (let at = 0; at < frames.length; at += 11) {
    assert.deepEqual([frames[at], frames[at + 1]], [0xff, 0xf1]); // the sync word of ADTS
    assert.equal(((frames[at + 3] & 3) << 11) | (frames[at + 4] << 3) | (frames[at + 5] >> 5), 11); // a frame's length
  }
});

test("the proof is given once for all widgets", async () => {
  const seen = page({ aac: false });
  assert.deepEqual([await decodesAac(), await decodesAac()], [false, false]);
  assert.equal(seen.proofs.length, 1);
});

test("only a missing decoder needs a copy", async () => {
  page({ aac: true });
  assert.equal(await formatFor({ video: "h264", audio: "aac" }), "");
  delete globalThis[PROOF];
  const seen = page({ aac: false });
  assert.equal(await formatFor({ video: "h264", audio: "mp3" }), "");
  assert.equal(await formatFor({}), "");
  assert.equal(seen.proofs.length, 0);
  assert.equal(await formatFor({ video: "h264", audio: "aac" }), "mp4");
});

test("a page without H.264 gets WebM", async () => {
  page({ aac: false, h264: "" });
  assert.equal(await formatFor({ video: "h264", audio: "aac" }), "webm");
  assert.equal(await formatFor({ video: "h264" }), "webm");
  assert.equal(await formatFor({ video: "vp9", audio: "opus" }), "");
});

test("a page without audio decoding gets a copy", async () => {
  assert.equal(await decodesAac(), false);
});

test("copies are tried in order", () => {
  assert.deepEqual([nextFormat(""), nextFormat("mp4"), nextFormat("webm")], ["mp4", "webm", undefined]);
});

/** A model that a test answers as the kernel. */
function kernel() {
  const listeners = new Set(), sent = [];
  const model = { on: (_, each) => listeners.add(each), off: (_, each) => listeners.delete(each), send: (message) => sent.push(message) };
  return { model, sent, listeners, say: (message) => { for (const each of [...listeners]) each(message); } };
}

test("a copy is awaited with its progress", async () => {
  const { model, sent, listeners, say } = kernel(), progress = [];
  const asked = requestRendition(model, { format: "mp4" }, (fraction) => progress.push(fraction));
  const [{ kind, format, turn }] = sent;
  assert.deepEqual([kind, format], ["rendition", "mp4"]);
  say({ kind: "rendition", turn: "another page's", what: "rendition.webm" });
  say({ kind: "rendition", turn, progress: 0.4 });
  say({ kind: "rendition", turn, what: "rendition.mp4", size: 5 });
  assert.equal((await asked).what, "rendition.mp4");
  assert.deepEqual(progress, [0.4]);
  assert.equal(listeners.size, 0);
});

test("the kernel's reason is the error", async () => {
  const { model, sent, say } = kernel();
  const asked = requestRendition(model, { format: "mp4" }, () => {});
  say({ kind: "rendition", turn: sent[0].turn, error: "No FFmpeg." });
  await assert.rejects(asked, /^Error: No FFmpeg\.$/);
});
