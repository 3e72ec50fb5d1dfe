// The page's half of an upload. upload.py describes the protocol and has the kernel's half.

import { crc32, crc32OfPieces } from "./checksum.js";
import { clock, fileSize, format } from "./format.js";
import { encodeBase64, pieceCount, pieceRange, uploadPieceBytes, WINDOW } from "./transfer.js";

const TEXTS = {
  waiting: "queued",
  receiving: "{done} of {size} · {speed}/s · {left} left",
  started: "{done} of {size}",
  paused: "paused at {percent} %",
  busy: "{percent} % · the kernel is busy; the upload continues when it answers",
  lost: "{percent} % · no answer for {time}; the upload continues when the connection is back",
  checking: "uploaded; decoding it",
  unreadable: "{name} can no longer be read; it may have been moved or changed. Choose it again.",
};

const FIRST_PATIENCE = 2000, LONGEST_PATIENCE = 15_000;
const BUSY_AFTER = 2500, LOST_AFTER = 12_000;
const MEASURED_PIECES = 12;

/** @typedef {{kind: string, id?: string, next?: number, ask?: number, text?: string, crc?: number}} Answer */
/** @typedef {"waiting" | "starting" | "sending" | "ending" | "checking" | "paused" | "done" | "failed" | "canceled"} State */

/** The upload of a file: sends it in pieces, and again where pieces were lost, damaged or swapped. */
export class Upload {
  /**
   * @param {File} file
   * @param {(content: any, buffers: any[]) => void} send a message to the kernel
   * @param {{choose?: boolean, text?: boolean, pieceBytes?: number, now?: () => number, onChange?: () => void,
   *   onPiece?: (bytes: Uint8Array, at: number) => void}} [options] `choose`: use the file when it is there; `text`: send
   *   base64 instead of buffers; `now`: a clock in milliseconds; `onPiece`: called with each piece that was sent
   */
  constructor(file, send, options = {}) {
    this.file = file;
    /** @type {State} */
    this.state = "waiting";
    this.error = "";
    this.acked = 0; // pieces
    this.speed = 0; // bytes per second
    this.resumedAt = 0; // the piece at which an earlier upload of the same file goes on
    this.choose = options.choose ?? false;
    this.pieceBytes = options.pieceBytes ?? uploadPieceBytes(options.text ?? false);
    this.pieces = pieceCount(file.size, this.pieceBytes);
    this.key = Math.random().toString(36).slice(2, 12);
    this.id = this.key;
    this._send = send;
    this._text = options.text ?? false;
    this._now = options.now ?? (() => performance.now());
    this._onChange = options.onChange ?? (() => {});
    this._onPiece = options.onPiece ?? (() => {});
    /** @type {(number | undefined)[]} */
    this._checksums = [];
    this._next = 0;
    this._asked = 0;
    this._attempt = 0;
    this._sending = false;
    this._patience = FIRST_PATIENCE;
    this._answeredAt = this._askedAt = this._now();
    /** Times and acknowledged pieces, to measure the speed. @type {[number, number][]} */
    this._marks = [];
  }

  /** Bytes that the kernel has. */
  get done() { return Math.min(this.file.size, this.acked * this.pieceBytes); }
  get percent() { return Math.floor((100 * this.done) / this.file.size); }
  get active() { return ["starting", "sending", "ending"].includes(this.state); }
  get over() { return ["done", "failed", "canceled"].includes(this.state); }
  /** Milliseconds since the kernel's last answer. */
  get silence() { return this.active ? this._now() - this._answeredAt : 0; }

  start() {
    this.id = `${this.key}-${this._attempt++}`;
    this.setState("starting");
    this._offer();
  }

  pause() { if (this.active) this.setState("paused"); }

  resume() {
    if (this.state !== "paused") return;
    this._marks = [];
    this._answeredAt = this._now();
    this.setState("starting");
    this._offer();
  }

  cancel() {
    if (this.over) return;
    this._send({ kind: "cancel", id: this.id }, []);
    this.setState("canceled");
  }

  /** @param {string} error */
  fail(error) {
    this.error = error;
    this.setState("failed");
  }

  /** @param {State} state */
  setState(state) {
    this.state = state;
    this._onChange();
  }

  /** Ask the kernel what it has, after a silence; the waits double from 2 s to 15 s. To be called twice a second. */
  checkSilence() {
    const now = this._now();
    if (!this.active || now - Math.max(this._answeredAt, this._askedAt) < this._patience) return;
    this._patience = Math.min(LONGEST_PATIENCE, this._patience * 2);
    this._askedAt = now;
    if (this.state === "starting") this._offer();
    else this._send({ kind: "ask", id: this.id, ask: ++this._asked }, []);
    if (this.state === "ending") void this._end();
    this._onChange();
  }

  /** Act on an answer of the kernel; those to other uploads are ignored. @param {Answer} answer */
  receive(answer) {
    if (answer.id !== this.id || this.over) return;
    this._answeredAt = this._now();
    this._patience = FIRST_PATIENCE;
    if (answer.kind === "failed") this.fail(answer.text ?? "");
    else if (answer.kind === "unknown") this.start();
    else if (answer.kind === "complete") this.setState("checking");
    else if (answer.kind === "ready") this.setState("done");
    else if (answer.kind === "received") this._acknowledge(answer);
    else if (answer.kind === "resend") this._rewind(answer.next ?? 0);
  }

  _offer() {
    const { name, size, lastModified } = this.file;
    const facts = { name, size, modified: lastModified || 0, piece: this.pieceBytes, choose: this.choose };
    this._askedAt = this._now();
    this._send({ kind: "begin", id: this.id, ask: ++this._asked, ...facts }, []);
  }

  /** @param {Answer} answer */
  _acknowledge(answer) {
    const next = answer.next ?? 0;
    if (this.state === "starting") {
      this.acked = this._next = this.resumedAt = next;
      this._marks = [[this._now(), next]];
      this.setState("sending");
    } else {
      this.acked = Math.max(this.acked, next);
      // Pieces that were sent before the question and are missing in its answer were lost.
      if (answer.ask === this._asked) this._rewind(next);
      this._measure();
      this._onChange();
    }
    void this._sendPieces();
  }

  /** Go back to a piece. @param {number} next */
  _rewind(next) {
    if (next < this._next) this._next = next;
    if (this.state === "ending" && next < this.pieces) this.setState("sending");
    void this._sendPieces();
  }

  _measure() {
    const now = this._now();
    this._marks.push([now, this.acked]);
    if (this._marks.length > MEASURED_PIECES) this._marks.shift();
    const [then, before] = this._marks[0];
    if (now > then) this.speed = ((this.acked - before) * this.pieceBytes * 1000) / (now - then);
  }

  /** Send pieces until the window is full; after the last acknowledged one end the upload. */
  async _sendPieces() {
    if (this._sending) return;
    this._sending = true;
    try {
      while (this.state === "sending" && this._next < this.pieces && this._next - this.acked < WINDOW) await this._sendPiece();
    } catch {
      this.fail(format(TEXTS.unreadable, { name: this.file.name }));
    } finally {
      this._sending = false;
    }
    if (this.state === "sending" && this.acked >= this.pieces) {
      this.setState("ending");
      await this._end();
    }
  }

  async _sendPiece() {
    const seq = this._next++;
    const bytes = await this._read(seq);
    const crc = (this._checksums[seq] = crc32(bytes));
    // An answer may have come while the piece was read.
    if (this.state !== "sending" || this._next !== seq + 1 || seq < this.acked) return;
    const content = { kind: "piece", id: this.id, seq, crc };
    if (this._text) this._send({ ...content, data: encodeBase64(bytes) }, []);
    else this._send(content, [bytes.buffer]);
    this._onPiece(bytes, seq * this.pieceBytes);
  }

  /** @param {number} seq */
  async _read(seq) {
    return new Uint8Array(await this.file.slice(...pieceRange(seq, this.file.size, this.pieceBytes)).arrayBuffer());
  }

  async _end() {
    try {
      /** @type {number[]} */
      const checksums = [];
      for (let seq = 0; seq < this.pieces; seq++) {
        // Pieces that an earlier page has sent are read once more: the checksum is that of the file as it is now.
        checksums.push((this._checksums[seq] ??= crc32(await this._read(seq))));
      }
      if (this.state === "ending") this._send({ kind: "end", id: this.id, crc: crc32OfPieces(checksums) }, []);
    } catch {
      this.fail(format(TEXTS.unreadable, { name: this.file.name }));
    }
  }
}

/** Describe an upload's progress for the line beside its name. @param {Upload} upload */
export function progressText(upload) {
  const { percent, file, done, speed, silence } = upload;
  if (upload.state === "waiting") return TEXTS.waiting;
  if (upload.state === "checking") return TEXTS.checking;
  if (upload.state === "paused") return format(TEXTS.paused, { percent });
  if (silence > LOST_AFTER) return format(TEXTS.lost, { percent, time: clock(silence / 1000) });
  if (silence > BUSY_AFTER) return format(TEXTS.busy, { percent });
  const sizes = { done: fileSize(done), size: fileSize(file.size) };
  if (!speed) return format(TEXTS.started, sizes);
  return format(TEXTS.receiving, { ...sizes, speed: fileSize(speed), left: clock((file.size - done) / speed) });
}
