// The player's view: the video with its timeline, controls and transcript.

import { Captions, captionStyle, setCaptionStyle } from "./captions.js";
import { Controls } from "./controls.js";
import { reasonOf } from "./download.js";
import { h } from "./elements.js";
import { Footer } from "./footer.js";
import { clamp, clock, fileSize, format } from "./format.js";
import { icon } from "./icons.js";
import { commandFor } from "./keys.js";
import { goneNotice, keepKeys } from "./notebook.js";
import { chapterFrom, frameTime, leftLoop, moveLoopEnd, moveLoopStart, nextSpeed, pressLoop } from "./playback.js";
import { formatFor, nextFormat } from "./rendition.js";
import { watchConnection } from "./server.js";
import { Source } from "./source.js";
import { TimelineView } from "./timeline_view.js";
import { TranscriptView } from "./transcript_view.js";
/** @import { Model } from "./elements.js" */
/** @import { Focus, Name } from "./keys.js" */
/** @import { Loop } from "./playback.js" */
/** @import { Format } from "./rendition.js" */
/** @import { Facts, Way } from "./source.js" */
/** @import { Cue } from "./transcript.js" */

const TEXTS = {
  player: "Video: {title}",
  play: "Play",
  looking: "Looking for the video …",
  fetching: "Loading the video from the kernel: {done} of {size}",
  fetchingBusy: "Loading the video from the kernel: {done} of {size} · it is busy and continues when its cell has finished",
  missing: "{name} was deleted or moved. Generate it again, or give the player another path.",
  making: "Making a copy of the video that this page can play: {percent} %",
  soundless: "This page cannot decode the video's sound, and a copy with MP3 sound could not be made: {reason}",
  unplayable: "This browser cannot play {name}. Download it and open it in another player.",
  interrupted: "The notebook server stopped sending the video; loading it from the kernel.",
  gone: "The kernel was restarted or closed before the video was loaded.",
  goneLater: "The kernel was restarted or closed. The video still plays; other files can be downloaded once the cell has run again.",
  silent: "The notebook server does not answer. The loaded part plays; the rest follows when the server is back.",
  captions: "Captions",
  captionsOn: "Captions are on",
  captionsOff: "Captions are off",
  loopFrom: "The loop starts at {time}; press again for its end",
  looping: "Looping from {start} to {end}",
  loopEnded: "Loop off",
  saving: "Downloading {name} …",
  keys: "Keys: space plays, arrows seek, , and . step a frame, [ and ] set a loop, \\ ends it, < and > change the speed, "
    + "C captions, M mute, F full screen.",
};

const SAVED_URL = 60_000;
const CHANGES = ["play", "pause", "timeupdate", "seeked", "seeking", "durationchange", "progress", "volumechange", "ratechange", "ended", "loadeddata"];

/** A view of a player; there may be several. */
export class PlayerView {
  /** @param {Model} model @param {HTMLElement} el @param {AbortSignal} signal closes the view */
  constructor(model, el, signal) {
    this.model = model;
    this.source = new Source(model);
    this.video = document.createElement("video");
    this.captions = new Captions(this.video, TEXTS.captions);
    /** @type {Loop} */
    this.loop = {};
    this._frame = 0;
    this._resumeAt = 0;
    this._format = /** @type {Format} */ (""); // of the copy that is played; "" for the video itself
    this._retried = false; // true once the kernel was asked because the server failed
    this.timeline = new TimelineView(this);
    this.controls = new Controls(this, signal);
    this.transcript = new TranscriptView((seconds) => this.seek(seconds));
    this.footer = new Footer((text) => this._announce(text));
    this._build(el);
    this._listen(signal);
    keepKeys(() => this.root, signal);
    watchConnection(model, el, signal, (unreached) => (unreached === "kernel" ? this._onKernelGone() : this._onServer(unreached === "")));
    this.show();
  }

  /** @returns {Facts} */
  get facts() { return this.model.get("_facts") ?? {}; }
  get duration() { return Number.isFinite(this.video.duration) ? this.video.duration : this.facts.duration || 0; }

  /** @param {HTMLElement} el */
  _build(el) {
    const { video } = this;
    video.playsInline = true;
    video.preload = "auto";
    video.tabIndex = -1;
    this.still = h("img", { class: "vp-still", alt: "", hidden: true });
    const big = h("button", { type: "button", class: "vp-big", "aria-label": TEXTS.play, tabindex: "-1", "aria-hidden": "true", onclick: () => this.toggle() }, icon("play"));
    this.status = h("div", { class: "vp-status" });
    this.stage = h("div", { class: "vp-stage" }, video, this.still, this.captions.root, big, this.status);
    this.live = h("div", { class: "vx-hidden", role: "status", "aria-live": "polite" });
    this.alertBox = h("div", { class: "vp-alert", role: "alert", hidden: true });
    this.frameBox = h("div", { class: "vp-frame" }, this.stage, this.timeline.root, this.controls.root);
    this.root = h("section", { class: "voxweave-player", onkeydown: (/** @type {KeyboardEvent} */ event) => this._onKey(event) },
      h("div", { class: "vp-main" }, this.frameBox, this.transcript.root),
      this.footer.root, this.alertBox, this.live, h("p", { class: "vx-hidden" }, TEXTS.keys));
    setCaptionStyle(this.root, "size", captionStyle("size"));
    setCaptionStyle(this.root, "background", captionStyle("background"));
    el.append(this.root);
  }

  /** @param {AbortSignal} signal */
  _listen(signal) {
    const { model, video } = this;
    model.on("change:_facts", () => this.show());
    // Other captions of the same video leave its facts as they are. A new video changes both, and `show` shows its captions.
    model.on("change:_cues", () => queueMicrotask(() => { if (model.get("_cues") !== this._shownCues) this._showCues(); }));
    model.on("change:error", () => this._alert(model.get("error")));
    model.on("msg:custom", (message) => this._receive(message));
    signal.addEventListener("abort", () => this.close());
    video.addEventListener("click", () => this.toggle());
    for (const name of CHANGES) video.addEventListener(name, () => this._update());
    for (const name of ["play", "seeking"]) video.addEventListener(name, () => { this.still.hidden = true; });
    video.addEventListener("play", () => this._updateWhilePlaying());
    video.addEventListener("loadeddata", () => this._setStatus(""));
    // A page that decodes the sound but not the frames reports no error.
    video.addEventListener("loadedmetadata", () => { if (!video.videoWidth && this.facts.codecs?.video) this._playCopy(); });
    video.addEventListener("error", () => this._onVideoError());
  }

  show() {
    const { facts } = this;
    this.root.hidden = !facts.files?.video;
    if (this.root.hidden) return;
    this.root.setAttribute("aria-label", format(TEXTS.player, { title: facts.title }));
    this.footer.set(facts.title, facts.settings);
    this.stage.style.aspectRatio = `${facts.width} / ${facts.height}`;
    this.frameBox.classList.toggle("vp-tall", facts.height > facts.width);
    this.setLoop({});
    this._showCues();
    this.controls.offerCaptions(facts.cues > 0);
    this.showCaptions(facts.cues > 0 && !facts.burnt);
    this._alert(this.model.get("error"));
    this._retried = false;
    this._format = "";
    void this._choose();
  }

  close() {
    this.source.close();
    this.video.pause();
    cancelAnimationFrame(this._frame);
    this.video.removeAttribute("src");
    this.video.load();
    this.root.remove();
  }

  // Loading

  /** Load the video, or a copy whose sound this page can decode. */
  async _choose() {
    const { facts } = this;
    this._setStatus(TEXTS.looking);
    const format = await formatFor(facts.codecs ?? {});
    if (facts !== this.facts) return; // another video came meanwhile
    this._format = format;
    await this._load(true, TEXTS.soundless);
  }

  /** @param {boolean} askServer @param {string} [otherwise] the reason to show above the video itself if no copy exists */
  async _load(askServer, otherwise) {
    const { facts, _format } = this;
    this._setStatus(TEXTS.looking);
    const onMaking = (/** @type {number} */ done) => this._setStatus(format(TEXTS.making, { percent: Math.floor(100 * done) }), done);
    try {
      const url = await this.source.load(facts, askServer, (bytes, busy, size) => {
        const text = busy ? TEXTS.fetchingBusy : TEXTS.fetching;
        this._setStatus(format(text, { done: fileSize(bytes), size: fileSize(size) }), bytes / size);
      }, _format, onMaking);
      if (url) this._start(url);
    } catch (/** @type {any} */ error) {
      if (facts !== this.facts) return;
      const instead = _format && otherwise;
      this._fail(instead ? format(instead, { reason: error.message }) : reasonOf(error, TEXTS.missing));
      if (instead) { this._format = ""; await this._load(askServer); }
    }
  }

  /** Play the next copy in place of what this page cannot play. */
  _playCopy() {
    const next = nextFormat(this._format);
    if (!next) return this._fail(format(TEXTS.unplayable, { name: this.facts.files.video.name }));
    [this._format, this._resumeAt] = [next, this.video.currentTime];
    void this._load(!this._retried);
  }

  /** @param {string} url */
  _start(url) {
    const way = /** @type {Way} */ (this.source.way);
    this.footer.showWay(way, this._format);
    this.video.src = url;
    void this._showPoster();
    if (this._resumeAt) { this.video.currentTime = this._resumeAt; this._resumeAt = 0; }
    this.model.send({ kind: "way", way, rendition: this._format });
  }

  /** Show the poster until the video plays: many begin in the dark. */
  async _showPoster() {
    this.still.hidden = true;
    const url = await this.source.poster(this.facts);
    if (url && this.video.currentTime === 0) { this.still.src = url; this.still.hidden = false; }
  }

  _onVideoError() {
    const { video } = this;
    if (!this.source.url) return; // it is being replaced or was closed
    if (this.source.way === "server" && video.error?.code !== MediaError.MEDIA_ERR_DECODE && !this._retried) {
      this._retried = true;
      this._resumeAt = video.currentTime;
      this._announce(TEXTS.interrupted);
      void this._load(false);
    } else this._playCopy();
  }

  /** @param {string} reason */
  _fail(reason) {
    this._setStatus("");
    this._alert(reason);
  }

  _onKernelGone() {
    const { way } = this.source;
    this.source.stop();
    this._setStatus("");
    if (this._inPanel) return this._alert(way ? "" : TEXTS.gone);
    this.alertBox.hidden = false;
    this.alertBox.replaceChildren(goneNotice(way ? TEXTS.goneLater : TEXTS.gone, this.root));
  }

  /** Report a server that does not answer, unless an error is shown. @param {boolean} answers */
  _onServer(answers) {
    const shown = this.alertBox.textContent;
    if (!answers && !shown && !this._inPanel) this._alert(TEXTS.silent);
    if (answers && shown === TEXTS.silent) this._alert("");
  }

  /** True in a panel or a board, which itself reports a kernel or server that is gone. */
  get _inPanel() { return this.root.closest(".voxweave-panel, .voxweave-board") !== null; }

  /** @param {string} text @param {number} [progress] from 0 to 1 */
  _setStatus(text, progress = 0) {
    this.status.textContent = text;
    this.stage.classList.toggle("vp-waiting", Boolean(text));
    this.stage.style.setProperty("--vp-share", String(progress));
  }

  /** @param {string} text */
  _alert(text) {
    this.alertBox.textContent = text;
    this.alertBox.hidden = !text;
  }

  /** @param {string} text for screen readers */
  _announce(text) { this.live.textContent = text; }

  /** @param {any} message */
  _receive(message) {
    if (message.kind === "cues") this._setCues([...(this.model.get("_cues") ?? []), ...message.cues]);
    else if (message.kind === "play") this.video.play().catch(() => {}); // a browser may refuse before the first click
    else if (message.kind === "pause") this.video.pause();
    else if (message.kind === "seek") this.seek(message.to);
  }

  /** Show the captions in the widget's state, and request the rest of a long transcript. */
  _showCues() {
    this._shownCues = this.model.get("_cues");
    this._setCues(this._shownCues ?? []);
    if (this.facts.cues > this.transcript.length) this.model.send({ kind: "cues" });
  }

  /** @param {Cue[]} cues */
  _setCues(cues) {
    this.captions.set(cues);
    this.transcript.set(cues);
  }

  // Playing

  toggle() {
    if (this.video.paused) this.video.play().catch(() => {}); // an error is reported by its event
    else this.video.pause();
  }

  /** @param {number} seconds */
  seek(seconds) {
    this.video.currentTime = clamp(seconds, 0, Math.max(0, this.duration - 0.01));
    this._update();
  }

  /** @param {number} step in frames */
  stepFrame(step) {
    this.video.pause();
    this.seek(frameTime(this.video.currentTime, step, this.facts.fps || 30));
  }

  /** @param {boolean} on */
  showCaptions(on) {
    this.captions.show(on);
    this.controls.markCaptions(on);
  }

  pressLoop() { this.setLoop(pressLoop(this.loop, this.video.currentTime)); }

  /** @param {Loop} loop */
  setLoop(loop) {
    const before = this.loop.start !== undefined;
    const { start, end } = (this.loop = loop);
    this.controls.markLoop();
    if (start !== undefined && end !== undefined) this._announce(format(TEXTS.looping, { start: clock(start, 1), end: clock(end, 1) }));
    else if (start !== undefined) this._announce(format(TEXTS.loopFrom, { time: clock(start, 1) }));
    else if (before) this._announce(TEXTS.loopEnded);
    this._update();
  }

  async toggleFullScreen() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await this.frameBox.requestFullscreen?.().catch(() => {});
  }

  /** Download a file. @param {string} what a name in `facts.files` */
  async save(what) {
    const { name } = this.facts.files[what];
    let url = what === "video" && !this._format ? this.source.url : "";
    try {
      if (!url) {
        this._announce(format(TEXTS.saving, { name }));
        url = URL.createObjectURL(await this.source.file(what, this.facts));
        setTimeout(() => URL.revokeObjectURL(url), SAVED_URL);
      }
      h("a", { href: url, download: name }).click();
    } catch (error) {
      const reason = reasonOf(error, TEXTS.missing);
      if (reason) this._alert(reason);
    }
  }

  /** @param {KeyboardEvent} event */
  _onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    const command = commandFor(event, this._focusOf(target));
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    const [name, value = 0] = command;
    if (name === "walk") this.transcript.walk(target, value);
    else this._commands[name](value);
  }

  /** @param {HTMLElement} target @returns {Focus} */
  _focusOf(target) {
    if (target === this.timeline.root) return "timeline";
    if (target.matches("input[type=search], select")) return "field";
    if (target.matches("input[type=range]")) return "volume";
    return target.matches(".vp-cue") ? "cue" : target.matches("button") ? "button" : "other";
  }

  /** By their names in keys.js. @type {Record<Exclude<Name, "walk">, (value: number) => void>} */
  _commands = {
    seek: (seconds) => this.seek(seconds),
    skip: (seconds) => this.seek(this.video.currentTime + seconds),
    frame: (step) => this.stepFrame(step),
    toggle: () => this.toggle(),
    speed: (step) => { this.video.playbackRate = nextSpeed(this.video.playbackRate, step); },
    mute: () => { this.video.muted = !this.video.muted; },
    fullScreen: () => void this.toggleFullScreen(),
    captions: () => {
      this.showCaptions(!this.captions.shown);
      this._announce(this.captions.shown ? TEXTS.captionsOn : TEXTS.captionsOff);
    },
    startLoop: () => this.setLoop(moveLoopStart(this.loop, this.video.currentTime)),
    endLoop: () => this.setLoop(moveLoopEnd(this.loop, this.video.currentTime)),
    stopLoop: () => this.setLoop({}),
    chapter: (step) => this.seek(chapterFrom(this.facts.chapters ?? [], this.video.currentTime, step) ?? this.video.currentTime),
  };

  /** Update with every frame: four `timeupdate` events a second are too few for a loop and a transcript. */
  _updateWhilePlaying() {
    cancelAnimationFrame(this._frame);
    const turn = () => {
      this._update();
      if (!this.video.paused) this._frame = requestAnimationFrame(turn);
    };
    turn();
  }

  _update() {
    const { video } = this;
    if (!video.paused && leftLoop(this.loop, video.currentTime)) video.currentTime = this.loop.start ?? 0;
    this.stage.classList.toggle("vp-paused", video.paused && video.currentTime < 0.01); // later the big button would hide the frame
    this.timeline.update();
    this.controls.update();
    this.transcript.follow(video.currentTime);
    this.captions.update();
  }
}
