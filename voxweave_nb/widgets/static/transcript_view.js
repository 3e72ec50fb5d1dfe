// The transcript beside the video: it follows the speech, seeks, and can be searched.

import { h } from "./elements.js";
import { icon } from "./icons.js";
import { clamp, clock, format } from "./format.js";
import { cueAt, findWords, nextHit } from "./transcript.js";
/** @import { Cue } from "./transcript.js" */

const TEXTS = {
  transcript: "Transcript",
  search: "Search the transcript",
  searchShort: "Search",
  found: "{count} of {all} lines",
  none: "No line matches",
  lines: "{all} lines",
};

const JUST_INSIDE = 0.001; // seconds, so that rounding does not lead to the caption before

/** A list of captions with a search field. */
export class TranscriptView {
  /** @param {(seconds: number) => void} seek */
  constructor(seek) {
    this._seek = seek;
    /** @type {Cue[]} */
    this._cues = [];
    /** @type {any[]} */
    this._lines = [];
    /** Places of the lines that match. @type {number[]} */
    this._hits = [];
    this._current = -1;
    this.search = h("input", { type: "search", class: "vp-search", placeholder: TEXTS.searchShort, "aria-label": TEXTS.search, autocomplete: "off",
      oninput: () => this._find(), onkeydown: (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter") this._seekHit(event.shiftKey ? -1 : 1); } });
    this.count = h("span", { class: "vp-count", role: "status" });
    this.list = h("ol", { class: "vp-lines" });
    this.root = h("section", { class: "vp-transcript", "aria-label": TEXTS.transcript, hidden: true },
      h("div", { class: "vp-find" }, icon("search"), this.search, this.count), this.list);
  }

  get length() { return this._cues.length; }

  /** @param {Cue[]} cues */
  set(cues) {
    this._cues = cues;
    this._current = -1;
    this._lines = cues.map(([start, , text], place) => h("button", { type: "button", class: "vp-cue", "data-place": String(place), onclick: () => this._seek(start + JUST_INSIDE) },
      h("span", { class: "vp-stamp" }, clock(start)), h("span", { class: "vp-text" }, text)));
    this.list.replaceChildren(...this._lines.map((line) => h("li", {}, line)));
    this.root.hidden = cues.length === 0;
    this.search.value = "";
    this._find();
  }

  /** Mark the line of a time and scroll to it, unless a person is busy in the list. @param {number} at */
  follow(at) {
    const place = cueAt(this._cues, at);
    if (place === this._current) return;
    this._lines[this._current]?.removeAttribute("aria-current");
    this._current = place;
    const line = this._lines[place];
    if (!line) return;
    line.setAttribute("aria-current", "true");
    if (this.list.matches(":hover") || (this.list.contains(document.activeElement) && document.activeElement !== line)) return;
    const top = line.offsetTop - this.list.offsetTop - this.list.clientHeight / 2 + line.offsetHeight / 2;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.list.scrollTo({ top, behavior: calm ? "auto" : "smooth" });
  }

  /** Move the focus from line to line. @param {HTMLElement} from @param {number} step */
  walk(from, step) {
    const shown = this._lines.filter((line) => !line.parentElement.hidden);
    shown[clamp(shown.indexOf(from) + step, 0, shown.length - 1)]?.focus();
  }

  /** Hide the lines that do not match and mark the words in the others. */
  _find() {
    const words = this.search.value.trim();
    this._hits = [];
    this._lines.forEach((line, place) => {
      const text = this._cues[place][2];
      const found = findWords(text, words);
      line.parentElement.hidden = Boolean(words) && !found;
      if (found) this._hits.push(place);
      line.lastChild.replaceChildren(...(found ? [found[0], h("mark", {}, found[1]), found[2]] : [text]));
    });
    const all = this._lines.length, count = this._hits.length;
    this.count.textContent = !words ? format(TEXTS.lines, { all }) : count ? format(TEXTS.found, { count, all }) : TEXTS.none;
  }

  /** @param {number} step */
  _seekHit(step) {
    const hit = nextHit(this._hits, this._current, step);
    if (hit !== undefined) this._seek(this._cues[hit][0] + JUST_INSIDE);
  }
}
