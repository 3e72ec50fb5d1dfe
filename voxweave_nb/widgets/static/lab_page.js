// The page of a lab that is shown without a kernel: filters, and one transport for all videos in sight.

import { clamp, clock } from "./format.js";
import { arrange, readEntry } from "./lab_page_list.js";
import { Transport } from "./sync.js";

const MOST_ALIVE = 9; // videos that play at a time; the others show their posters
const STEP = 1; // s of an arrow key
const TEXTS = {
  count: (/** @type {number} */ shown, /** @type {number} */ all) => (shown === all ? `${all} variants` : `${shown} of ${all} variants`),
  played: (/** @type {number} */ count) => `${MOST_ALIVE} of ${count} videos in sight play; scroll or filter for the others.`,
  silent: "Click anywhere for sound.",
  waiting: (/** @type {number} */ count) => (count === 1 ? "One video cannot keep up or be loaded." : `${count} videos cannot keep up or be loaded.`),
  muted: "No sound", hears: "Sound: ", hear: "Hear",
  play: "Play", pause: "Pause",
};

/** @typedef {import("./lab_page_list.js").Entry & {element: HTMLElement, video: HTMLVideoElement | null, hear: HTMLButtonElement | null}} Tile */

/** @template {Element} T @param {string} selector @param {ParentNode} [scope] @returns {T} */
const find = (selector, scope = document) => /** @type {T} */ (scope.querySelector(selector));
/** @param {string} selector @param {ParentNode} [scope] @returns {HTMLElement[]} */
const findAll = (selector, scope = document) => [...scope.querySelectorAll(selector)].map((each) => /** @type {HTMLElement} */ (each));

class LabPage {
  constructor() {
    this.transport = new Transport();
    this.transport.onchange = () => this._show();
    this.grid = /** @type {HTMLElement} */ (find(".lp-grid"));
    this.form = /** @type {HTMLFormElement} */ (find(".lp-filters"));
    this.bar = /** @type {HTMLElement} */ (find(".lp-bar"));
    this.slider = /** @type {HTMLInputElement} */ (this._control("seek"));
    /** @type {Tile[]} */
    this.tiles = findAll(".lp-tile").map((element) => this._tile(element));
    /** The shown tiles in their order. @type {Tile[]} */
    this.shown = this.tiles;
    /** The ids of those in the transport. @type {Set<string>} */
    this.alive = new Set();
    /** @type {Set<string>} */
    this.inSight = new Set();
    this.last = ""; // the one that was audible before it was muted
    this.captions = false;
    this._start();
  }

  _start() {
    this.form.hidden = false;
    this.form.addEventListener("input", () => this._arrange());
    this.form.addEventListener("reset", () => {
      for (const { element } of this.tiles) this._box(element).checked = false;
      setTimeout(() => this._arrange()); // the fields change after this event
    });
    this.bar.hidden = !this.tiles.some(({ video }) => video);
    this.bar.addEventListener("click", ({ target }) => this._press(/** @type {Element} */ (target).closest("button")?.dataset.do));
    this._control("rate").addEventListener("change", ({ target }) => { this.transport.rate = Number(/** @type {HTMLSelectElement} */ (target).value); });
    this.slider.addEventListener("input", () => void this.transport.seek(Number(this.slider.value)));
    document.addEventListener("keydown", (event) => this._key(event));
    const observer = new IntersectionObserver((seen) => {
      for (const { target, isIntersecting } of seen) {
        const { id = "" } = /** @type {HTMLElement} */ (target).dataset;
        if (isIntersecting) this.inSight.add(id);
        else this.inSight.delete(id);
      }
      this._enliven();
    }, { threshold: 0.3 });
    for (const { element } of this.tiles) observer.observe(element);
    const first = this.tiles.filter(({ video }) => video).sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity))[0];
    this.transport.audible = first?.id ?? null;
    find('[data-do="captions"]', this.bar).toggleAttribute("hidden", !document.querySelector("track"));
    this._arrange();
  }

  /** @param {HTMLElement} element @returns {Tile} */
  _tile(element) {
    const video = /** @type {HTMLVideoElement | null} */ (element.querySelector("video"));
    const hear = /** @type {HTMLButtonElement | null} */ (element.querySelector(".lp-hear"));
    const tile = { ...readEntry(element.dataset), element, video, hear };
    if (video && hear) {
      video.controls = false;
      hear.hidden = false;
      for (const each of [video, hear]) each.addEventListener("click", () => this._hear(tile));
      video.addEventListener("loadedmetadata", () => this._setCaptions(video));
    }
    this._box(element).addEventListener("change", ({ target }) => {
      tile.is = tile.is.filter((word) => word !== "marked");
      if (/** @type {HTMLInputElement} */ (target).checked) tile.is.push("marked");
      this._arrange();
    });
    return tile;
  }

  /** @param {HTMLElement} element */
  _box(element) { return /** @type {HTMLInputElement} */ (find(".lp-mark input", element)); }
  /** @param {string} name @returns {HTMLInputElement} */
  _control(name) { return find(`[data-do="${name}"]`, this.bar); }

  _arrange() {
    /** @param {string} name */
    const value = (name) => /** @type {HTMLSelectElement} */ (find(`[data-${name}]`, this.form)).value;
    const selects = findAll("[data-axis]", this.form).map((each) => /** @type {HTMLSelectElement} */ (each));
    const axes = Object.fromEntries(selects.map((select) => [select.dataset.axis ?? "", select.value]));
    for (const tile of this.tiles) tile.is = tile.is.filter((word) => word !== "marked" || this._box(tile.element).checked);
    this.shown = /** @type {Tile[]} */ (arrange(this.tiles, { axes, show: value("show"), sort: value("sort") }));
    for (const { element } of this.tiles) element.hidden = true;
    for (const { element } of this.shown) element.hidden = false;
    const order = [...this.shown, ...this.tiles.filter(({ element }) => element.hidden)];
    // Moving a video in the page pauses it, so what is in place stays.
    if (order.some(({ element }, place) => this.grid.children[place] !== element)) this.grid.append(...order.map(({ element }) => element));
    const playable = this.shown.filter(({ hear }) => hear);
    playable.forEach((tile, place) => this._number(tile, place < 9 ? String(place + 1) : ""));
    this.grid.style.setProperty("--lp-columns", value("columns") || "auto-fill");
    this.grid.toggleAttribute("data-fixed", Boolean(value("columns")));
    find(".lp-count", this.form).textContent = TEXTS.count(this.shown.length, this.tiles.length);
    this._enliven();
  }

  /** Show a tile's number key. @param {Tile} tile @param {string} number */
  _number({ element, hear }, number) {
    if (!hear) return;
    find("span", hear).textContent = number;
    hear.setAttribute("aria-label", `${number ? `${number}, ` : ""}${TEXTS.hear} ${element.getAttribute("aria-label")}`);
  }

  /** Let the videos in sight play, the audible one first. */
  _enliven() {
    const { transport } = this;
    const wanted = this.shown.filter(({ id, video }) => video && (this.inSight.has(id) || (transport.playing && id === transport.audible)));
    const first = [...wanted].sort((a, b) => Number(b.id === transport.audible) - Number(a.id === transport.audible));
    const next = new Map(first.slice(0, MOST_ALIVE).map((tile) => [tile.id, tile]));
    this.wanted = wanted.length;
    for (const id of this.alive) if (!next.has(id)) transport.remove(id);
    for (const [id, { video }] of next) {
      if (!video || this.alive.has(id)) continue;
      video.preload = "metadata";
      transport.add(id, video);
    }
    this.alive = new Set(next.keys());
    this._show();
  }

  /** @param {Tile} tile */
  _hear(tile) {
    this.transport.audible = this.transport.audible === tile.id ? null : tile.id;
    this.last = tile.id;
    this._enliven();
  }

  /** @param {string | undefined} name */
  _press(name) {
    const { transport } = this;
    if (name === "play") this._play();
    else if (name === "loop") transport.loop = transport.loop ? null : [0, Infinity];
    else if (name === "captions") this._toggleCaptions();
    else if (name === "mute") this._mute();
  }

  _play() {
    const { transport } = this, { audible } = transport;
    if (transport.playing) return transport.pause();
    if (audible !== null && !this.alive.has(audible)) transport.audible = this.shown.find(({ id }) => this.alive.has(id))?.id ?? null;
    void transport.play();
  }

  _mute() {
    const { transport } = this, { audible } = transport;
    transport.audible = audible === null ? this.last || (this.shown.find(({ video }) => video)?.id ?? null) : null;
    if (audible !== null) this.last = audible;
    this._enliven();
  }

  _toggleCaptions() {
    this.captions = !this.captions;
    for (const { video } of this.tiles) if (video) this._setCaptions(video);
    this._show();
  }

  /** @param {HTMLVideoElement} video */
  _setCaptions(video) { for (const track of video.textTracks) track.mode = this.captions ? "showing" : "disabled"; }

  /** @param {KeyboardEvent} event */
  _key(event) {
    const at = /** @type {HTMLElement} */ (event.target), key = event.key.toLowerCase();
    if (event.ctrlKey || event.metaKey || event.altKey || this.bar.hidden || at.closest("select, input:not([type=checkbox])")) return;
    if (key === " " && at.closest("button, summary, a, input")) return; // it presses that
    const { transport } = this, number = "123456789".indexOf(key);
    if (key === " ") this._press("play");
    else if (key === "arrowleft" || key === "arrowright") void transport.seek(clamp(transport.time + (key === "arrowleft" ? -STEP : STEP), 0, transport.duration));
    else if (number >= 0) {
      const tile = this.shown.filter(({ video }) => video)[number];
      if (!tile) return;
      if (transport.audible !== tile.id) this._hear(tile);
    } else if (key === "m" || key === "l" || key === "c") this._press({ m: "mute", l: "loop", c: "captions" }[key]);
    else return;
    event.preventDefault();
  }

  /** Show the transport's state; while it plays, again before each frame. */
  _show() {
    const { transport, bar } = this, { duration, time } = transport;
    const play = this._control("play");
    play.setAttribute("aria-label", transport.playing ? TEXTS.pause : TEXTS.play);
    bar.toggleAttribute("data-playing", transport.playing);
    this._control("loop").setAttribute("aria-pressed", String(Boolean(transport.loop)));
    this._control("captions").setAttribute("aria-pressed", String(this.captions));
    this._control("mute").setAttribute("aria-pressed", String(transport.audible === null));
    const waiting = new Set(transport.waiting);
    for (const { id, element, hear } of this.tiles) {
      const audible = id === transport.audible;
      hear?.setAttribute("aria-pressed", String(audible));
      element.toggleAttribute("data-audible", audible);
      element.toggleAttribute("data-waiting", waiting.has(id));
    }
    this.slider.max = String(duration || 1);
    this._showTime(time);
    this._say(waiting.size);
    if (transport.playing && !this.frame) this.frame = requestAnimationFrame(() => this._tick());
  }

  /** @param {number} waiting */
  _say(waiting) {
    const { transport } = this, heard = this.tiles.find(({ id }) => id === transport.audible);
    const name = heard ? TEXTS.hears + heard.element.getAttribute("aria-label") : TEXTS.muted;
    const crowded = (this.wanted ?? 0) > MOST_ALIVE ? TEXTS.played(this.wanted ?? 0) : "";
    const text = transport.silent ? TEXTS.silent : waiting ? TEXTS.waiting(waiting) : crowded || name;
    const said = /** @type {HTMLElement} */ (find(".lp-said", this.bar));
    if (said.textContent !== text) said.textContent = text;
  }

  _tick() {
    this.frame = 0;
    this._showTime(this.transport.time);
    if (this.transport.playing) this.frame = requestAnimationFrame(() => this._tick());
  }

  /** @param {number} time */
  _showTime(time) {
    const { duration } = this.transport, text = duration ? `${clock(time)} / ${clock(duration)}` : clock(time);
    this.slider.value = String(time);
    this.slider.style.setProperty("--lp-done", `${duration ? 100 * time / duration : 0}%`);
    const shown = /** @type {HTMLElement} */ (find(".lp-time", this.bar));
    if (shown.textContent === text) return;
    shown.textContent = text;
    this.slider.setAttribute("aria-valuetext", text);
  }
}

Object.assign(globalThis, { voxweaveLabPage: new LabPage() });
