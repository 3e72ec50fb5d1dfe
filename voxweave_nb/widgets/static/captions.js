// The captions over the video, and their style, which the browser remembers.

import { h } from "./elements.js";
import { escapeCue } from "./transcript.js";
/** @import { Cue } from "./transcript.js" */

/** @typedef {"size" | "background"} Property */

const DEFAULTS = { size: "m", background: "veil" };

/** Return the preferred style, the default where the browser does not remember one. @param {Property} name */
export function captionStyle(name) {
  try {
    return localStorage.getItem(`voxweave-player-${name}`) ?? DEFAULTS[name];
  } catch {
    return DEFAULTS[name];
  }
}

/** Remember a style and apply it. @param {HTMLElement} root of the player @param {Property} name @param {string} value */
export function setCaptionStyle(root, name, value) {
  root.dataset[name] = value;
  try {
    localStorage.setItem(`voxweave-player-${name}`, value);
  } catch { /* a private window has no storage */ }
}

/** Apart from the page: in a small window, or in a phone's own full screen. @param {any} video */
const isApart = (video) => document.pictureInPictureElement === video || Boolean(video.webkitDisplayingFullscreen);
const APART = ["enterpictureinpicture", "leavepictureinpicture", "webkitbeginfullscreen", "webkitendfullscreen"];

/**
 * The captions of a video element. The page draws them: browsers differ in size and place, and put them at the frame's
 * edge. A browser that shows the video apart from the page draws its text track.
 */
export class Captions {
  /** @param {HTMLVideoElement} video @param {string} label */
  constructor(video, label) {
    this._video = video;
    this._track = video.addTextTrack("captions", label);
    this._track.mode = "hidden"; // a disabled track has no list to change
    this._shown = false;
    /** @type {Cue[]} */
    this._cues = [];
    this._drawn = "";
    this.root = h("div", { class: "vp-captions", "aria-hidden": "true" }); // the transcript is read aloud
    for (const name of APART) video.addEventListener(name, () => this.show(this._shown));
  }

  get shown() { return this._shown; }

  /** @param {boolean} on */
  show(on) {
    this._shown = on;
    this._track.mode = on && isApart(this._video) ? "showing" : "hidden";
    this.update();
  }

  /** Replace the captions. @param {Cue[]} cues in order */
  set(cues) {
    this._cues = cues;
    for (const cue of [...(this._track.cues ?? [])]) this._track.removeCue(cue);
    for (const [start, end, text] of cues) this._track.addCue(new VTTCue(start, end, escapeCue(text)));
    this.update();
  }

  /** Draw the captions at the video's position. */
  update() {
    const at = this._video.currentTime;
    const drawn = this._shown && !isApart(this._video);
    const texts = drawn ? this._cues.filter(([start, end]) => start <= at && at < end).map((cue) => cue[2]) : [];
    const key = texts.join("\n\n");
    if (key === this._drawn) return;
    this._drawn = key;
    this.root.replaceChildren(...texts.map((text) => h("p", { dir: "auto" }, h("span", {}, text))));
  }
}
