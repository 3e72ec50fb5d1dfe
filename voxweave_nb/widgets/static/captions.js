// The captions over the video: a text track that the page fills, and their style, which the browser remembers.

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

/** The captions of a video element. */
export class Captions {
  /** @param {HTMLVideoElement} video @param {string} label */
  constructor(video, label) {
    this._track = video.addTextTrack("captions", label);
  }

  get shown() { return this._track.mode === "showing"; }

  /** @param {boolean} on */
  show(on) { this._track.mode = on ? "showing" : "hidden"; }

  /** Replace the captions. @param {Cue[]} cues */
  set(cues) {
    const { mode } = this._track;
    this._track.mode = "hidden"; // a disabled track has no list to change
    for (const cue of [...(this._track.cues ?? [])]) this._track.removeCue(cue);
    for (const [start, end, text] of cues) this._track.addCue(new VTTCue(start, end, escapeCue(text)));
    this._track.mode = mode;
  }
}
