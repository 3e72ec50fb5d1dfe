// The view of a lab: its videos in tiles that play in step.

import { h } from "./elements.js";
import { format } from "./format.js";
import { LabHead } from "./lab_head.js";
import { commandFor, focusOf } from "./lab_keys.js";
import { arrange, compareColumns, moveBy } from "./lab_list.js";
import { LabPlayback, MOST_LIVE } from "./lab_playback.js";
import { LabSight } from "./lab_sight.js";
import { Tile } from "./lab_tile.js";
import { goneNotice, keepKeys } from "./notebook.js";
import { watchConnection } from "./server.js";
/** @import { Model } from "./elements.js" */
/** @import { Item } from "./lab_list.js" */

const TEXTS = {
  lab: "Prompt lab {name}",
  tiles: "Variants",
  none: "No variant passes the filter.",
  empty: "No variants yet: add some with lab.grid() or lab.add().",
  gone: "The kernel was restarted or closed. What has loaded still plays, but votes are not kept.",
  silent: "The notebook server does not answer. Votes are kept when it is back.",
  rated: "Kept for variant {place}",
  keys: "Space plays · arrows move · 1–5 stars, 0 none · + − thumbs · M marks · Enter enlarges what is marked · A or Shift 1–9 chooses the sound · "
    + "N note · C captions · S mute · J L 5 s · [ ] \\ loop · < > speed",
  compareKeys: "Space plays · 1–9 chooses the sound · + − thumbs · Shift 1–5 stars · arrows move · J L 5 s · [ ] \\ loop · Escape goes back",
};

const RANKS_AFTER = 1500; // ms after the view was made

/** A view of a lab; there may be several. */
export class LabView {
  /** @param {Model} model @param {HTMLElement} el @param {AbortSignal} signal closes the view */
  constructor(model, el, signal) {
    this.model = model;
    /** @type {Map<string, Tile>} */
    this.tiles = new Map();
    /** @type {Item[]} */
    this.items = [];
    /** @type {Item[]} those that are shown, in order */
    this.shown = [];
    /** @type {Record<string, number[]>} */
    this._ranks = {};
    this._comparing = false;
    this._current = "";
    this._columns = 3;
    this.compared = /** @type {string[]} */ ([]);
    this.head = new LabHead(this, signal);
    this.playback = new LabPlayback(this);
    this.grid = h("div", { class: "vl-grid", role: "feed", "aria-label": TEXTS.tiles });
    this.sight = new LabSight(this.grid, model, (target) => this.tileOf(target), () => this.playback.settleSoon());
    this._build(el);
    this._listen(signal);
    this._readAll();
    // The ranking of many takes seconds of the kernel's time: first the tiles and their posters.
    const timer = setTimeout(() => this._askRanks(), RANKS_AFTER);
    signal.addEventListener("abort", () => clearTimeout(timer));
  }

  /** @param {HTMLElement} el */
  _build(el) {
    this.emptyNote = h("p", { class: "vl-empty", hidden: true });
    this.help = h("p", { class: "vl-keys" });
    this.live = h("div", { class: "vx-hidden", role: "status", "aria-live": "polite" });
    this.alertBox = h("div", { class: "vl-alert", role: "alert", hidden: true });
    this.root = h("section", { class: "voxweave-lab", onkeydown: (/** @type {KeyboardEvent} */ event) => this._onKey(event) },
      this.head.root, this.alertBox, this.grid, this.emptyNote, this.playback.bar.root, this.playback.hint, this.help, this.live);
    el.append(this.root);
  }

  /** @param {AbortSignal} signal */
  _listen(signal) {
    const { model, root, grid } = this;
    for (const name of ["_about", "_variants", "_states", "_ratings"]) model.on(`change:${name}`, () => this._readSoon());
    model.on("change:_run", () => this._readRun());
    model.on("change:columns", () => this._layout());
    model.on("change:error", () => this._alert(model.get("error")));
    model.on("msg:custom", (message) => { if (message.kind === "ranks") this._readRanks(message); });
    signal.addEventListener("abort", () => this.close());
    keepKeys(() => root, signal);
    watchConnection(model, root, signal, (unreached) => this._onConnection(unreached));
    for (const name of ["pointerenter", "focusin"]) root.addEventListener(name, () => this.playback.warmUp(), { once: true });
    grid.addEventListener("pointerover", (/** @type {PointerEvent} */ event) => this.playback.hover(this.tileOf(event.target)));
    grid.addEventListener("focusin", (/** @type {FocusEvent} */ event) => {
      const tile = this.tileOf(event.target);
      if (tile) this._setCurrent(tile.id);
    });
  }

  close() {
    this.playback.close();
    this.sight.close();
    this.root.remove();
  }

  // The lab

  /** The kernel changes several traits at once. */
  _readSoon() {
    if (this._reading) return;
    this._reading = true;
    queueMicrotask(() => { this._reading = false; this._readAll(); this._askRanks(); });
  }

  _readAll() {
    const { model } = this, states = model.get("_states") ?? {}, ratings = model.get("_ratings") ?? {};
    const tilesNow = model.get("_run")?.tiles ?? {};
    this.items = (model.get("_variants") ?? []).map((/** @type {any[]} */ [id, axes, prompt, remark, aspect], /** @type {number} */ index) => {
      const [state, usd, error, flags] = states[id] ?? ["to make", null, "", []];
      const [thumb, stars, note, others] = ratings[id] ?? [null, null, "", []];
      const progress = tilesNow[id] ?? null;
      return { id, place: index + 1, axes, prompt, remark, aspect, state: progress !== null && state !== "made" ? "running" : state,
        usd, error, flags, thumb, stars, note, others, rank: this._ranks[id] ?? null, progress };
    });
    const { name, warnings, seconds } = model.get("_about") ?? {};
    this.playback.bar.length = seconds ?? 0;
    this.playback.bar.update();
    this.root.setAttribute("aria-label", format(TEXTS.lab, { name }));
    this._updateTiles();
    this.head.update(name, warnings ?? [], this.items);
    this._readRun();
    this.arrange();
  }

  _updateTiles() {
    const known = new Set(this.items.map(({ id }) => id));
    for (const [id, tile] of this.tiles) if (!known.has(id)) this._removeTile(tile);
    for (const item of this.items) {
      const tile = this.tiles.get(item.id), before = tile?.item.state;
      if (!tile) this.tiles.set(item.id, new Tile(this, item));
      else if (JSON.stringify(tile.item) !== JSON.stringify(item)) tile.update(item);
      if (tile && before !== item.state) this._onState(tile);
    }
  }

  /** @param {Tile} tile */
  _onState(tile) {
    this.sight.posters.forget(tile.id);
    if (!tile.playable) this.playback.rest(tile);
    this.sight.wantPosters();
    this.playback.settleSoon();
  }

  /** @param {Tile} tile */
  _removeTile(tile) {
    this.playback.rest(tile);
    tile.root.remove();
    this.tiles.delete(tile.id);
    this.sight.posters.forget(tile.id);
  }

  _readRun() {
    const run = this.model.get("_run") ?? {}, now = run.tiles ?? {};
    this.head.showRun(run);
    for (const item of this.items) {
      const progress = now[item.id] ?? null, tile = this.tiles.get(item.id);
      if (progress === item.progress || !tile || item.state === "made") continue;
      const state = progress !== null ? "running" : (this.model.get("_states") ?? {})[item.id]?.[0] ?? item.state;
      Object.assign(item, { progress, state });
      tile.update({ ...item });
    }
  }

  _askRanks() { this.model.send({ kind: "rank" }); }

  /** @param {{ranks: Record<string, number[]>, verdict: string}} message */
  _readRanks({ ranks, verdict }) {
    this.head.showVerdict(verdict);
    if (JSON.stringify(ranks) === JSON.stringify(this._ranks)) return;
    this._ranks = ranks;
    this._readAll();
  }

  /** Keep an opinion; it is shown at once. @param {Tile} tile @param {"thumb" | "stars" | "note"} field @param {any} value */
  rate(tile, field, value) {
    const item = { ...tile.item, [field]: field === "note" ? value ?? "" : value };
    this.items = this.items.map((each) => (each.id === item.id ? item : each));
    tile.update(item);
    this.model.send({ kind: "rate", of: tile.id, field, value });
    this.announce(format(TEXTS.rated, { place: item.place }));
  }

  cancelRun() { this.model.send({ kind: "cancel" }); }

  // Order and columns

  /** Show the tiles that pass the filters, or the marked ones, in order. */
  arrange() {
    const { filters, sort, reversed } = this.head;
    this.shown = this._comparing ? this.items.filter(({ id }) => this.compared.includes(id)) : arrange(this.items, filters, sort, reversed);
    const roots = this.shown.map(({ id }) => /** @type {Tile} */ (this.tiles.get(id)).root);
    if (roots.length !== this.grid.children.length || roots.some((root, index) => root !== this.grid.children[index])) this._place(roots);
    this.emptyNote.hidden = roots.length > 0;
    this.emptyNote.textContent = this.items.length ? TEXTS.none : TEXTS.empty;
    this.head.showCount(this.shown.length, this.items.length);
    if (!this.shown.some(({ id }) => id === this._current)) this._setCurrent(this.shown[0]?.id ?? "");
    this._layout();
  }

  /** @param {HTMLElement[]} roots */
  _place(roots) {
    const focused = /** @type {HTMLElement | null} */ (this.grid.contains(document.activeElement) ? document.activeElement : null);
    this.grid.replaceChildren(...roots);
    roots.forEach((root, index) => {
      root.setAttribute("aria-posinset", String(index + 1));
      root.setAttribute("aria-setsize", String(roots.length));
    });
    this.sight.observe(roots);
    if (focused?.isConnected) focused.focus();
  }

  _layout() {
    this._columns = this._comparing ? compareColumns(this.shown.length) : this.model.get("columns");
    this.grid.style.setProperty("--vl-columns", String(this._columns));
    const aspects = new Set(this.items.map(({ aspect }) => aspect));
    this.grid.style.setProperty("--vl-aspect", aspects.size === 1 ? [...aspects][0].replace(":", " / ") : "16 / 9");
    this.root.classList.toggle("vl-comparing", this._comparing);
    this.root.dataset.columns = String(this._columns);
    this.head.showMode(this._comparing, this.marked.length, this._columns);
    this.help.textContent = this._comparing ? TEXTS.compareKeys : TEXTS.keys;
  }

  /** @param {number} columns */
  setColumns(columns) {
    this.model.set("columns", columns);
    this.model.save_changes();
    this._layout();
    this.playback.settleSoon();
  }

  // Marks and the comparison

  /** The ids of the marked tiles, in the order of their adding. */
  get marked() { return this.items.filter(({ id }) => this.tiles.get(id)?.marked).map(({ id }) => id); }

  /** @param {Tile} tile */
  toggleMark(tile) {
    tile.setMarked(!tile.marked);
    this._layout();
  }

  /** A click on a tile's frame. @param {Tile} tile */
  press(tile) {
    this.focus(tile.id);
    this.playback.press(tile);
  }

  clearMarks() {
    for (const tile of this.tiles.values()) tile.setMarked(false);
    this._layout();
  }

  /** Show the marked tiles side by side; the current one alone if none is marked. */
  enlarge() {
    const ids = this.marked.length ? this.marked : [this._current];
    this.compared = ids.slice(0, MOST_LIVE);
    if (!this.compared[0]) return;
    this._comparing = true;
    this.playback.warmUp();
    this.arrange();
    this.focus(this.compared.includes(this._current) ? this._current : this.compared[0]);
  }

  leave() {
    if (!this._comparing) return;
    this._comparing = false;
    this.arrange();
    this.focus(this._current);
  }

  // Focus and keys

  /** Return the tile around a node. @param {EventTarget | null} target @returns {Tile | undefined} */
  tileOf(target) {
    const root = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest?.(".vl-tile"));
    return root ? this.tiles.get(root.dataset.id ?? "") : undefined;
  }

  /** @param {string} id */
  _setCurrent(id) {
    if (id === this._current && this.tiles.get(id)?.current) return;
    this.tiles.get(this._current)?.setCurrent(false);
    this._current = id;
    this.tiles.get(id)?.setCurrent(true);
  }

  /** Move the focus to a tile. @param {string | undefined} id */
  focus(id) {
    const tile = id ? this.tiles.get(id) : undefined;
    if (!id || !tile) return;
    tile.fill();
    this._setCurrent(id);
    tile.root.focus({ preventScroll: true });
    tile.root.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  _onKey(event) {
    const target = /** @type {HTMLElement} */ (event.target), tile = this.tiles.get(this._current);
    if (target.matches(".vl-note") && (event.key === "Enter" || event.key === "Escape")) {
      event.preventDefault();
      event.stopPropagation();
      return this.focus(this._current);
    }
    const command = commandFor(event, focusOf(target), this._comparing);
    if (!command) return;
    const [name, value] = command;
    if (!tile && ["mark", "note", "stars", "thumb", "listen"].includes(name)) return;
    event.preventDefault();
    event.stopPropagation();
    const { commands } = this.playback.bar;
    if (name in commands) commands[name](value);
    else this._commands[name](value, /** @type {Tile} */ (tile));
  }

  /** By their names in lab_keys.js. @type {Record<string, (value: any, tile: Tile) => void>} */
  _commands = {
    toggle: () => void this.playback.toggle(),
    move: (key) => this.focus(this.shown[moveBy(Math.max(0, this.shown.findIndex(({ id }) => id === this._current)), key, this._columns, this.shown.length)]?.id),
    stars: (count, tile) => this.rate(tile, "stars", count || null),
    thumb: (up, tile) => this.rate(tile, "thumb", tile.item.thumb === up ? null : up),
    mark: (_, tile) => this.toggleMark(tile),
    note: (_, tile) => { tile.fill(); tile.note.focus(); },
    listen: (_, tile) => this.playback.listenTo(tile),
    listenTo: (index) => this.playback.listenTo(this.playback.inSight()[index]),
    enlarge: () => (this._comparing ? undefined : this.enlarge()),
    leave: () => this.leave(),
  };

  // Notices

  /** @param {"" | "kernel" | "server"} unreached */
  _onConnection(unreached) {
    this.root.classList.toggle("vl-gone", unreached === "kernel");
    if (unreached === "kernel") {
      this.alertBox.hidden = false;
      this.alertBox.replaceChildren(goneNotice(TEXTS.gone, this.root));
    } else this._alert(unreached ? TEXTS.silent : "");
  }

  /** @param {string} text */
  _alert(text) {
    this.alertBox.textContent = text;
    this.alertBox.hidden = !text;
  }

  /** @param {string} text for screen readers */
  announce(text) { this.live.textContent = text; }
}
