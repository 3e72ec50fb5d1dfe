// The table of a board's scenes: one row for each, of which one is current; thumbnails are loaded for the rows in sight.

import { commandFor, rowAfterKey } from "./board_keys.js";
import { BoardRow } from "./board_row.js";
import { h } from "./elements.js";
import { Posters } from "./lab_posters.js";
/** @import { Focus } from "./board_keys.js" */
/** @import { BoardView } from "./board_view.js" */

const TEXTS = {
  table: "Scenes of {name}",
  heads: ["Scene", "Takes", "Words and prompt", "State, provider and price"],
  keys: "Keys in the table: arrows move · Enter or P edits the prompt · S and arrows choose where to split · M merges with the next · R goes to the button for one more take · "
    + "1–9 choose a take · B goes to the boundary · Space plays",
};
const NEAR = "300px 0px";

/** The table. */
export class BoardTable {
  /** @param {BoardView} view */
  constructor(view) {
    this.view = view;
    /** @type {Map<string, BoardRow>} */
    this.byId = new Map();
    /** @type {BoardRow[]} */
    this.rows = [];
    this.current = 0;
    /** @type {Set<Element>} */
    this._sight = new Set();
    /** @type {Map<string, string>} */
    this._urls = new Map();
    this.body = h("div", { role: "rowgroup", class: "vb-body" });
    this.head = h("div", { role: "rowgroup", class: "vb-heads" }, h("div", { role: "row" }, ...TEXTS.heads.map((text) => h("div", { role: "columnheader" }, text))));
    this.scroll = h("div", { class: "vb-table", role: "table", onkeydown: (/** @type {KeyboardEvent} */ event) => this._onKey(event),
      onfocusin: (/** @type {FocusEvent} */ event) => this._onFocus(event), onpointerdown: (/** @type {PointerEvent} */ event) => this._onFocus(event) }, this.head, this.body);
    this.root = h("div", {}, this.scroll, h("p", { class: "vb-keys" }, TEXTS.keys));
    this.posters = new Posters((name) => view.fetchThumbnail(name), (name, url) => this._show(name, url), 3);
    this._observer = new IntersectionObserver((entries) => this._onSight(entries), { root: this.scroll, rootMargin: NEAR });
  }

  close() {
    this._observer.disconnect();
    this.posters.close();
  }

  update() {
    const { scenes, about } = this.view, known = new Set(scenes.map(({ id }) => id));
    this.scroll.setAttribute("aria-label", TEXTS.table.replace("{name}", about.name ?? ""));
    const inside = this.body.contains(this._focused());
    for (const [id, row] of this.byId) if (!known.has(id)) this._remove(id, row);
    this.rows = scenes.map((scene, index) => {
      const row = this.byId.get(scene.id) ?? this._add(scene.id, index);
      row.update(scene, index, index === scenes.length - 1);
      return row;
    });
    this.rows.forEach(({ root }, index) => { if (this.body.children[index] !== root) this.body.insertBefore(root, this.body.children[index] ?? null); });
    this.setCurrent(Math.min(this.current, scenes.length - 1));
    if (inside && !this.body.contains(this._focused())) this.rows[this.current]?.root.focus();
    this._wantThumbnails();
  }

  /** Show states and progress alone. */
  updateStates() { for (const row of this.rows) row.updateState(); }

  /** @param {number} index */
  setCurrent(index) {
    this.current = Math.max(0, index);
    this.rows.forEach((row, place) => { if (row.root.classList.contains("vb-current") !== (place === this.current)) row.setCurrent(place === this.current); });
  }

  /** Go to a row. @param {number} index @param {boolean} [focus] */
  show(index, focus = false) {
    const row = this.rows[index];
    if (!row) return;
    this.view.setCurrent(index);
    if (focus) row.root.focus({ preventScroll: true });
    row.root.scrollIntoView({ block: "nearest" });
  }

  /** @param {string} name */
  urlOf(name) { return this._urls.get(name); }

  _focused() { return /** @type {Node | null} */ (/** @type {any} */ (this.root.getRootNode()).activeElement); }

  /** @param {string} id @param {number} index */
  _add(id, index) {
    const row = new BoardRow(this.view, this.view.scenes[index]);
    this.byId.set(id, row);
    this._observer.observe(row.root);
    return row;
  }

  /** @param {string} id @param {BoardRow} row */
  _remove(id, row) {
    this._observer.unobserve(row.root);
    this._sight.delete(row.root);
    row.root.remove();
    this.byId.delete(id);
  }

  /** @param {IntersectionObserverEntry[]} entries */
  _onSight(entries) {
    for (const { target, isIntersecting } of entries) this._sight[isIntersecting ? "add" : "delete"](target);
    this._wantThumbnails();
  }

  _wantThumbnails() { this.posters.want([...new Set(this.rows.filter(({ root }) => this._sight.has(root)).flatMap(({ thumbnails }) => thumbnails))]); }

  /** @param {string} name @param {string} url */
  _show(name, url) {
    this._urls.set(name, url);
    for (const row of this.rows) row.showThumbnail(name, url);
  }

  /** @param {Event} event */
  _onFocus(event) {
    const root = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".vb-row"));
    const index = this.rows.findIndex((row) => row.root === root);
    if (index >= 0 && index !== this.current) this.view.setCurrent(index);
  }

  /** @param {HTMLElement} target @returns {Focus} */
  _focusOf(target) {
    if (target.matches(".vb-row")) return "row";
    if (target.matches("textarea, select, input")) return "field";
    return target.matches(".vb-words") ? "words" : target.closest("button") ? "button" : "other";
  }

  /** @param {KeyboardEvent} event */
  _onKey(event) {
    const command = commandFor(event, this._focusOf(/** @type {HTMLElement} */ (event.target))), row = this.rows[this.current];
    if (!command || !row) return;
    const [name, value] = command;
    event.preventDefault();
    event.stopPropagation();
    this._commands[name](row, value);
  }

  /** By their names in board_keys.js. @type {Record<string, (row: BoardRow, value: any) => void>} */
  _commands = {
    move: (row, key) => this.show(rowAfterKey(row.index, key, this.rows.length), true),
    play: (row) => row.play(),
    prompt: (row) => { row.prompt.focus(); row.prompt.select(); },
    words: (row) => row.words.root.focus(),
    redo: (row) => row.redo.focus(), // it pays: the key leads to the button that says the price
    merge: (row) => row.mergeNext(),
    take: (row, index) => row.choose(index),
    boundary: (row) => this.view.wave.focus(row.index),
  };
}
