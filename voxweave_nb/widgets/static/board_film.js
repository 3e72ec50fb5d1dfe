// The upper part of a board: a player of the film so far, or a calm place that offers the animatic.

import { h } from "./elements.js";
import { PlayerView } from "./player_view.js";
/** @import { BoardView } from "./board_view.js" */

const TEXTS = {
  nothing: "Nothing to watch yet",
  hint: "The animatic is a free draft of the whole film: it is drawn on this machine, with your narration, captions and the numbers of the scenes.",
  animatic: "Animatic (free)",
  film: "Film (free)",
  filmTip: "Join the chosen takes to the film; scenes without a take show the animatic",
  animaticTip: "Draw a free draft of the whole film on this machine",
  making: { animatic: "Drawing the animatic", film: "Joining the film" },
  progress: { animatic: "Progress of the animatic", film: "Progress of the film" },
  cancel: "Cancel",
  back: "Back to the film",
  take: "A take of one scene is shown.",
};

/** @typedef {"animatic" | "film"} Work */
const WORKS = /** @type {const} */ (["animatic", "film"]);

/** The player of a board. */
export class BoardFilm {
  /** @param {BoardView} view @param {AbortSignal} signal */
  constructor(view, signal) {
    this.view = view;
    this._key = "";
    this.works = h("div", { class: "vb-works" });
    this.back = h("button", { type: "button", class: "vb-button", onclick: () => view.send("film", { kind: "film" }) }, TEXTS.back);
    this.takeBox = h("div", { class: "vb-shown", hidden: true }, h("span", {}, TEXTS.take), this.back);
    this.empty = h("div", { class: "vb-empty" }, h("div", { class: "vb-strip-art", "aria-hidden": "true" }, ...Array.from({ length: 5 }, () => h("i"))),
      h("b", {}, TEXTS.nothing), h("p", {}, TEXTS.hint), this.button("animatic", "vb-button vb-quiet"));
    this.playerBox = h("div", { class: "vb-player" });
    this.root = h("div", { class: "vb-film" }, this.takeBox, this.empty, this.playerBox, this.works);
    this.player = new PlayerView(view.model, this.playerBox, signal);
    const { video } = this.player;
    for (const name of ["timeupdate", "seeked", "play", "emptied"]) video.addEventListener(name, () => this._onTime());
  }

  /** Make a button that begins a work. @param {Work} what @param {string} kind CSS classes */
  button(what, kind) {
    const tip = what === "film" ? TEXTS.filmTip : TEXTS.animaticTip;
    const node = h("button", { type: "button", class: kind, title: tip, onclick: () => this.view.send(what, { kind: "work", what }) }, TEXTS[what]);
    node.dataset.work = what;
    return node;
  }

  /** What the player shows: `"film"`, `"animatic"`, the run of a take, or "". */
  get playing() { return this.view.about.playing ?? ""; }
  get showsFilm() { return this.playing === "film" || this.playing === "animatic"; }

  update() {
    const works = this.view.model.get("_works") ?? {};
    this.empty.hidden = Boolean(this.player.facts.files?.video);
    this.takeBox.hidden = this.showsFilm || !this.playing;
    for (const node of this.view.root.querySelectorAll("[data-work]")) {
      const what = /** @type {Work} */ (node.dataset.work);
      node.disabled = works[what]?.share !== undefined || this.view.calls.isOpen(what);
    }
    const shown = WORKS.filter((what) => works[what]);
    // Progress changes often: what is there is kept, so that the focus is.
    const key = shown.map((what) => `${what} ${works[what].share === undefined}`).join();
    if (key !== this._key) {
      this._key = key;
      this.works.replaceChildren(...shown.map((what) => this._workBox(what, works[what])));
    }
    shown.forEach((what, index) => {
      const bar = this.works.children[index].querySelector("progress");
      if (bar) bar.value = works[what].share;
    });
    this._onTime();
  }

  /** @param {Work} what @param {{share?: number, error?: string, notes?: string[]}} work */
  _workBox(what, { share, error, notes }) {
    if (share === undefined) return h("div", {}, ...(error ? [h("div", { class: "vb-error", role: "alert" }, error)] : []), ...(notes ?? []).map((note) => h("div", { class: "vb-warning" }, note)));
    const cancel = h("button", { type: "button", class: "vb-button", onclick: () => this.view.send(`stop ${what}`, { kind: "stop", what }) }, TEXTS.cancel);
    return h("div", { class: "vb-work" }, h("span", {}, TEXTS.making[what]), h("progress", { max: "1", "aria-label": TEXTS.progress[what] }), cancel);
  }

  /** Seek in the film. @param {number} seconds */
  seek(seconds) { if (this.showsFilm) this.player.seek(seconds); }

  /** Play from a time, or pause. @param {number} seconds */
  playFrom(seconds) {
    const { video } = this.player;
    if (!this.showsFilm) return;
    if (!video.paused) return video.pause();
    this.seek(seconds);
    video.play().catch(() => {}); // an error is reported by its event
  }

  _onTime() {
    const { video, facts } = this.player;
    this.view.wave.showTime(this.showsFilm && facts.files?.video ? video.currentTime : null);
  }
}
