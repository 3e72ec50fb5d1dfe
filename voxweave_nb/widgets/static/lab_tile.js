// One tile of a lab's view: a poster or a playing video, and what is known and thought of it.

import { h } from "./elements.js";
import { format } from "./format.js";
import { icon } from "./icons.js";
import { labIcon, press, toggle } from "./lab_icons.js";
import { stateLabel } from "./lab_list.js";
import { LiveVideo } from "./lab_media.js";
/** @import { Item } from "./lab_list.js" */
/** @import { LabView } from "./lab_view.js" */

const TEXTS = {
  tile: "Variant {place}: {axes}. {state}",
  up: "Thumb up",
  down: "Thumb down",
  stars: "Stars",
  star: "{count} of 5 stars",
  mark: "Mark for the comparison",
  note: "Note",
  price: "${usd}",
  free: "free",
  rank: "Rank {low} to {high}",
  rankOne: "Rank {low}",
  best: "{percent} % best",
  heard: "This one is heard",
  progress: "Progress of variant {place}",
};
const STARS = [1, 2, 3, 4, 5];

/** A tile. Until it comes into sight it is an empty box of about its size. */
export class Tile {
  /** @param {LabView} view @param {Item} item */
  constructor(view, item) {
    this.view = view;
    this.item = item;
    this.marked = false;
    this.current = false;
    /** @type {LiveVideo | null} */
    this.live = null;
    /** Resolved once the player has an address. @type {Promise<void> | undefined} */
    this.loading = undefined;
    this._filled = this._stale = false;
    this.near = true; // in sight, or nearly
    this._poster = "";
    this._failed = "";
    this.media = h("div", { class: "vl-media" });
    this.body = h("div", { class: "vl-body" });
    this.root = h("article", { class: "vl-tile", tabindex: "-1" }, this.media, this.body);
    this.root.dataset.id = item.id;
    this._label();
  }

  get id() { return this.item.id; }
  get playable() { return this.item.state === "made" && !this._failed; }

  /** Build what is inside, or bring it up to date. */
  fill() {
    if (this._stale) this._show();
    if (this._filled) return;
    this._filled = true;
    const { view } = this;
    this.still = h("img", { class: "vl-still", alt: "", decoding: "async", hidden: true });
    this.state = h("div", { class: "vl-state" });
    this.mark = toggle(TEXTS.mark, "mark", () => view.toggleMark(this), "vl-mark");
    this.heard = h("span", { class: "vl-heard", role: "img", "aria-label": TEXTS.heard, title: TEXTS.heard, hidden: true }, icon("sound"));
    this.media.append(this.still, this.state, this.mark, this.heard);
    this.media.addEventListener("click", (/** @type {MouseEvent} */ event) => {
      if (!(/** @type {Element} */ (event.target)).closest("button")) view.press(this);
    });
    this.chips = h("div", { class: "vl-chips" });
    this.up = toggle(TEXTS.up, "up", () => view.rate(this, "thumb", this.item.thumb === true ? null : true), "vl-up");
    this.down = toggle(TEXTS.down, "down", () => view.rate(this, "thumb", this.item.thumb === false ? null : false), "vl-down");
    this.stars = STARS.map((count) => toggle(format(TEXTS.star, { count }), "star", () => view.rate(this, "stars", this.item.stars === count ? null : count), "vl-star"));
    this.facts = h("span", { class: "vl-facts" });
    this.note = h("input", { class: "vl-note", placeholder: TEXTS.note, "aria-label": TEXTS.note, maxlength: "2000", tabindex: "-1",
      onchange: () => view.rate(this, "note", this.note.value.trim() || null) });
    this.flags = h("div", { class: "vl-flags" });
    this.body.append(this.chips, h("div", { class: "vl-row" }, this.up, this.down,
      h("span", { class: "vl-stars", role: "group", "aria-label": TEXTS.stars }, ...this.stars), this.facts), this.note, this.flags);
    this._show();
    this.setCurrent(this.current);
    this.showPoster(this._poster);
  }

  /** Show another state. Far out of sight it is shown later, since a ranking changes all tiles at once. @param {Item} item */
  update(item) {
    if (item.state !== this.item.state) this._failed = "";
    this.item = item;
    this._label();
    this._stale = this._filled && !this.near;
    if (this._filled && this.near) this._show();
  }

  _show() {
    this._stale = false;
    const { item } = this, { thumb, stars, note } = item;
    this._setState();
    this._setChips();
    press(this.up, thumb === true);
    press(this.down, thumb === false);
    this.stars?.forEach((star, index) => press(star, index < (stars ?? 0)));
    press(this.mark, this.marked);
    if (document.activeElement !== this.note) this.note.value = note;
    this.note.title = note;
    this.facts.textContent = this._facts();
    const flags = [...item.flags.map((text) => h("span", { class: "vl-flag", title: text }, labIcon("flag"), text)),
      ...[item.remark, ...item.others].filter(Boolean).map((text) => h("span", { class: "vl-said" }, text))];
    this.flags.replaceChildren(...flags);
  }

  /** Show or hide the focus' place and let the tab key reach what is inside. @param {boolean} current */
  setCurrent(current) {
    this.current = current;
    this.root.tabIndex = current ? 0 : -1;
    this.root.classList.toggle("vl-current", current);
    if (this._filled) for (const each of [this.mark, this.up, this.down, ...(this.stars ?? []), this.note]) each.tabIndex = current ? 0 : -1;
  }

  /** @param {boolean} marked */
  setMarked(marked) {
    this.marked = marked;
    this.root.classList.toggle("vl-marked", marked);
    if (this._filled) press(this.mark, marked);
  }

  /** @param {boolean} heard */
  setHeard(heard) {
    this.root.classList.toggle("vl-sounding", heard);
    if (this._filled) this.heard.hidden = !heard;
  }

  /** @param {string} url */
  showPoster(url) {
    this._poster = url;
    if (!url || !this._filled) return;
    this.still.src = url;
    this.still.hidden = (this.live?.video.currentTime ?? 0) > 0;
  }

  /** Put a player into the tile. @returns {LiveVideo} */
  enliven() {
    this.fill();
    if (this.live) return this.live;
    const live = new LiveVideo(this.view.model, this.id, (reason) => { this._failed = reason; this._setState(); });
    this.live = live;
    this.media.prepend(live.video);
    this.media.append(live.captions.root);
    // Many begin in the dark: the poster stays until something else is to be seen.
    const reveal = () => { if (live.video.currentTime > 0) this.still.hidden = true; };
    for (const name of ["timeupdate", "seeked"]) live.video.addEventListener(name, reveal);
    return live;
  }

  /** Take the player out of the tile again. */
  rest() {
    this.live?.close();
    this.live = null;
    if (this._filled) this.still.hidden = !this._poster;
  }

  _axes() { return Object.values(this.item.axes).join(", ") || this.item.prompt || this.id; }

  _label() {
    const { place, state, stars, thumb } = this.item;
    const said = [format(TEXTS.tile, { place, axes: this._axes(), state: stateLabel(state) })];
    if (stars) said.push(format(TEXTS.star, { count: stars }));
    if (thumb !== null) said.push(thumb ? TEXTS.up : TEXTS.down);
    this.root.setAttribute("aria-label", said.join(". "));
    this.root.dataset.state = state;
  }

  _facts() {
    const { usd, rank } = this.item, parts = [];
    if (rank) {
      const [low, high, best] = rank;
      parts.push(format(low === high ? TEXTS.rankOne : TEXTS.rank, { low, high }));
      if (best >= 0.005) parts.push(format(TEXTS.best, { percent: Math.round(100 * best) }));
    }
    if (usd !== null) parts.push(usd ? format(TEXTS.price, { usd: usd.toFixed(2) }) : TEXTS.free);
    return parts.join(" · ");
  }

  _setState() {
    const { state, error, progress, place } = this.item;
    const shown = this._failed ? "failed" : state;
    this.media.dataset.state = shown;
    this.state.hidden = shown === "made";
    if (this.state.hidden) return;
    const bar = state === "running" ? [h("progress", { max: "1", value: String(progress ?? 0), "aria-label": format(TEXTS.progress, { place }) })] : [];
    const reason = this._failed || error;
    this.state.replaceChildren(h("b", {}, stateLabel(shown)), ...bar, ...(reason ? [h("span", { title: reason }, reason)] : []));
  }

  _setChips() {
    const { axes, prompt } = this.item;
    const key = JSON.stringify([axes, prompt]);
    if (this.chips.dataset.key === key) return;
    this.chips.dataset.key = key;
    const chips = Object.entries(axes).map(([name, value]) => h("span", { class: "vl-chip", title: `${name}: ${value}` }, h("i", {}, `${name} `), String(value)));
    this.chips.replaceChildren(...(chips.length ? chips : [h("span", { class: "vl-prompt" }, prompt || this.id)]));
    this.chips.title = prompt;
  }
}
