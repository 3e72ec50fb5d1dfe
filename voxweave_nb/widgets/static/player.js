// A finished video to watch, read and search. It streams from the notebook's own server where that serves the very file;
// elsewhere the kernel sends it in pieces. player.py is the other half.

import { h, icon } from "./elements.js";
import {
  bytesOf, clock, goneNotice, hex, keepKeys, megabytes, pageConfig, PIECE, say, serverAddress, speaksText, watchConnection,
  WINDOW, within,
} from "./shared.js";
/** @import { Icon, Model } from "./elements.js" */

/** Everything that is said to a person. */
export const TEXTS = {
  player: "Video: {title}",
  looking: "Looking for the video …",
  fetching: "The kernel sends the video: {done} of {size}",
  fetchingBusy: "The kernel sends the video: {done} of {size} · it is busy and goes on when its cell has ended",
  server: "streamed from the notebook server",
  kernel: "sent through the kernel",
  missing: "{name} is no longer there. Generate it again, or give the player another path.",
  unplayable: "This browser cannot play {name}. Download it and open it in another player.",
  interrupted: "The notebook server no longer sends the video; asking the kernel for it.",
  gone: "The kernel was restarted or closed before the video was here.",
  silent: "The notebook server does not answer. What is here plays; the rest comes when it is back.",
  goneLater: "The kernel was restarted or closed. The video plays on; other files can no longer be fetched.",
  play: "Play",
  pause: "Pause",
  timeline: "Position in the video",
  at: "{time} of {all}",
  back: "One frame back",
  forward: "One frame on",
  mute: "Mute",
  unmute: "Unmute",
  volume: "Volume",
  captions: "Captions",
  captionsOn: "Captions are on",
  captionsOff: "Captions are off",
  look: "Look of the captions",
  size: "Size",
  sizes: { s: "Small", m: "Medium", l: "Large", xl: "Very large" },
  background: "Background",
  backgrounds: { solid: "Solid", veil: "Veiled", shadow: "Outline only" },
  speed: "Speed",
  loopStart: "Loop: set its start here",
  loopEnd: "Loop: set its end here",
  loopOff: "Stop looping",
  loopFrom: "The loop starts at {time}; press again for its end",
  looping: "Looping from {start} to {end}",
  loopEnded: "No longer looping",
  picture: "Picture in picture",
  full: "Full screen",
  fullOff: "Leave full screen",
  download: "Download",
  downloads: { video: "Video", captions: "Captions (WebVTT)", poster: "Poster" },
  saving: "Fetching {name} …",
  copy: "Copy settings",
  copied: "Copied: {line}",
  notCopied: "The browser did not let it be copied: {line}",
  transcript: "Transcript",
  search: "Search the transcript",
  searchShort: "Search",
  found: "{count} of {all} lines",
  none: "No line says that",
  lines: "{all} lines",
  keys: "Keys: space plays, arrows seek, , and . step a frame, [ and ] set a loop, \\ ends it, < and > change the speed, "
    + "C captions, M mute, F full screen.",
};

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

/** @typedef {{title: string, settings: string, mime: string, size: number, tail: string, width: number, height: number,
 *   duration: number, fps: number, burnt: boolean, cues: number, files: Record<string, {name: string, places: string[]}>,
 *   tiles: number[][]}} Facts */
/** @typedef {[number, number, string]} Cue */

// Where the notebook's server serves a file

/** The notebook's folder on its server, in every way in which a page says it. @param {Model} model */
export function notebookFolders(model) {
  const config = pageConfig();
  const path = decodeURIComponent(location.pathname);
  const said = [
    model.widget_manager?.context?.path,
    config?.notebookPath,
    /\/(?:tree|notebooks|edit|consoles)\/(.+)$/.exec(path)?.[1],
  ];
  const paths = said.filter((each) => typeof each === "string" && each).map((each) => each.replace(/^\w+:/, ""));
  return [...new Set([...paths.map((each) => each.split("/").slice(0, -1).join("/")), ""])];
}

/** Addresses at which a file may be served. @param {Model} model @param {string[]} places */
export function addresses(model, places) {
  const base = serverAddress();
  if (!base) return [];
  const token = /\b_xsrf=([^;]*)/.exec(document.cookie)?.[1];
  const found = notebookFolders(model).flatMap((folder) => places.map((place) => joined(folder, place)));
  return [...new Set(found.filter(Boolean))].map((path) => {
    const url = new URL(`${base}files/${/** @type {string} */ (path).split("/").map(encodeURIComponent).join("/")}`, location.href);
    if (token) url.searchParams.set("_xsrf", token);
    return url.href;
  });
}

/** A path below the server's folder, or nothing when it leads out of it. @param {string} folder @param {string} place */
function joined(folder, place) {
  /** @type {string[]} */
  const parts = [];
  for (const part of `${folder}/${place}`.split("/")) {
    if (part === "..") {
      if (!parts.length) return undefined;
      parts.pop();
    } else if (part && part !== ".") parts.push(part);
  }
  // A server shows no folder whose name begins with a dot.
  return parts.some((part) => part.startsWith(".")) ? undefined : parts.join("/");
}

/** @param {string} url */
const folderOf = (url) => url.slice(0, url.lastIndexOf("/"));

/** Whether that address serves this very file, in ranges: a video that cannot be sought is of no use. @param {string} url @param {Facts} facts */
async function serves(url, facts) {
  try {
    const range = `bytes=${Math.max(0, facts.size - facts.tail.length / 2)}-${facts.size - 1}`;
    const answer = await fetch(url, { headers: { Range: range }, signal: AbortSignal.timeout(4000) });
    if (answer.status !== 206 || !answer.headers.get("Content-Range")?.endsWith(`/${facts.size}`)) return false;
    const bytes = new Uint8Array(await answer.arrayBuffer());
    return hex(bytes) === facts.tail;
  } catch {
    return false;
  }
}

/** Files that the kernel sends in pieces. */
class Pull {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    this.turn = 0;
    this.key = Math.random().toString(36).slice(2, 10);
    /** @type {Map<string, (message: any, buffers: any[]) => void>} */
    this.waiting = new Map();
    model.on("msg:custom", (message, buffers) => this.waiting.get(message.turn)?.(message, buffers));
  }

  /**
   * @param {string} what @param {number} size 0 when it is not known: small files come in one piece
   * @param {string} type @param {(done: number, silent: boolean) => void} [onProgress]
   * @returns {Promise<Blob>}
   */
  fetch(what, size, type, onProgress = () => {}) {
    const turn = `${this.key}-${++this.turn}`;
    const count = Math.max(1, Math.ceil(size / PIECE));
    /** @type {any[]} */
    const parts = new Array(count);
    const text = speaksText();
    let asked = 0, here = 0, heard = performance.now();
    const ask = () => { if (asked < count) this.model.send({ kind: "pull", what, turn, seq: asked++, text }); };
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => onProgress(here * PIECE, performance.now() - heard > 2500), 500);
      const end = () => { clearInterval(timer); this.waiting.delete(turn); };
      this.stop = () => { end(); reject(new DOMException("", "AbortError")); };
      this.waiting.set(turn, (message, buffers) => {
        heard = performance.now();
        if (message.kind === "gone") { end(); return reject(new Error(say(TEXTS.missing, { name: message.name }))); }
        if (parts[message.seq] === undefined) here++;
        parts[message.seq] = bytesOf(message, buffers);
        onProgress(Math.min(size, here * PIECE), false);
        if (here === count) { end(); resolve(new Blob(parts, { type })); } else ask();
      });
      for (let i = 0; i < WINDOW; i++) ask();
    });
  }
}

// How it is drawn

/** @param {string} label @param {Icon} name @param {(event: any) => void} onclick @param {Record<string, any>} [more] @returns {any} */
function tool(label, name, onclick, more = {}) {
  return h("button", { type: "button", class: "vp-tool", "aria-label": label, title: label, onclick, ...more }, icon(name));
}

/** @param {any} node @param {string} label @param {Icon} [name] */
function relabel(node, label, name) {
  if (node.getAttribute("aria-label") === label) return;
  node.setAttribute("aria-label", label);
  node.title = label;
  if (name) node.replaceChildren(icon(name));
}

/** @param {string} label @param {Record<string, string>} options @param {string} value @param {(value: string) => void} onchange @returns {any} */
function choice(label, options, value, onchange) {
  const select = h("select", { onchange: () => onchange(select.value) }, ...Object.entries(options).map(([key, text]) => h("option", { value: key }, text)));
  select.value = value;
  return h("label", { class: "vp-choice" }, h("span", {}, label), select);
}

/** What a person prefers, kept in the browser where it lets us. */
const taste = {
  /** @param {string} name @param {string} or */
  get(name, or) { try { return localStorage.getItem(`voxweave-player-${name}`) ?? or; } catch { return or; } },
  /** @param {string} name @param {string} value */
  set(name, value) { try { localStorage.setItem(`voxweave-player-${name}`, value); } catch { /* a private window */ } },
};

/** A caption is text, never markup. @param {string} text */
const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

/** One drawing of a player. */
class View {
  /** @param {Model} model @param {HTMLElement} el @param {AbortSignal} signal */
  constructor(model, el, signal) {
    this.model = model;
    this.signal = signal;
    this.pull = new Pull(model);
    /** @type {Promise<string> | undefined} */
    this._sprite = undefined;
    this.way = "";
    this.url = "";
    this.now = -1;
    this.round = 0;
    /** @type {Cue[]} */
    this.cues = [];
    /** @type {any[]} */
    this.lines = [];
    /** @type {number | undefined} */
    this.loopStart = undefined;
    /** @type {number | undefined} */
    this.loopEnd = undefined;
    this.video = document.createElement("video");
    this._buildStage();
    this._buildBar();
    this._buildTranscript();
    this._buildRoot(el);
    /** @type {[string, (...args: any[]) => void][]} */
    const heard = [["change:_facts", () => this.show()], ["change:error", () => this._alert(model.get("error"))],
      ["msg:custom", (message) => this._hear(message)]];
    for (const [name, callback] of heard) model.on(name, callback);
    signal.addEventListener("abort", () => this.close());
    keepKeys(() => this.root, signal);
    watchConnection(model, el, signal, (gone) => (gone === "kernel" ? this._lost() : this._silent(Boolean(gone))));
    this.show();
  }

  /** @returns {Facts} */
  get facts() { return this.model.get("_facts") ?? {}; }
  get duration() { return Number.isFinite(this.video.duration) ? this.video.duration : this.facts.duration || 0; }

  // The parts

  _buildStage() {
    const { video } = this;
    video.playsInline = true;
    video.preload = "auto";
    video.tabIndex = -1;
    video.addEventListener("click", () => this.toggle());
    for (const name of ["play", "pause", "timeupdate", "seeked", "seeking", "durationchange", "progress", "volumechange", "ratechange", "ended", "loadeddata"]) {
      video.addEventListener(name, () => this._tick());
    }
    video.addEventListener("play", () => this._run());
    video.addEventListener("loadeddata", () => this._status(""));
    video.addEventListener("error", () => this._broken());
    this.still = h("img", { class: "vp-still", alt: "", hidden: true });
    for (const name of ["play", "seeking"]) video.addEventListener(name, () => { this.still.hidden = true; });
    this.track = video.addTextTrack("captions", TEXTS.captions);
    this.big = h("button", { type: "button", class: "vp-big", "aria-label": TEXTS.play, tabindex: "-1", "aria-hidden": "true", onclick: () => this.toggle() }, icon("play"));
    this.statusText = h("div", { class: "vp-status" });
    this.stage = h("div", { class: "vp-stage" }, video, this.still, this.big, this.statusText);
  }

  _buildBar() {
    this.played = h("div", { class: "vp-played" });
    this.buffered = h("div", { class: "vp-buffered" });
    this.loopMark = h("div", { class: "vp-loopmark", hidden: true });
    this.knob = h("div", { class: "vp-knob" });
    this.tip = h("div", { class: "vp-tip", "aria-hidden": "true", hidden: true }, h("div", { class: "vp-thumb" }), h("span", { class: "vp-tiptime" }));
    this.line = h("div", {
      class: "vp-line", role: "slider", tabindex: "0", "aria-label": TEXTS.timeline, "aria-valuemin": "0",
      onpointerdown: (/** @type {PointerEvent} */ event) => this._drag(event),
      onpointermove: (/** @type {PointerEvent} */ event) => this._hover(event),
      onpointerleave: () => { this.tip.hidden = true; },
    }, h("div", { class: "vp-rail" }, this.buffered, this.played, this.loopMark), this.knob, this.tip);
    this.playTool = tool(TEXTS.play, "play", () => this.toggle(), { class: "vp-tool vp-go" });
    this.time = h("span", { class: "vp-time" }, "0:00");
    this.muteTool = tool(TEXTS.mute, "sound", () => { this.video.muted = !this.video.muted; });
    this.volume = h("input", { type: "range", class: "vp-volume", min: "0", max: "1", step: "0.05", value: "1", "aria-label": TEXTS.volume,
      oninput: () => { this.video.volume = Number(this.volume.value); this.video.muted = this.video.volume === 0; } });
    this.ccTool = tool(TEXTS.captions, "captions", () => this.captions(this.track?.mode !== "showing"), { "aria-pressed": "false" });
    this.speed = h("select", { class: "vp-speed", "aria-label": TEXTS.speed, title: TEXTS.speed, onchange: () => { this.video.playbackRate = Number(this.speed.value); } },
      ...SPEEDS.map((speed) => h("option", { value: String(speed) }, `${speed}×`)));
    this.speed.value = "1";
    this.loopTool = tool(TEXTS.loopStart, "loop", () => this._loopStep());
    this.pipTool = tool(TEXTS.picture, "picture", () => this._pip(), { hidden: !document.pictureInPictureEnabled });
    this.fullTool = tool(TEXTS.full, "full", () => this._full(), { hidden: !document.fullscreenEnabled });
    this.lookTool = this._popover(TEXTS.look, "look", () => [
      choice(TEXTS.size, TEXTS.sizes, taste.get("size", "m"), (value) => this._look("size", value)),
      choice(TEXTS.background, TEXTS.backgrounds, taste.get("background", "veil"), (value) => this._look("background", value)),
    ]);
    this.saveTool = this._popover(TEXTS.download, "download", () => Object.entries(TEXTS.downloads)
      .filter(([what]) => this.facts.files?.[what])
      .map(([what, label]) => h("button", { type: "button", class: "vp-item", "data-what": what, onclick: () => this._save(what) }, label)));
    this.bar = h("div", { class: "vp-bar" }, this.playTool,
      tool(TEXTS.back, "back", () => this.frame(-1)), tool(TEXTS.forward, "forward", () => this.frame(1)),
      this.time, h("span", { class: "vp-space" }), this.muteTool, this.volume, this.ccTool, this.lookTool, this.speed, this.loopTool, this.saveTool, this.pipTool, this.fullTool);
  }

  /** @param {string} label @param {Icon} name @param {() => any[]} inside */
  _popover(label, name, inside) {
    const opener = tool(label, name, () => open(!box.isConnected || box.hidden), { "aria-expanded": "false", "aria-haspopup": "true" });
    const box = h("div", { class: "vp-pop", role: "group", "aria-label": label, hidden: true });
    /** @param {boolean} shown */
    const open = (shown) => {
      if (shown) box.replaceChildren(...inside());
      box.hidden = !shown;
      opener.setAttribute("aria-expanded", String(shown));
      if (shown) box.querySelector("select, button")?.focus();
    };
    const holder = h("span", { class: "vp-holder" }, opener, box);
    box.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      if (!/** @type {HTMLElement} */ (event.target).closest(".vp-item")) return;
      open(false);
      opener.focus();
    });
    holder.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== "Escape" || box.hidden) return;
      event.stopPropagation();
      open(false);
      opener.focus();
    });
    holder.addEventListener("focusout", (/** @type {FocusEvent} */ event) => { if (event.relatedTarget && !holder.contains(event.relatedTarget)) open(false); });
    document.addEventListener("pointerdown", (event) => { if (!event.composedPath().includes(holder)) open(false); }, { signal: this.signal });
    return holder;
  }

  _buildTranscript() {
    this.search = h("input", { type: "search", class: "vp-search", placeholder: TEXTS.searchShort, "aria-label": TEXTS.search, autocomplete: "off",
      oninput: () => this._find(), onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter") this._nextHit(event.shiftKey ? -1 : 1); } });
    this.count = h("span", { class: "vp-count", role: "status" });
    this.list = h("ol", { class: "vp-lines" });
    this.transcript = h("section", { class: "vp-transcript", "aria-label": TEXTS.transcript, hidden: true },
      h("div", { class: "vp-find" }, icon("search"), this.search, this.count), this.list);
  }

  /** @param {HTMLElement} el */
  _buildRoot(el) {
    this.title = h("div", { class: "vp-title" });
    this.badge = h("span", { class: "vp-badge", hidden: true });
    this.copyTool = h("button", { type: "button", class: "vp-copy", hidden: true, onclick: () => this._copy() }, icon("copy"), TEXTS.copy);
    this.live = h("div", { class: "vx-hidden", role: "status", "aria-live": "polite" });
    this.alertBox = h("div", { class: "vp-alert", role: "alert", hidden: true });
    this.frameBox = h("div", { class: "vp-frame" }, this.stage, this.line, this.bar);
    this.root = h("section", { class: "voxweave-player", onkeydown: (/** @type {KeyboardEvent} */ event) => this._key(event) },
      h("div", { class: "vp-main" }, this.frameBox, this.transcript),
      h("div", { class: "vp-foot" }, this.title, this.badge, this.copyTool), this.alertBox, this.live,
      h("p", { class: "vx-hidden" }, TEXTS.keys));
    this._look("size", taste.get("size", "m"));
    this._look("background", taste.get("background", "veil"));
    el.append(this.root);
  }

  // What is shown

  show() {
    const { facts } = this;
    const there = Boolean(facts.files?.video);
    this.root.hidden = !there;
    if (!there) return;
    this.root.setAttribute("aria-label", say(TEXTS.player, { title: facts.title }));
    this.title.textContent = this.title.title = facts.title;
    this.copyTool.hidden = !facts.settings;
    this.stage.style.aspectRatio = `${facts.width} / ${facts.height}`;
    this.frameBox.classList.toggle("vp-tall", facts.height > facts.width);
    this._loop(undefined, undefined);
    this._setCues(this.model.get("_cues") ?? []);
    this.ccTool.hidden = this.lookTool.hidden = facts.cues === 0;
    this.captions(facts.cues > 0 && !facts.burnt);
    if (facts.cues > this.cues.length) this.model.send({ kind: "cues" });
    this._alert(this.model.get("error"));
    void this._load();
  }

  /** Finds the way by which the picture comes. @param {boolean} [server] whether the server is asked */
  async _load(server = true) {
    const round = ++this.round;
    const { facts } = this;
    this.pull.stop?.();
    this._status(TEXTS.looking);
    if (server) {
      for (const url of addresses(this.model, facts.files.video.places)) {
        if (await serves(url, facts)) {
          if (round === this.round) this._begin(url, "server");
          return;
        }
        if (round !== this.round) return;
      }
    }
    try {
      const blob = await this.pull.fetch("video", facts.size, facts.mime, (done, silent) => {
        const text = silent ? TEXTS.fetchingBusy : TEXTS.fetching;
        if (round === this.round) this._status(say(text, { done: megabytes(done), size: megabytes(facts.size) }), done / facts.size);
      });
      if (round === this.round) this._begin(URL.createObjectURL(blob), "kernel");
    } catch (error) {
      if (round === this.round && /** @type {Error} */ (error).name !== "AbortError") this._fail(/** @type {Error} */ (error).message);
    }
  }

  /** @param {string} url @param {"server" | "kernel"} way */
  _begin(url, way) {
    if (this.url.startsWith("blob:")) URL.revokeObjectURL(this.url);
    this.url = url;
    this.way = way;
    this.badge.textContent = TEXTS[way];
    this.badge.dataset.way = way;
    this.badge.hidden = false;
    this.video.src = url;
    void this._showPoster();
    if (this._resumeAt) { this.video.currentTime = this._resumeAt; this._resumeAt = 0; }
    this._sprite = undefined;
    this.model.send({ kind: "way", way });
  }

  /** A still until it plays: many videos begin in the dark. */
  async _showPoster() {
    const poster = this.facts.files.poster;
    const round = this.round;
    this.still.hidden = true;
    if (!poster) return;
    const served = addresses(this.model, poster.places).find((url) => folderOf(url) === folderOf(this.url));
    try {
      const url = served ?? URL.createObjectURL(await this.pull.fetch("poster", 0, "image/jpeg"));
      if (round === this.round && this.video.currentTime === 0) { this.still.src = url; this.still.hidden = false; }
    } catch { /* the video shows its own first frame */ }
  }

  _broken() {
    const { video } = this;
    if (!video.getAttribute("src")) return;
    if (this.way === "server" && video.error?.code !== MediaError.MEDIA_ERR_DECODE && !this._again) {
      this._again = true;
      this._resumeAt = video.currentTime;
      this._tell(TEXTS.interrupted);
      void this._load(false);
    } else this._fail(say(TEXTS.unplayable, { name: this.facts.files.video.name }));
  }

  /** @param {string} why */
  _fail(why) {
    this._status("");
    this._alert(why);
  }

  _lost() {
    this.pull.stop?.();
    this._status("");
    if (this.root.closest(".voxweave-panel")) return this._alert(this.way ? "" : TEXTS.gone);
    this.alertBox.hidden = false;
    this.alertBox.replaceChildren(goneNotice(this.way ? TEXTS.goneLater : TEXTS.gone, this.root));
  }

  /** @param {boolean} silent whether the server does not answer; a panel says it for its player, and an error is not hidden */
  _silent(silent) {
    const said = this.alertBox.textContent;
    if (silent && !said && !this.root.closest(".voxweave-panel")) this._alert(TEXTS.silent);
    if (!silent && said === TEXTS.silent) this._alert("");
  }

  /** @param {string} text @param {number} [share] */
  _status(text, share) {
    this.statusText.textContent = text;
    this.stage.classList.toggle("vp-waiting", Boolean(text));
    this.stage.style.setProperty("--vp-share", String(share ?? 0));
  }

  /** @param {string} text */
  _alert(text) {
    this.alertBox.textContent = text;
    this.alertBox.hidden = !text;
  }

  /** @param {string} text */
  _tell(text) { this.live.textContent = text; }

  /** @param {any} message */
  _hear(message) {
    if (message.kind === "cues") this._setCues([...(this.model.get("_cues") ?? []), ...message.cues]);
    else if (message.kind === "play") this.video.play().catch(() => {});
    else if (message.kind === "pause") this.video.pause();
    else if (message.kind === "seek") this.seek(message.to);
  }

  /** @param {Cue[]} cues */
  _setCues(cues) {
    this.cues = cues;
    this.now = -1;
    const mode = this.track?.mode ?? "hidden";
    if (this.track) {
      this.track.mode = "hidden";
      for (const cue of [...(this.track.cues ?? [])]) this.track.removeCue(cue);
      for (const [start, end, text] of cues) this.track.addCue(new VTTCue(start, end, plain(text)));
      this.track.mode = mode;
    }
    this.lines = cues.map(([start, , text], place) => h("button", { type: "button", class: "vp-cue", "data-place": String(place), onclick: () => this.seek(start + 0.001) },
      h("span", { class: "vp-stamp" }, clock(start)), h("span", { class: "vp-text" }, text)));
    this.list.replaceChildren(...this.lines.map((line) => h("li", {}, line)));
    this.transcript.hidden = cues.length === 0;
    this.search.value = "";
    this._find();
  }

  // What a person does

  toggle() {
    if (this.video.paused) this.video.play().catch(() => {});
    else this.video.pause();
  }

  /** @param {number} to */
  seek(to) {
    this.video.currentTime = within(to, 0, Math.max(0, this.duration - 0.01));
    this._tick();
  }

  /** Steps whole frames, to the middle of one, where no rounding leads to its neighbour. @param {number} step */
  frame(step) {
    this.video.pause();
    const fps = this.facts.fps || 30;
    const frame = Math.floor(this.video.currentTime * fps + 0.01) + step;
    this.seek((Math.max(0, frame) + 0.5) / fps);
  }

  /** @param {boolean} on */
  captions(on) {
    if (this.track) this.track.mode = on ? "showing" : "hidden";
    this.ccTool.setAttribute("aria-pressed", String(on));
  }

  /** @param {"size" | "background"} what @param {string} value */
  _look(what, value) {
    taste.set(what, value);
    this.root.dataset[what] = value;
  }

  _loopStep() {
    const at = this.video.currentTime;
    if (this.loopStart === undefined) this._loop(at, undefined);
    else if (this.loopEnd === undefined && Math.abs(at - this.loopStart) > 0.1) this._loop(Math.min(at, this.loopStart), Math.max(at, this.loopStart));
    else this._loop(undefined, undefined);
  }

  /** @param {number | undefined} start @param {number | undefined} end */
  _loop(start, end) {
    const before = this.loopStart !== undefined;
    this.loopStart = start;
    this.loopEnd = end;
    const label = start === undefined ? TEXTS.loopStart : end === undefined ? TEXTS.loopEnd : TEXTS.loopOff;
    relabel(this.loopTool, label);
    this.loopTool.dataset.state = start === undefined ? "" : end === undefined ? "half" : "on";
    if (start !== undefined && end !== undefined) this._tell(say(TEXTS.looping, { start: clock(start, 1), end: clock(end, 1) }));
    else if (start !== undefined) this._tell(say(TEXTS.loopFrom, { time: clock(start, 1) }));
    else if (before) this._tell(TEXTS.loopEnded);
    this._tick();
  }

  async _pip() {
    try {
      if (document.pictureInPictureElement === this.video) await document.exitPictureInPicture();
      else await this.video.requestPictureInPicture();
    } catch { /* the browser says why */ }
  }

  async _full() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await this.frameBox.requestFullscreen?.().catch(() => {});
  }

  async _copy() {
    const line = this.facts.settings;
    let done = true;
    try {
      await navigator.clipboard.writeText(line);
    } catch {
      const area = h("textarea", { class: "vx-hidden" });
      area.value = line;
      this.root.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      this.copyTool.focus();
    }
    this._tell(say(done ? TEXTS.copied : TEXTS.notCopied, { line }));
    this.copyTool.classList.toggle("vp-done", done);
    setTimeout(() => this.copyTool.classList.remove("vp-done"), 1600);
  }

  /** @param {string} what */
  async _save(what) {
    const { name } = this.facts.files[what];
    let url = what === "video" ? this.url : "";
    try {
      if (!url) {
        this._tell(say(TEXTS.saving, { name }));
        url = URL.createObjectURL(await this.pull.fetch(what, 0, "application/octet-stream"));
        setTimeout(() => URL.revokeObjectURL(url), 60_000);
      }
      h("a", { href: url, download: name }).click();
    } catch (error) {
      this._alert(/** @type {Error} */ (error).message);
    }
  }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.ctrlKey || event.metaKey || event.altKey || target.matches("input[type=search], select")) return;
    const pressing = target.matches("button");
    const { video } = this;
    /** @type {Record<string, () => void>} */
    const keys = {
      ",": () => this.frame(-1), ".": () => this.frame(1),
      "[": () => this._loop(video.currentTime, this.loopEnd !== undefined && this.loopEnd > video.currentTime + 0.1 ? this.loopEnd : undefined),
      "]": () => { if (video.currentTime > (this.loopStart ?? 0) + 0.1) this._loop(this.loopStart ?? 0, video.currentTime); },
      "\\": () => this._loop(undefined, undefined),
      "<": () => this._faster(-1), ">": () => this._faster(1),
      c: () => { this.captions(this.track?.mode !== "showing"); this._tell(this.track?.mode === "showing" ? TEXTS.captionsOn : TEXTS.captionsOff); },
      m: () => { video.muted = !video.muted; }, f: () => void this._full(), k: () => this.toggle(),
      j: () => this.seek(video.currentTime - 10), l: () => this.seek(video.currentTime + 10),
    };
    if (!target.matches("input[type=range]")) {
      const step = event.shiftKey ? 1 : 5;
      Object.assign(keys, { ArrowLeft: () => this.seek(video.currentTime - step), ArrowRight: () => this.seek(video.currentTime + step) });
      if (target === this.line) {
        Object.assign(keys, { ArrowDown: keys.ArrowLeft, ArrowUp: keys.ArrowRight, PageDown: () => this.seek(video.currentTime - 30),
          PageUp: () => this.seek(video.currentTime + 30), Home: () => this.seek(0), End: () => this.seek(this.duration) });
      } else if (target.matches(".vp-cue")) Object.assign(keys, { ArrowDown: () => this._walk(target, 1), ArrowUp: () => this._walk(target, -1) });
      if (!pressing) keys[" "] = () => this.toggle();
    }
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** @param {number} step */
  _faster(step) {
    const place = SPEEDS.findIndex((speed) => speed >= this.video.playbackRate - 0.01);
    this.video.playbackRate = SPEEDS[within(place + step, 0, SPEEDS.length - 1)];
  }

  /** From line to line. @param {HTMLElement} from @param {number} step */
  _walk(from, step) {
    const shown = this.lines.filter((line) => !line.parentElement.hidden);
    shown[within(shown.indexOf(from) + step, 0, shown.length - 1)]?.focus();
  }

  // The timeline

  /** @param {PointerEvent} event */
  _at(event) {
    const box = this.line.getBoundingClientRect();
    return within((event.clientX - box.left) / (box.width || 1), 0, 1) * this.duration;
  }

  /** @param {PointerEvent} event */
  _drag(event) {
    if (event.button > 0) return;
    event.preventDefault();
    this.line.focus({ preventScroll: true });
    this.line.setPointerCapture(event.pointerId);
    const from = this._at(event);
    const selecting = event.shiftKey;
    if (!selecting) this.seek(from);
    const move = (/** @type {PointerEvent} */ next) => {
      const to = this._at(next);
      if (!selecting) this.seek(to);
      else if (Math.abs(to - from) > 0.1) this._loop(Math.min(from, to), Math.max(from, to));
    };
    const up = () => this.line.removeEventListener("pointermove", move);
    this.line.addEventListener("pointermove", move);
    this.line.addEventListener("pointerup", up, { once: true });
    this.line.addEventListener("pointercancel", up, { once: true });
  }

  /** @param {PointerEvent} event */
  async _hover(event) {
    const at = this._at(event);
    const box = this.line.getBoundingClientRect();
    this.tip.hidden = !this.duration;
    this.tip.lastChild.textContent = clock(at, this.duration < 60 ? 1 : 0);
    const tile = this.facts.tiles?.find(([start, end]) => at >= start && at < end) ?? this.facts.tiles?.at(-1);
    const thumb = this.tip.firstChild;
    thumb.hidden = !tile;
    if (tile) {
      const [, , x, y, width, height] = tile;
      thumb.style.cssText = `width:${width}px;height:${height}px;background-position:-${x}px -${y}px`;
      const sprite = await (this._sprite ??= this._spriteUrl());
      if (sprite) thumb.style.backgroundImage = `url("${sprite}")`;
    }
    const half = this.tip.offsetWidth / 2;
    this.tip.style.left = `${within(event.clientX - box.left, half, Math.max(half, box.width - half))}px`;
  }

  async _spriteUrl() {
    try {
      return URL.createObjectURL(await this.pull.fetch("sprite", 0, "image/jpeg"));
    } catch {
      return "";
    }
  }

  /** Keeps turning while it plays: a loop and a transcript cannot wait for four events a second. */
  _run() {
    cancelAnimationFrame(this._turn ?? 0);
    const turn = () => {
      this._tick();
      if (!this.video.paused) this._turn = requestAnimationFrame(turn);
    };
    turn();
  }

  _tick() {
    const { video, duration } = this;
    const at = video.currentTime;
    if (this.loopStart !== undefined && this.loopEnd !== undefined && !video.paused && (at >= this.loopEnd || at < this.loopStart - 0.3)) video.currentTime = this.loopStart;
    if (!this.time) return;
    /** @param {number} seconds */
    const share = (seconds) => `${(100 * within(seconds / (duration || 1), 0, 1)).toFixed(3)}%`;
    this.played.style.width = this.knob.style.left = share(at);
    const ranges = video.buffered;
    this.buffered.style.width = share(ranges.length ? ranges.end(ranges.length - 1) : 0);
    this.loopMark.hidden = this.loopStart === undefined;
    if (this.loopStart !== undefined) this.loopMark.style.cssText = `left:${share(this.loopStart)};width:calc(${share((this.loopEnd ?? this.loopStart) - this.loopStart)} + 2px)`;
    this._say(at, duration);
    this._follow(at);
  }

  /** @param {number} at @param {number} duration */
  _say(at, duration) {
    const { video } = this;
    const text = `${clock(at, video.paused && duration < 600 ? 2 : 0)} / ${clock(duration)}`;
    if (this.time.textContent !== text) this.time.textContent = text;
    const now = String(Math.round(at));
    if (this.line.getAttribute("aria-valuenow") !== now || !this.line.hasAttribute("aria-valuetext")) {
      this.line.setAttribute("aria-valuemax", String(Math.round(duration)));
      this.line.setAttribute("aria-valuenow", now);
      this.line.setAttribute("aria-valuetext", say(TEXTS.at, { time: clock(at), all: clock(duration) }));
    }
    relabel(this.playTool, video.paused ? TEXTS.play : TEXTS.pause, video.paused ? "play" : "pause");
    this.stage.classList.toggle("vp-paused", video.paused && at < 0.01); // later it would hide what is looked at
    relabel(this.muteTool, video.muted ? TEXTS.unmute : TEXTS.mute, video.muted ? "muted" : "sound");
    if (document.activeElement !== this.volume) this.volume.value = String(video.muted ? 0 : video.volume);
    const rate = String(video.playbackRate);
    if (this.speed.value !== rate && SPEEDS.includes(video.playbackRate)) this.speed.value = rate;
  }

  // The transcript

  /** @param {number} at */
  _follow(at) {
    const place = this._place(at);
    if (place === this.now) return;
    this.lines[this.now]?.removeAttribute("aria-current");
    this.now = place;
    const line = this.lines[place];
    if (!line) return;
    line.setAttribute("aria-current", "true");
    if (this.list.matches(":hover") || this.list.contains(document.activeElement) && document.activeElement !== line) return;
    const spot = line.offsetTop - this.list.offsetTop - this.list.clientHeight / 2 + line.offsetHeight / 2;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.list.scrollTo({ top: spot, behavior: calm ? "auto" : "smooth" });
  }

  /** The line that is said at that moment: the last one that has begun, or -1. @param {number} at */
  _place(at) {
    let low = 0, high = this.cues.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.cues[middle][0] <= at + 0.02) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  _find() {
    const words = this.search.value.trim().toLowerCase();
    this.hits = [];
    this.lines.forEach((line, place) => {
      const text = this.cues[place][2];
      const at = words ? text.toLowerCase().indexOf(words) : -1;
      line.parentElement.hidden = Boolean(words) && at < 0;
      if (at >= 0) this.hits.push(line);
      line.lastChild.replaceChildren(...(at < 0 ? [text]
        : [text.slice(0, at), h("mark", {}, text.slice(at, at + words.length)), text.slice(at + words.length)]));
    });
    const all = this.lines.length;
    this.count.textContent = !words ? say(TEXTS.lines, { all }) : this.hits.length ? say(TEXTS.found, { count: this.hits.length, all }) : TEXTS.none;
  }

  /** @type {any[]} */
  hits = [];

  /** @param {number} step */
  _nextHit(step) {
    if (!this.hits.length) return;
    const now = this.hits.indexOf(this.lines[this.now]);
    const next = this.hits[(now + step + this.hits.length) % this.hits.length];
    this.seek(this.cues[Number(next.dataset.place)][0] + 0.001);
  }

  close() {
    this.round++;
    this.pull.stop?.();
    this.video.pause();
    cancelAnimationFrame(this._turn ?? 0);
    this.video.removeAttribute("src");
    this.video.load();
    if (this.url.startsWith("blob:")) URL.revokeObjectURL(this.url);
    this.root.remove();
  }
}

export default {
  /** @param {{model: Model, el: HTMLElement}} context */
  render({ model, el }) {
    const end = new AbortController();
    new View(model, el, end.signal);
    return () => end.abort();
  },
};
