// Requests to the kernel that are answered once; the same one is not sent again while it is under way.

/** @import { Model } from "./elements.js" */

/** The requests of one view. A button that pays stays locked until the kernel has answered. */
export class Calls {
  /** @param {Model} model @param {() => void} onChange called when a request begins or ends */
  constructor(model, onChange) {
    this._model = model;
    this._onChange = onChange;
    // Several pages may show the same board, and each receives all answers.
    this._key = Math.random().toString(36).slice(2, 10);
    this._count = 0;
    /** @type {Map<string, {name: string, resolve: (answered: boolean) => void}>} */
    this._open = new Map();
    model.on("msg:custom", (message) => { if (message?.kind === "done") this._end(message.turn, true); });
  }

  /** @param {string} name */
  isOpen(name) { return [...this._open.values()].some((call) => call.name === name); }

  /**
   * Send a request. @param {string} name of what it does to what: a second one of that name is not sent
   * @param {Record<string, any>} message @returns {Promise<boolean>} true once the kernel has answered
   */
  ask(name, message) {
    if (this.isOpen(name)) return Promise.resolve(false);
    const turn = `${this._key}-${++this._count}`;
    return new Promise((resolve) => {
      this._open.set(turn, { name, resolve });
      try {
        this._model.send({ ...message, turn });
      } catch { // the kernel is gone
        return this._end(turn, false);
      }
      this._onChange();
    });
  }

  /** Give up waiting: the kernel is gone. */
  abandon() { for (const turn of [...this._open.keys()]) this._end(turn, false); }

  /** @param {string} turn @param {boolean} answered */
  _end(turn, answered) {
    const call = this._open.get(turn);
    if (!call) return;
    this._open.delete(turn);
    call.resolve(answered);
    this._onChange();
  }
}
