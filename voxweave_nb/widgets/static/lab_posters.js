// The posters of the tiles in sight: requested a few at a time, the newest wish first.

/** Loads posters. One that is no longer wanted when its turn comes is left out. */
export class Posters {
  /** @param {(id: string) => Promise<string>} fetch @param {(id: string, url: string) => void} show @param {number} [most] at a time */
  constructor(fetch, show, most = 12) {
    this._fetch = fetch;
    this._show = show;
    this._most = most;
    /** @type {Map<string, string>} */
    this._urls = new Map();
    /** @type {Set<string>} */
    this._wanted = new Set();
    /** Each with its own mark. @type {Map<string, symbol>} */
    this._running = new Map();
  }

  /** Replace the posters that are wanted. @param {string[]} ids in the order of their loading */
  want(ids) {
    this._wanted = new Set(ids.filter((id) => !this._urls.has(id) && !this._running.has(id)));
    this._next();
  }

  /** Forget one that has changed. @param {string} id */
  forget(id) {
    const url = this._urls.get(id);
    if (url) URL.revokeObjectURL(url);
    this._urls.delete(id);
    this._running.delete(id);
  }

  close() {
    this._wanted.clear();
    for (const id of [...this._urls.keys()]) this.forget(id);
  }

  _next() {
    for (const id of this._wanted) {
      if (this._running.size >= this._most) return;
      this._wanted.delete(id);
      void this._load(id);
    }
  }

  /** @param {string} id */
  async _load(id) {
    const mark = Symbol(id);
    this._running.set(id, mark);
    const url = await this._fetch(id);
    if (this._running.get(id) !== mark) return URL.revokeObjectURL(url); // forgotten meanwhile
    this._running.delete(id);
    this._urls.set(id, url);
    this._show(id, url);
    this._next();
  }
}
