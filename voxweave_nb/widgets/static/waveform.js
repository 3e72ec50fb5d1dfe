// A sound's waveform: it shows the played share, seeks, and selects a part.

import { barPath, drawing } from "./bars.js";
import { followPointer, h } from "./elements.js";
import { clock } from "./format.js";
import { selectPart, share, timeAfterKey, timeAt } from "./timeline.js";

const TEXTS = {
  position: "Position",
  start: "Start of the part",
  end: "End of the part",
};

const SHOWN_LEVELS = 200;
const KEY_PAUSE = 200;
const CLICK_PIXELS = 3;

let count = 0;

/** The waveform of a narration, with a needle at the position and two handles around the selected part. */
export class Waveform {
  /**
   * @param {{onSeek: (seconds: number) => void, onPart: () => void, onSelect: (part: [number, number] | null) => void}} listeners
   *   `onPart` is called while a part is being dragged, `onSelect` once it is settled
   */
  constructor({ onSeek, onPart, onSelect }) {
    this.duration = 0;
    this.position = 0;
    /** The selected part in seconds; null is the whole. @type {[number, number] | null} */
    this.part = null;
    this._onSeek = onSeek;
    this._onPart = onPart;
    this._onSelect = onSelect;
    this._dragging = this._pending = false;
    /** @type {number[] | undefined} */
    this._drawn = undefined;
    this._length = 0;
    /** @type {any[]} */
    this.handles = [];
    this._build();
  }

  /** True while a person changes the part: what the kernel says of it is older. */
  get changing() { return this._dragging || this._pending; }

  _build() {
    const id = `va-clip-${++count}`; // in the page's one namespace
    this.svg = drawing(`<defs><clipPath id="${id}"><rect y="0" height="100" x="0" width="0"/></clipPath></defs>`
      + `<path class="va-bars"/><path class="va-bars va-played" clip-path="url(#${id})"/>`);
    this.before = h("div", { class: "va-shade" });
    this.after = h("div", { class: "va-shade" });
    this.needle = this._slider("needle", TEXTS.position);
    this.handles = [this._slider("start", TEXTS.start), this._slider("end", TEXTS.end)];
    this.root = h("div", { class: "va-wave", role: "group", onpointerdown: (/** @type {PointerEvent} */ event) => this._press(event) },
      this.svg, this.before, this.after, this.needle, ...this.handles);
  }

  /** @param {"needle" | "start" | "end"} which @param {string} label */
  _slider(which, label) {
    const handle = which !== "needle";
    return h("div", { class: handle ? `va-handle va-${which}` : "va-needle", role: "slider", tabindex: "0", "aria-label": label,
      "data-which": handle && which, onkeydown: (/** @type {KeyboardEvent} */ event) => this._onKey(event, which) });
  }

  /** Draw peaks. @param {number[]} peaks @param {boolean} [grown] true for the same array with new values */
  draw(peaks, grown = false) {
    if (!grown && peaks === this._drawn && peaks.length === this._length) return;
    this._drawn = peaks;
    this._length = peaks.length;
    this.svg.setAttribute("viewBox", `0 0 ${peaks.length || 1} 100`);
    for (const path of this.svg.querySelectorAll(".va-bars")) path.setAttribute("d", barPath(peaks));
    this.place();
  }

  /** Move the needle, the handles and the shades to where they belong. */
  place() {
    const [start, end] = this.part ?? [0, this.duration];
    this.before.style.cssText = `left:0;width:${share(start, this.duration)}`;
    this.after.style.cssText = `left:${share(end, this.duration)};right:0`;
    this.svg.querySelector("rect").setAttribute("width", String(((this._length || 1) * this.position) / (this.duration || 1)));
    this._placeSlider(this.needle, this.position);
    this._placeSlider(this.handles[0], start);
    this._placeSlider(this.handles[1], end);
    this.root.classList.toggle("va-parted", Boolean(this.part));
  }

  /** @param {any} slider @param {number} seconds */
  _placeSlider(slider, seconds) {
    slider.style.left = share(seconds, this.duration);
    slider.setAttribute("aria-valuemin", "0");
    slider.setAttribute("aria-valuemax", this.duration.toFixed(1));
    slider.setAttribute("aria-valuenow", seconds.toFixed(1));
    slider.setAttribute("aria-valuetext", clock(seconds, 1));
  }

  /** A click seeks; dragging a handle moves it, dragging elsewhere selects a new part. @param {PointerEvent} event */
  _press(event) {
    if (!this.duration || event.button > 0) return;
    event.preventDefault();
    const timeOf = (/** @type {PointerEvent} */ each) => timeAt(each.clientX, this.root.getBoundingClientRect(), this.duration);
    const from = timeOf(event);
    const target = /** @type {HTMLElement} */ (event.target);
    const which = target.dataset.which;
    const [start, end] = this.part ?? [0, this.duration];
    let moved = false;
    (which ? target : this.needle).focus({ preventScroll: true });
    this._dragging = true;
    followPointer(this.root, event, (next) => {
      const to = timeOf(next);
      moved ||= Math.abs(next.clientX - event.clientX) > CLICK_PIXELS;
      if (moved) this._setPart(...(which === "start" ? /** @type {const} */ ([to, end]) : which === "end" ? /** @type {const} */ ([start, to]) : /** @type {const} */ ([from, to])));
    }, () => {
      this._dragging = false;
      if (moved) this._select(0);
      else if (!which) this._onSeek(from);
    });
  }

  /** @param {number} start @param {number} end */
  _setPart(start, end) {
    this.part = selectPart(start, end, this.duration);
    this.place();
    this._onPart();
  }

  /** @param {KeyboardEvent} event @param {"start" | "end" | "needle"} which */
  _onKey(event, which) {
    const [start, end] = this.part ?? [0, this.duration];
    const to = timeAfterKey(event.key, { start, end, needle: this.position }[which], this.duration, event.shiftKey);
    if (to === undefined || !this.duration) return;
    event.preventDefault();
    if (which === "needle") return this._onSeek(to);
    if (which === "start") this._setPart(Math.min(to, end - 0.1), end);
    else this._setPart(start, Math.max(to, start + 0.1));
    this._select(KEY_PAUSE);
  }

  /** Report the part, once for a held key. @param {number} wait in milliseconds */
  _select(wait) {
    clearTimeout(this._timer);
    this._pending = true;
    this._timer = setTimeout(() => {
      this._pending = false;
      this._onSelect(this.part);
    }, wait);
  }
}

/** The levels of the last ten seconds of a recording. */
export class LiveWaveform {
  constructor() {
    this.svg = drawing('<path class="va-bars va-played"/>', { class: "va-livewave", viewBox: `0 0 ${SHOWN_LEVELS} 100` });
  }

  /** @param {number[]} levels from 0 to 1 */
  draw(levels) {
    const last = levels.slice(-SHOWN_LEVELS).map((level) => Math.min(100, level * 130));
    this.svg.firstChild.setAttribute("d", barPath([...new Array(SHOWN_LEVELS - last.length).fill(0), ...last]));
  }
}
