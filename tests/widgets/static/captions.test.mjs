import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Captions, captionStyle, setCaptionStyle } from "../../../voxweave_nb/widgets/static/captions.js";

afterEach(() => {
  delete globalThis.localStorage;
  delete globalThis.document;
});

/** An element, as much of it as captions need. */
class Element {
  children = [];
  setAttribute() {}
  append(...children) { this.children.push(...children); }
  replaceChildren(...children) { this.children = children; }
  get text() { return this.children.map((child) => child.text ?? child).join(""); }
}

/** A video element at a position, with the text track that it got, and the page around it. */
class Video extends EventTarget {
  currentTime = 0;
  cues = [];
  addTextTrack() {
    const { cues } = this;
    const removeCue = (cue) => cues.splice(cues.indexOf(cue), 1);
    this.track = { mode: "disabled", get cues() { return this.mode === "disabled" ? null : cues; }, addCue: (cue) => cues.push(cue), removeCue };
    return this.track;
  }
}

/** Captions of a video, shown. @param {[number, number, string][]} cues */
function shown(...cues) {
  globalThis.document = { createElement: () => new Element() };
  globalThis.VTTCue = class { constructor(...facts) { this.facts = facts; } };
  const video = new Video();
  const captions = new Captions(video, "Captions");
  captions.set(cues);
  captions.show(true);
  return { video, captions, texts: () => captions.root.children.map((child) => child.text) };
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

test("the captions of the position are drawn", () => {
  const { video, captions, texts } = shown([0, 1, "one"], [0.5, 2, "it <glows>"], [3, 4, "three"]);
  const seen = [0, 0.5, 1, 2.5, 3.9].map((at) => {
    video.currentTime = at;
    captions.update();
    return texts();
  });
  assert.deepEqual(seen, [["one"], ["one", "it <glows>"], ["it <glows>"], [], ["three"]]);
  assert.equal(video.track.mode, "hidden"); // or the browser would draw them too
  captions.show(false);
  assert.deepEqual([captions.shown, texts()], [false, []]);
});

test("new captions replace the old ones", () => {
  const { video, captions, texts } = shown([0, 1, "one"], [1, 2, "it <glows>"]);
  captions.set([[0, 1, "a < b"]]);
  assert.deepEqual(texts(), ["a < b"]);
  assert.deepEqual(video.track.cues.map((cue) => cue.facts), [[0, 1, "a &lt; b"]]);
});

test("a video apart from the page has captions", () => {
  const { video, captions, texts } = shown([0, 1, "one"]);
  document.pictureInPictureElement = video;
  video.dispatchEvent(new Event("enterpictureinpicture"));
  assert.deepEqual([video.track.mode, texts()], ["showing", []]);
  captions.show(false);
  assert.equal(video.track.mode, "hidden");
  captions.show(true);
  document.pictureInPictureElement = null;
  video.dispatchEvent(new Event("leavepictureinpicture"));
  assert.deepEqual([video.track.mode, texts()], ["hidden", ["one"]]);
});
