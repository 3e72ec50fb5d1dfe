// Playing a lab's tiles in step: which of them have a player, and which is heard.

import { h } from "./elements.js";
import { format } from "./format.js";
import { LabBar } from "./lab_bar.js";
import { Transport } from "./sync.js";
/** @import { Tile } from "./lab_tile.js" */
/** @import { LabView } from "./lab_view.js" */

const TEXTS = {
  some: "{live} of {all} in sight play: at most {live} at a time.",
  listening: "Variant {place} is heard",
};

/** Players at a time; more make a page stutter. */
export const MOST_LIVE = 9;
const SETTLE = 160; // ms without scrolling before players move
const HOVER = 140; // ms over a tile before it is heard
const LOAD_PATIENCE = 4000; // ms for the addresses of the videos

/** The players of a view. */
export class LabPlayback {
  /** @param {LabView} view */
  constructor(view) {
    this.view = view;
    this.transport = new Transport();
    this.bar = new LabBar(this.transport, {
      toggle: () => void this.toggle(), mute: () => this._hear(this._heard),
      captions: (on) => { for (const tile of this._live()) tile.live?.showCaptions(on); },
    });
    this.hint = h("div", { class: "vl-hint" });
    this._warm = false; // players are made only once somebody is about to play
    this._pinned = false; // the sound was chosen by a click or a key, not by the pointer's place
    this._heard = "";
    this._overdue = false; // play was asked for, and no video came in time: the first one that comes plays
    this._frame = 0;
    this.transport.onchange = () => this._onTransport();
  }

  /** The tiles in sight that have a video, in order. */
  inSight() { return this.view.sight.tiles().filter((tile) => tile.playable); }

  /** Let the tiles in sight have players from now on. */
  warmUp() {
    if (this._warm) return;
    this._warm = true;
    this.settleSoon();
  }

  /** Give players to the tiles in sight once no more scrolling happens. */
  settleSoon() {
    clearTimeout(this._settle);
    this._settle = setTimeout(() => void this._settleNow(), SETTLE);
  }

  async toggle() {
    this._overdue = false;
    if (this.transport.playing) {
      this._pinned = false;
      return this.transport.pause();
    }
    this._warm = true;
    clearTimeout(this._settle);
    this.view.root.classList.add("vl-loading");
    let timer;
    const patience = new Promise((resolve) => { timer = setTimeout(resolve, LOAD_PATIENCE); });
    await Promise.race([this.view.sight.ready.then(() => this._settleNow()), patience]);
    clearTimeout(timer);
    this.view.root.classList.remove("vl-loading");
    await this.transport.play();
    this._overdue = !this.transport.playing && this._live().length > 0;
  }

  /** A click on a tile's frame: hear it, and play; pause if it is heard already. @param {Tile} tile */
  press(tile) {
    if (this.transport.playing && this._heard === tile.id) return void this.toggle();
    this.listenTo(tile);
    if (!this.transport.playing) void this.toggle();
  }

  /** Hear a tile, until another is chosen or the videos pause. @param {Tile | undefined} tile */
  listenTo(tile) {
    if (!tile) return;
    this._pinned = true;
    this._hear(tile.id);
    this.view.announce(format(TEXTS.listening, { place: tile.item.place }));
  }

  /** The pointer is over a tile, or over none. @param {Tile | undefined} tile */
  hover(tile) {
    clearTimeout(this._hover);
    if (!tile?.live || this._pinned || tile.id === this._heard) return;
    this._hover = setTimeout(() => { if (tile.live && !this._pinned) this._hear(tile.id); }, HOVER);
  }

  /** Take the player from a tile. @param {Tile} tile */
  rest(tile) {
    if (!tile.live) return;
    this.transport.remove(tile.id);
    tile.rest();
  }

  close() {
    cancelAnimationFrame(this._frame);
    clearTimeout(this._settle);
    clearTimeout(this._hover);
    this.transport.close();
    for (const tile of this._live()) tile.rest();
  }

  _live() { return [...this.view.tiles.values()].filter((tile) => tile.live); }

  /** Give the first tiles in sight a player, and take it from all others. @returns {Promise<unknown>} resolved when all have an address */
  _settleNow() {
    const inSight = this.inSight(), chosen = this._warm ? inSight.slice(0, MOST_LIVE) : [];
    for (const tile of this._live()) if (!chosen.includes(tile)) this.rest(tile);
    for (const tile of chosen) if (!tile.live) tile.loading = this._enliven(tile);
    this.hint.textContent = inSight.length > MOST_LIVE && this._warm ? format(TEXTS.some, { live: MOST_LIVE, all: inSight.length }) : "";
    if (chosen.length && !chosen.some(({ id }) => id === this._heard)) this._hear((chosen.find(({ current }) => current) ?? chosen[0]).id);
    return Promise.all(chosen.map(({ loading }) => loading));
  }

  /** @param {Tile} tile */
  async _enliven(tile) {
    const live = tile.enliven();
    await live.load();
    if (tile.live !== live || !live.video.getAttribute("src")) return;
    live.showCaptions(this.bar.captionsOn);
    this.transport.add(tile.id, live.video);
    if (!this._overdue) return;
    this._overdue = false;
    void this.transport.play();
  }

  /** @param {string} id */
  _hear(id) {
    this.view.tiles.get(this._heard)?.setHeard(false);
    this._heard = id;
    this.view.tiles.get(id)?.setHeard(!this.bar.muted);
    this.transport.audible = this.bar.muted ? null : id;
  }

  _onTransport() {
    this.bar.update();
    const waiting = new Set(this.transport.waiting);
    for (const tile of this._live()) {
      tile.root.classList.toggle("vl-waiting", waiting.has(tile.id));
      tile.live?.captions.update();
    }
    if (this.transport.playing && !this._frame) this._turn();
  }

  _turn() {
    this._frame = 0;
    this.bar.update();
    for (const tile of this._live()) tile.live?.captions.update();
    if (this.transport.playing) this._frame = requestAnimationFrame(() => this._turn());
  }
}
