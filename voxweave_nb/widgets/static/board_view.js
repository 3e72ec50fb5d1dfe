// The view of a storyboard: a film, a waveform with the scenes, and a table to edit and make them.

import { Calls } from "./board_calls.js";
import { BoardFilm } from "./board_film.js";
import { BoardHead } from "./board_head.js";
import { BoardTable } from "./board_table.js";
import { BoardWave } from "./board_wave.js";
import { h } from "./elements.js";
import { format } from "./format.js";
import { goneNotice, keepKeys } from "./notebook.js";
import { watchConnection } from "./server.js";
/** @import { Model } from "./elements.js" */

/** The kernel's `row_for_page`: what is empty there has its default here. @typedef {{id: string, start: number, end: number,
 *   words: string[], prompt: string, provider: string, wish: string, usd: number | null, state: string, error: string,
 *   problem: string, left: "" | "paid" | "doubt" | "elsewhere", own: "" | "still" | "clip", follows: boolean,
 *   takes: [string, string, number | null, number | null][], take: number | null, warnings: string[]}} SceneItem */

const TEXTS = {
  board: "Storyboard {name}",
  gone: "The kernel was restarted or closed. Run the cell again to edit the board; nothing that was paid is lost.",
  silent: "The notebook server does not answer. Edits are kept when it is back.",
};
const DEFAULTS = { words: [], prompt: "", provider: "", wish: "", usd: null, error: "", problem: "", left: "", own: "", follows: false, takes: [], take: null, warnings: [] };

/** A view of a board; there may be several. */
export class BoardView {
  /** @param {Model} model @param {HTMLElement} el @param {AbortSignal} signal closes the view */
  constructor(model, el, signal) {
    this.model = model;
    /** @type {SceneItem[]} */
    this.scenes = [];
    /** @type {Map<string, (url: string) => void>} */
    this._thumbnails = new Map();
    this.root = h("section", { class: "voxweave-board" });
    this.calls = new Calls(model, () => this._onCalls());
    this.wave = new BoardWave(this);
    this.film = new BoardFilm(this, signal);
    this.head = new BoardHead(this);
    this.table = new BoardTable(this);
    this.live = h("div", { class: "vx-hidden", role: "status", "aria-live": "polite" });
    this.alertBox = h("div", { class: "vb-alert", role: "alert", hidden: true });
    this.root.append(this.alertBox, this.head.root, this.film.root, this.wave.root, this.table.root, this.live);
    el.append(this.root);
    this._listen(signal);
    this._read();
  }

  /** @returns {any} */
  get about() { return this.model.get("_about") ?? {}; }
  get seconds() { return this.about.seconds || 1; }
  /** Why the last edit of a scene was not made. @returns {Record<string, string>} */
  get said() { return this.model.get("_said") ?? {}; }
  /** @returns {Record<string, number>} */
  get shares() { return this.model.get("_shares") ?? {}; }

  /** @param {AbortSignal} signal */
  _listen(signal) {
    const { model, root } = this;
    for (const name of ["_about", "_rows", "_said"]) model.on(`change:${name}`, () => this._readSoon());
    model.on("change:_run", () => this.head.updateRun());
    model.on("change:_shares", () => this.table.updateStates());
    for (const name of ["_works", "_facts"]) model.on(`change:${name}`, () => this.film.update());
    model.on("change:_wave", () => this.wave.update());
    model.on("msg:custom", (message) => this._receive(message));
    signal.addEventListener("abort", () => { this.table.close(); root.remove(); });
    keepKeys(() => root, signal);
    watchConnection(model, root, signal, (unreached) => this._onConnection(unreached));
  }

  /** The kernel changes several traits at once. */
  _readSoon() {
    if (this._reading) return;
    this._reading = true;
    queueMicrotask(() => { this._reading = false; this._read(); });
  }

  _read() {
    this.scenes = (this.model.get("_rows") ?? []).map((/** @type {any} */ row) => ({ ...DEFAULTS, ...row }));
    this.root.setAttribute("aria-label", format(TEXTS.board, { name: this.about.name }));
    this.root.style.setProperty("--vb-aspect", String(this.about.aspect || 16 / 9));
    this.head.update();
    this.wave.update();
    this.table.update();
    this.wave.mark(this.table.current);
    this.film.update();
  }

  _onCalls() {
    this.head.updateRun();
    this.table.updateStates();
    this.film.update();
  }

  /** @param {any} message */
  _receive(message) {
    if (message?.kind !== "thumbnail") return;
    this._thumbnails.get(message.of)?.(message.url);
    this._thumbnails.delete(message.of);
  }

  // Requests

  /** Ask for something about a scene; one thing at a time. @param {SceneItem} scene @param {Record<string, any>} message */
  ask(scene, message) { return this.calls.ask(scene.id, { ...message, of: scene.id }); }

  /** Ask for something about the board. @param {string} name @param {Record<string, any>} message */
  send(name, message) { return this.calls.ask(name, message); }

  /** @param {SceneItem} scene */
  isBusy(scene) { return this.calls.isOpen(scene.id); }

  /** Request a thumbnail. @param {string} name @returns {Promise<string>} */
  fetchThumbnail(name) {
    return new Promise((resolve) => {
      this._thumbnails.set(name, resolve);
      this.model.send({ kind: "thumbnail", of: name });
    });
  }

  /** @param {string} name */
  thumbnailOf(name) { return this.table?.urlOf(name); }

  // The current scene

  /** @param {number} index */
  setCurrent(index) {
    this.table.setCurrent(index);
    this.wave.mark(index);
    this.wave.reveal(index);
  }

  /** Show a scene in the table. @param {number} index @param {boolean} [focus] */
  choose(index, focus = false) { this.table.show(index, focus); }

  // Notices

  /** True in a panel, which itself reports a kernel or server that is gone. */
  get _inPanel() { return this.root.closest(".voxweave-panel") !== null; }

  /** @param {"" | "kernel" | "server"} unreached */
  _onConnection(unreached) {
    const gone = unreached === "kernel";
    this.root.classList.toggle("vb-gone", gone);
    if (gone) this.calls.abandon();
    this.alertBox.hidden = !unreached || this._inPanel;
    if (!this.alertBox.hidden) this.alertBox.replaceChildren(gone ? goneNotice(TEXTS.gone, this.root) : TEXTS.silent);
  }

  /** @param {string} text for screen readers */
  announce(text) { this.live.textContent = text; }
}
