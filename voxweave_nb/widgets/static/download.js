// Files from the kernel to the page, in pieces that the page requests one by one.

import { format } from "./format.js";
import { downloadPieceBytes, dropsBuffers, pieceBytes, pieceCount, WINDOW } from "./transfer.js";
/** @import { Model } from "./elements.js" */

const BUSY_AFTER = 2500;

/** Raised for a file that the kernel cannot read; the message is the file's name. */
export class FileMissing extends Error {}

/** Explain why a file was not downloaded; "" for a download that was aborted. @param {any} error @param {string} missing the text for a missing file */
export function reasonOf(error, missing) {
  if (error instanceof FileMissing) return format(missing, { name: error.message });
  return error.name === "AbortError" ? "" : error.message;
}

/** Downloads over one widget's connection, any number at once. */
export class Downloads {
  /** @param {Model} model */
  constructor(model) {
    this._model = model;
    this._count = 0;
    // Several pages may show the same widget, and each receives all pieces.
    this._key = Math.random().toString(36).slice(2, 10);
    /** @type {Map<string, {receive: (message: any, buffers: any[]) => void, abort: () => void}>} */
    this._active = new Map();
    model.on("msg:custom", (message, buffers) => this._active.get(message.turn)?.receive(message, buffers));
  }

  /**
   * Download a file.
   * @param {string} what the kernel's name for the file @param {number} size in bytes; 0 when it is unknown
   * @param {string} type of the Blob @param {(bytes: number, busy: boolean) => void} [onProgress] with the received bytes,
   *   and true while the kernel has not answered for 2.5 s
   * @returns {Promise<Blob>} rejected with FileMissing, or with an AbortError after `abort()`
   */
  fetch(what, size, type, onProgress = () => {}) {
    const turn = `${this._key}-${++this._count}`, text = dropsBuffers(), step = downloadPieceBytes();
    /** @type {BlobPart[]} */
    const parts = [];
    let count = Math.max(1, pieceCount(size, step)), requested = 0, received = 0, answeredAt = performance.now();
    const request = () => { if (requested < count) this._model.send({ kind: "pull", what, turn, seq: requested++, bytes: step, text }); };
    const report = (/** @type {boolean} */ busy) => onProgress(Math.min(size || Infinity, received * step), busy);
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => report(performance.now() - answeredAt > BUSY_AFTER), 500);
      const end = () => { clearInterval(timer); this._active.delete(turn); };
      const abort = () => { end(); reject(new DOMException("", "AbortError")); };
      const receive = (/** @type {any} */ message, /** @type {any[]} */ buffers) => {
        answeredAt = performance.now();
        if (message.kind === "gone") { end(); return reject(new FileMissing(message.name)); }
        if (parts[message.seq] === undefined) received++;
        parts[message.seq] = pieceBytes(message, buffers);
        // Without a known size a full piece means that another one may follow.
        if (!size && message.seq === count - 1 && message.length === step) count++;
        report(false);
        if (received === count) { end(); resolve(new Blob(parts, { type })); } else request();
      };
      this._active.set(turn, { receive, abort });
      try {
        for (let i = 0; i < WINDOW; i++) request();
      } catch (error) { // the kernel is gone
        end();
        reject(error);
      }
    });
  }

  /** End all downloads. */
  abort() { for (const { abort } of [...this._active.values()]) abort(); }
}
