import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Captions, captionStyle, setCaptionStyle } from "../../../voxweave_nb/widgets/static/captions.js";

afterEach(() => { delete globalThis.localStorage; });

/** A text track as a browser has it: without cues while it is disabled. */
function track() {
  const cues = [];
  return { mode: "disabled", get cues() { return this.mode === "disabled" ? null : cues; }, addCue: (cue) => cues.push(cue), removeCue: (cue) => cues.splice(cues.indexOf(cue), 1) };
}

test("the style is remembered and applied", () => {
  const stored = new Map();
  globalThis.localStorage = { getItem: (key) => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) };
  const root = { dataset: {} };
  assert.equal(captionStyle("size"), "m");
  setCaptionStyle(root, "size", "xl");
  assert.deepEqual([root.dataset.size, captionStyle("size"), captionStyle("background")], ["xl", "xl", "veil"]);
});

test("a private window has the default style", () => {
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get() { throw new Error("denied"); } });
  const root = { dataset: {} };
  setCaptionStyle(root, "background", "solid");
  assert.deepEqual([root.dataset.background, captionStyle("background")], ["solid", "veil"]);
});

test("new captions replace the old ones and stay shown", () => {
  globalThis.VTTCue = class { constructor(...facts) { this.facts = facts; } };
  const text = track();
  const captions = new Captions({ addTextTrack: () => text }, "Captions");
  captions.show(true);
  captions.set([[0, 1, "one"], [1, 2, "it <glows>"]]);
  captions.set([[0, 1, "a < b"]]);
  assert.equal(captions.shown, true);
  assert.deepEqual(text.cues.map((cue) => cue.facts), [[0, 1, "a &lt; b"]]);
  captions.show(false);
  assert.deepEqual([captions.shown, text.cues.length], [false, 1]);
});

test("captions that were never shown can be replaced", () => {
  globalThis.VTTCue = class {};
  const text = track();
  new Captions({ addTextTrack: () => text }, "Captions").set([[0, 1, "one"]]);
  assert.equal(text.mode, "disabled");
});
