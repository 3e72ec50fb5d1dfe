// One bar for all videos of a lab's view: play, position, speed, loop, captions, sound.

import { h } from "./elements.js";
import { clock } from "./format.js";
import { moveLoopEnd, moveLoopStart, nextSpeed, pressLoop, SPEEDS } from "./playback.js";
import { relabel, tool } from "./tools.js";
/** @import { Loop } from "./playback.js" */
/** @import { Transport } from "./sync.js" */

const TEXTS = {
  bar: "Playback of all videos",
  play: "Play all",
  pause: "Pause all",
  position: "Position in all videos",
  speed: "Speed",
  loopStart: "Loop: set the start here",
  loopEnd: "Loop: set the end here",
  loopOff: "Stop looping",
  captions: "Captions",
  mute: "Mute",
  unmute: "Unmute",
};

/** The bar. It shows the transport's state, and `toggle` is called for the play button. */
export class LabBar {
  /** @param {Transport} transport @param {{toggle: () => void, captions: (on: boolean) => void, mute: (on: boolean) => void}} actions */
  constructor(transport, actions) {
    this.transport = transport;
    this._actions = actions;
    this.captionsOn = true;
    this.muted = false;
    this.length = 0; // of the longest video in seconds, while none is loaded
    /** @type {Loop} */
    this._loop = {};
    /** @type {number | undefined} the newest place that was asked for while the videos still sought another */
    this._wanted = undefined;
    this._seeks = false;
    this.play = tool(TEXTS.play, "play", () => actions.toggle(), { class: "vp-tool vl-go" });
    this.line = h("input", { type: "range", class: "vl-line", min: "0", max: "1", step: "0.01", value: "0", "aria-label": TEXTS.position, oninput: () => this.seek(Number(this.line.value)) });
    this.time = h("span", { class: "vl-time" }, "0:00");
    this.speed = h("select", { class: "vl-speed", "aria-label": TEXTS.speed, title: TEXTS.speed, onchange: () => { transport.rate = Number(this.speed.value); } },
      ...SPEEDS.map((speed) => h("option", { value: String(speed) }, `${speed}×`)));
    this.speed.value = "1";
    this.loop = tool(TEXTS.loopStart, "loop", () => this.setLoop(pressLoop(this._loop, transport.time)));
    this.captions = tool(TEXTS.captions, "captions", () => this.toggleCaptions(), { "aria-pressed": "true" });
    this.mute = tool(TEXTS.mute, "sound", () => this.toggleMute());
    this.root = h("div", { class: "vl-bar", role: "group", "aria-label": TEXTS.bar }, this.play, this.line, this.time, this.mute, this.captions, this.speed, this.loop);
  }

  get duration() { return this.transport.duration || this.length; }

  /** Go to a time. While the videos seek, only the newest wish is kept. @param {number} seconds */
  async seek(seconds) {
    this._wanted = Math.min(Math.max(0, seconds), this.duration);
    if (this._seeks) return;
    this._seeks = true;
    while (this._wanted !== undefined) {
      const to = this._wanted;
      this._wanted = undefined;
      await this.transport.seek(to);
    }
    this._seeks = false;
    this.update();
  }

  toggleCaptions() {
    this.captionsOn = !this.captionsOn;
    this.captions.setAttribute("aria-pressed", String(this.captionsOn));
    this._actions.captions(this.captionsOn);
  }

  toggleMute() {
    this.muted = !this.muted;
    relabel(this.mute, this.muted ? TEXTS.unmute : TEXTS.mute, this.muted ? "muted" : "sound");
    this._actions.mute(this.muted);
  }

  /** @param {Loop} loop */
  setLoop(loop) {
    const { start, end } = (this._loop = loop);
    this.transport.loop = start !== undefined && end !== undefined ? [start, end] : null;
    relabel(this.loop, start === undefined ? TEXTS.loopStart : end === undefined ? TEXTS.loopEnd : TEXTS.loopOff);
    this.loop.dataset.state = start === undefined ? "" : end === undefined ? "half" : "on";
    this.update();
  }

  /** The commands that the keyboard shares with the bar. @type {Record<string, (value: any) => void>} */
  commands = {
    skip: (seconds) => void this.seek(this.transport.time + seconds),
    speed: (step) => { this.transport.rate = nextSpeed(this.transport.rate, step); },
    captions: () => this.toggleCaptions(),
    mute: () => this.toggleMute(),
    startLoop: () => this.setLoop(moveLoopStart(this._loop, this.transport.time)),
    endLoop: () => this.setLoop(moveLoopEnd(this._loop, this.transport.time)),
    stopLoop: () => this.setLoop({}),
  };

  update() {
    const { transport, duration } = this;
    const at = this._wanted ?? transport.time, text = `${clock(at)} / ${clock(duration)}`;
    if (this.time.textContent !== text) {
      this.time.textContent = text;
      this.line.setAttribute("aria-valuetext", text);
    }
    if (Number(this.line.max) !== duration) this.line.max = String(duration || 1);
    this.line.value = String(at);
    const { start = 0, end = start } = this._loop, share = (/** @type {number} */ seconds) => `${duration ? 100 * seconds / duration : 0}%`;
    this.line.style.setProperty("--vl-at", share(at));
    this.line.style.setProperty("--vl-from", share(start));
    this.line.style.setProperty("--vl-to", share(end));
    relabel(this.play, transport.playing ? TEXTS.pause : TEXTS.play, transport.playing ? "pause" : "play");
    const rate = String(transport.rate);
    if (this.speed.value !== rate && SPEEDS.includes(transport.rate)) this.speed.value = rate;
  }
}
