// The player's control bar.

import { captionStyle, setCaptionStyle } from "./captions.js";
import { h } from "./elements.js";
import { clock } from "./format.js";
import { SPEEDS } from "./playback.js";
import { choice, popover, relabel, tool } from "./tools.js";
/** @import { PlayerView } from "./player_view.js" */

const TEXTS = {
  play: "Play",
  pause: "Pause",
  back: "One frame back",
  forward: "One frame forward",
  mute: "Mute",
  unmute: "Unmute",
  volume: "Volume",
  captions: "Captions",
  style: "Caption style",
  size: "Size",
  sizes: { s: "Small", m: "Medium", l: "Large", xl: "Very large" },
  background: "Background",
  backgrounds: { solid: "Solid", veil: "Translucent", shadow: "Outline only" },
  speed: "Speed",
  loopStart: "Loop: set the start here",
  loopEnd: "Loop: set the end here",
  loopOff: "Stop looping",
  pip: "Picture in picture",
  full: "Full screen",
  download: "Download",
  downloads: { video: "Video", captions: "Captions (WebVTT)", poster: "Poster" },
};

/** Buttons for everything that a player does. */
export class Controls {
  /** @param {PlayerView} player @param {AbortSignal} signal */
  constructor(player, signal) {
    this.player = player;
    const { video } = player;
    this.play = tool(TEXTS.play, "play", () => player.toggle(), { class: "vp-tool vp-go" });
    this.time = h("span", { class: "vp-time" }, "0:00");
    this.mute = tool(TEXTS.mute, "sound", () => { video.muted = !video.muted; });
    this.volume = h("input", { type: "range", class: "vp-volume", min: "0", max: "1", step: "0.05", value: "1", "aria-label": TEXTS.volume,
      oninput: () => { video.volume = Number(this.volume.value); video.muted = video.volume === 0; } });
    this.captions = tool(TEXTS.captions, "captions", () => player.showCaptions(!player.captions.shown), { "aria-pressed": "false" });
    this.style = popover(TEXTS.style, "style", () => [
      choice(TEXTS.size, TEXTS.sizes, captionStyle("size"), (value) => setCaptionStyle(player.root, "size", value)),
      choice(TEXTS.background, TEXTS.backgrounds, captionStyle("background"), (value) => setCaptionStyle(player.root, "background", value)),
    ], signal);
    this.speed = h("select", { class: "vp-speed", "aria-label": TEXTS.speed, title: TEXTS.speed, onchange: () => { video.playbackRate = Number(this.speed.value); } },
      ...SPEEDS.map((speed) => h("option", { value: String(speed) }, `${speed}×`)));
    this.speed.value = "1";
    this.loop = tool(TEXTS.loopStart, "loop", () => player.pressLoop());
    const save = popover(TEXTS.download, "download", () => this._downloads(), signal);
    this.root = h("div", { class: "vp-bar" }, this.play,
      tool(TEXTS.back, "back", () => player.stepFrame(-1)), tool(TEXTS.forward, "forward", () => player.stepFrame(1)),
      this.time, h("span", { class: "vp-space" }), this.mute, this.volume, this.captions, this.style, this.speed, this.loop, save,
      tool(TEXTS.pip, "pip", () => void togglePictureInPicture(player.video), { hidden: !document.pictureInPictureEnabled }),
      tool(TEXTS.full, "full", () => player.toggleFullScreen(), { hidden: !document.fullscreenEnabled }));
  }

  /** Show the captions' tools, or hide them where there are no captions. @param {boolean} there */
  offerCaptions(there) { this.captions.hidden = this.style.hidden = !there; }

  /** @param {boolean} shown */
  markCaptions(shown) { this.captions.setAttribute("aria-pressed", String(shown)); }

  markLoop() {
    const { start, end } = this.player.loop;
    relabel(this.loop, start === undefined ? TEXTS.loopStart : end === undefined ? TEXTS.loopEnd : TEXTS.loopOff);
    this.loop.dataset.state = start === undefined ? "" : end === undefined ? "half" : "on";
  }

  update() {
    const { video, duration } = this.player;
    const text = `${clock(video.currentTime, video.paused && duration < 600 ? 2 : 0)} / ${clock(duration)}`;
    if (this.time.textContent !== text) this.time.textContent = text;
    relabel(this.play, video.paused ? TEXTS.play : TEXTS.pause, video.paused ? "play" : "pause");
    relabel(this.mute, video.muted ? TEXTS.unmute : TEXTS.mute, video.muted ? "muted" : "sound");
    if (document.activeElement !== this.volume) this.volume.value = String(video.muted ? 0 : video.volume);
    const rate = String(video.playbackRate);
    if (this.speed.value !== rate && SPEEDS.includes(video.playbackRate)) this.speed.value = rate;
  }

  _downloads() {
    const { player } = this;
    return Object.entries(TEXTS.downloads).filter(([what]) => player.facts.files?.[what])
      .map(([what, label]) => h("button", { type: "button", class: "vp-item", "data-what": what, onclick: () => player.save(what) }, label));
  }
}

/** @param {HTMLVideoElement} video */
async function togglePictureInPicture(video) {
  try {
    if (document.pictureInPictureElement === video) await document.exitPictureInPicture();
    else await video.requestPictureInPicture();
  } catch { /* the browser gives the reason itself */ }
}
