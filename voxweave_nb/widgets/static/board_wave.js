// The waveform of a board: the scenes with their states, their boundaries to drag, and a needle at the film's position.

import { barPath, drawing } from "./bars.js";
import { rangeOf, sceneAt, snapped, timeAfterKey } from "./board_places.js";
import { followPointer, h } from "./elements.js";
import { clock, format } from "./format.js";
import { share, timeAt } from "./timeline.js";
/** @import { BoardView } from "./board_view.js" */
/** @import { Place } from "./board_places.js" */

const TEXTS = {
  wave: "Scenes of the narration",
  edge: "End of scene {number}",
  at: "{time}, {ends}",
  kinds: ["the end of a paragraph", "the end of a sentence", "the end of a clause", "a pause"],
  free: "between words",
  tip: "Drag to move the boundary: it snaps to ends of sentences, with Alt or Shift it does not",
};
const LEAST_PER_SECOND = 5; // pixels
const KEY_PAUSE = 350; // ms: a held key moves once

/** The waveform of a board. */
export class BoardWave {
  /** @param {BoardView} view */
  constructor(view) {
    this.view = view;
    /** @type {HTMLElement[]} */
    this._edges = [];
    /** @type {HTMLElement[]} */
    this._bands = [];
    /** What is dragged or moved by keys. @type {{index: number, time: number} | null} */
    this._moved = null;
    this._peaks = /** @type {number[] | null} */ (null);
    this.svg = drawing('<path class="vb-bars"/>');
    this.bandBox = h("div", { class: "vb-bands" });
    this.edgeBox = h("div", { class: "vb-edges" });
    this.needle = h("div", { class: "vb-needle", hidden: true });
    this.tip = h("div", { class: "vb-tip", "aria-hidden": "true", hidden: true });
    this.track = h("div", { class: "vb-track", onpointerdown: (/** @type {PointerEvent} */ event) => this._press(event) },
      this.bandBox, this.svg, this.needle, this.edgeBox, this.tip);
    this.root = h("div", { class: "vb-wave", role: "group", "aria-label": TEXTS.wave }, this.track);
  }

  /** @returns {{peaks: number[], places: Place[]}} */
  get data() { return { peaks: [], places: [], ...this.view.model.get("_wave") }; }
  get seconds() { return this.view.seconds; }

  /** Draw the scenes as they are now. */
  update() {
    const { scenes } = this.view, { peaks } = this.data;
    this.track.style.minWidth = `${Math.round(this.seconds * LEAST_PER_SECOND)}px`;
    if (peaks !== this._peaks) {
      this._peaks = peaks;
      this.svg.setAttribute("viewBox", `0 0 ${peaks.length || 1} 100`);
      this.svg.firstChild.setAttribute("d", barPath(peaks));
    }
    while (this._bands.length < scenes.length) this._add();
    while (this._bands.length > scenes.length) { this._bands.pop()?.remove(); this._edges.pop()?.remove(); }
    scenes.forEach((scene, index) => {
      this._bands[index].dataset.state = scene.state;
      /** @type {HTMLElement} */ (this._bands[index].firstElementChild).textContent = String(index + 1);
    });
    this._place();
  }

  /** Mark the current scene; its boundary is the one that the tab key reaches. @param {number} current */
  mark(current) {
    this._bands.forEach((band, index) => band.classList.toggle("vb-current", index === current));
    const reached = Math.min(current, this._edges.length - 2);
    this._edges.forEach((edge, index) => { edge.tabIndex = index === reached ? 0 : -1; });
  }

  /** Show a scene, where the waveform is wider than the page. @param {number} index */
  reveal(index) {
    const scene = this.view.scenes[index], { root } = this;
    if (!scene || root.scrollWidth <= root.clientWidth) return;
    const middle = ((scene.start + scene.end) / 2 / this.seconds) * root.scrollWidth;
    root.scrollTo({ left: middle - root.clientWidth / 2, behavior: "smooth" });
  }

  /** Move the focus to the end of a scene. @param {number} index */
  focus(index) { this._edges[Math.max(0, Math.min(index, this._edges.length - 2))]?.focus(); }

  /** @param {number | null} time of the film in seconds; null hides the needle */
  showTime(time) {
    this.needle.hidden = time === null;
    if (time !== null) this.needle.style.left = share(time, this.seconds);
  }

  _add() {
    const index = this._edges.length;
    const edge = h("div", { class: "vb-edge", role: "slider", tabindex: "-1", title: TEXTS.tip, onkeydown: (/** @type {KeyboardEvent} */ event) => this._onKey(event, index),
      onfocus: () => this.view.setCurrent(index), onblur: () => { if (this._moved?.index === index) this._settle(); } });
    edge.dataset.index = String(index);
    this._edges.push(edge);
    this._bands.push(h("div", { class: "vb-band" }, h("span", {})));
    this.edgeBox.append(edge);
    this.bandBox.append(/** @type {HTMLElement} */ (this._bands[index]));
  }

  /** Put bands and edges to where they belong, one of them perhaps while it is moved. */
  _place() {
    const { scenes } = this.view, moved = this._moved;
    scenes.forEach((scene, index) => {
      const start = moved && moved.index === index - 1 ? moved.time : scene.start;
      const end = moved && moved.index === index ? moved.time : scene.end;
      this._bands[index].style.cssText = `left:${share(start, this.seconds)};width:${share(end - start, this.seconds)}`;
      const edge = this._edges[index];
      edge.hidden = index === scenes.length - 1;
      edge.style.left = share(end, this.seconds);
      if (!edge.hidden) this._describe(edge, index, end);
    });
  }

  /** @param {HTMLElement} edge @param {number} index @param {number} time */
  _describe(edge, index, time) {
    const { scenes } = this.view, [low, high] = rangeOf(scenes[index], scenes[index + 1]);
    const values = { label: format(TEXTS.edge, { number: index + 1 }), valuemin: low.toFixed(1), valuemax: high.toFixed(1), valuenow: time.toFixed(1), valuetext: this._words(time) };
    for (const [name, value] of Object.entries(values)) edge.setAttribute(`aria-${name}`, value);
  }

  /** @param {number} time */
  _words(time) {
    const place = this.data.places.find(([at]) => Math.abs(at - time) < 0.01);
    return format(TEXTS.at, { time: clock(time, 1), ends: place ? TEXTS.kinds[place[1]] : TEXTS.free });
  }

  /** Drag a boundary; elsewhere choose the scene and seek. @param {PointerEvent} event */
  _press(event) {
    const { scenes } = this.view;
    if (!scenes.length || event.button > 0) return;
    const box = () => this.track.getBoundingClientRect();
    const edge = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".vb-edge"));
    if (!edge) {
      const time = timeAt(event.clientX, box(), this.seconds);
      this.view.choose(sceneAt(scenes, time));
      this.view.film.seek(time);
      return;
    }
    event.preventDefault();
    edge.focus({ preventScroll: true });
    const index = Number(edge.dataset.index), range = rangeOf(scenes[index], scenes[index + 1]);
    let free = false;
    followPointer(this.track, event, (next) => {
      const time = timeAt(next.clientX, box(), this.seconds);
      free = next.altKey || next.shiftKey;
      const to = free ? Math.min(range[1], Math.max(range[0], time)) : snapped(time, this.data.places, range, this.seconds / (box().width || 1));
      this._moved = { index, time: to };
      this._showTip(to);
      this._place();
    }, () => { this.tip.hidden = true; this._settle(!free); });
  }

  /** @param {KeyboardEvent} event @param {number} index */
  _onKey(event, index) {
    const { scenes } = this.view, { key } = event;
    if (key === "ArrowUp" || key === "ArrowDown") {
      event.preventDefault();
      return this.focus(index + (key === "ArrowDown" ? 1 : -1));
    }
    if (key === "Escape" && this._moved) { this._moved = null; clearTimeout(this._timer); return this._place(); }
    if (key === "Enter") { event.preventDefault(); return this.view.choose(index, true); }
    if (event.ctrlKey || event.metaKey || !scenes[index + 1]) return;
    const range = rangeOf(scenes[index], scenes[index + 1]);
    const to = timeAfterKey(event, this._moved?.index === index ? this._moved.time : scenes[index].end, this.data.places, range);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this._moved = { index, time: to };
    this._place();
    const free = event.shiftKey || event.altKey;
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._settle(!free), KEY_PAUSE);
  }

  /** Ask for what was moved. @param {boolean} [snap] */
  async _settle(snap = false) {
    clearTimeout(this._timer);
    const moved = this._moved;
    const scene = moved && this.view.scenes[moved.index];
    if (!moved || !scene || Math.abs(moved.time - scene.end) < 0.005) { this._moved = null; return this._place(); }
    await this.view.ask(scene, { kind: "move", end: Number(moved.time.toFixed(3)), snap, was: [scene.start, scene.end] });
    if (this._moved === moved) this._moved = null;
    this._place();
  }

  /** @param {number} time */
  _showTip(time) {
    this.tip.hidden = false;
    this.tip.textContent = this._words(time);
    this.tip.style.left = share(time, this.seconds);
  }
}
