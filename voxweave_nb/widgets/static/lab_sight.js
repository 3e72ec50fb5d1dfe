// The tiles in sight: they are filled a few at a time, and their posters are requested.

import { fetchPoster } from "./lab_media.js";
import { Posters } from "./lab_posters.js";
/** @import { Model } from "./elements.js" */
/** @import { Tile } from "./lab_tile.js" */

const NEAR = "500px 0px"; // tiles are filled so far out of sight
const FILLING = 8; // ms of a frame, so that no task is long
const FIRST = 9; // tiles are filled at once, without waiting for a frame

/** Watches which tiles a person sees. */
export class LabSight {
  /** @param {HTMLElement} grid @param {Model} model @param {(target: EventTarget | null) => Tile | undefined} tileOf @param {() => void} onChange */
  constructor(grid, model, tileOf, onChange) {
    this._tileOf = tileOf;
    this._onChange = onChange;
    /** @type {Set<Tile>} */
    this._seen = new Set();
    /** @type {Set<Tile>} */
    this._toFill = new Set();
    this._frame = 0;
    this._watched = false;
    /** Resolves when it is known which of the watched tiles are in sight. @type {Promise<void>} */
    this.ready = Promise.resolve();
    /** @type {() => void} */
    this._settle = () => {};
    /** @type {Tile[]} */
    this._order = [];
    this.posters = new Posters((id) => fetchPoster(model, id), (id, url) => this._order.find((tile) => tile.id === id)?.showPoster(url));
    this._near = new IntersectionObserver((entries) => this._onNear(entries), { root: grid, rootMargin: NEAR });
    this._sight = new IntersectionObserver((entries) => this._onSight(entries), { root: grid, threshold: 0.3 });
  }

  /** Watch other tiles. @param {HTMLElement[]} roots in order */
  observe(roots) {
    this._near.disconnect();
    this._sight.disconnect();
    this._seen.clear();
    if (roots.length) this.ready = new Promise((resolve) => { this._settle = resolve; });
    this._order = roots.map((root) => /** @type {Tile} */ (this._tileOf(root)));
    for (const root of roots) { this._near.observe(root); this._sight.observe(root); }
    for (const tile of this._order.slice(0, FIRST)) tile.fill();
    if (!this._watched) this._want(this._order.slice(0, FIRST));
    this._watched = true;
  }

  /** The tiles in sight, in order. */
  tiles() { return this._order.filter((tile) => this._seen.has(tile)); }

  /** Request the posters of the tiles in sight, then of those that are near, or in sight by a strip. */
  wantPosters() { this._want([...this.tiles(), ...this._order.filter((tile) => tile.near && !this._seen.has(tile))]); }

  /** @param {Tile[]} tiles */
  _want(tiles) { this.posters.want(tiles.filter(({ playable }) => playable).map(({ id }) => id)); }

  close() {
    cancelAnimationFrame(this._frame);
    this._near.disconnect();
    this._sight.disconnect();
    this.posters.close();
  }

  /** @param {IntersectionObserverEntry[]} entries */
  _onNear(entries) {
    for (const { target, isIntersecting } of entries) {
      const tile = this._tileOf(target);
      if (!tile) continue;
      tile.near = isIntersecting;
      if (isIntersecting) this._toFill.add(tile);
      else this._toFill.delete(tile);
    }
    if (this._toFill.size && !this._frame) this._frame = requestAnimationFrame(() => this._fillSome());
    this.wantPosters();
  }

  _fillSome() {
    this._frame = 0;
    const end = performance.now() + FILLING;
    for (const tile of this._toFill) {
      this._toFill.delete(tile);
      tile.fill();
      if (performance.now() > end) break;
    }
    if (this._toFill.size) this._frame = requestAnimationFrame(() => this._fillSome());
  }

  /** @param {IntersectionObserverEntry[]} entries */
  _onSight(entries) {
    for (const { target, isIntersecting } of entries) {
      const tile = this._tileOf(target);
      if (tile && isIntersecting) this._seen.add(tile);
      else if (tile) this._seen.delete(tile);
    }
    this._settle();
    this.wantPosters();
    this._onChange();
  }
}
