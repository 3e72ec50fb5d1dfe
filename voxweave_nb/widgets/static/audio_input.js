// A narration from the person's own machine. The protocol is told in pieces.py; the kernel's half is there, too.
// One session belongs to a model and outlives its views; a view draws a session and passes on what a person does.

import { h, icon, SVG } from "./elements.js";
import {
  bytesOf, clock, goneNotice, hex, keepKeys, megabytes, PIECE, say, speaksText, watchConnection, WINDOW, within,
} from "./shared.js";
/** @import { Icon, Model } from "./elements.js" */

/** Everything that is said to a person. */
export const TEXTS = {
  group: "Narration",
  drop: "Drop a narration here",
  dropHint: "or paste it. MP3, WAV, M4A, FLAC, OGG, WebM and a video's sound, up to {most}",
  dropNow: "Let go to add it",
  browse: "Choose files",
  record: "Record",
  recordAgain: "Record again",
  add: "Drop another one",
  queue: "Files on their way",
  files: "Narrations that are here",
  waiting: "waits its turn",
  receiving: "{done} of {size} · {speed}/s · {left} left",
  started: "{done} of {size}",
  paused: "paused at {percent} %",
  busy: "{percent} % · the kernel is busy; it goes on when it answers",
  lost: "{percent} % · no answer for {time}; it goes on when the connection is back",
  checking: "is here, being decoded",
  done: "{name} is here, {time} long",
  canceled: "{name} was canceled; nothing was kept",
  resumed: "{name} goes on where it was left, at {percent} %",
  spoken: "{name}: {percent} percent",
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  retry: "Try again",
  dismiss: "Dismiss",
  remove: "Remove {name}",
  play: "Play",
  playPart: "Play the selected part",
  stopPlaying: "Pause",
  fetching: "Bringing the sound from the kernel: {percent} %",
  wave: "Waveform of {name}. Drag to select a part.",
  position: "Position",
  start: "Start of the part",
  end: "End of the part",
  whole: "All {time} will be used. Drag across the waveform to use only a part.",
  part: "{start} to {end} will be used, {time} of {all}",
  useAll: "Use all",
  meter: "Level of the microphone",
  recording: "Recording",
  recordingPaused: "Recording paused",
  recordStarted: "Recording has started",
  finish: "Finish",
  discard: "Discard",
  quiet: "Nothing is heard. Is the right microphone chosen, and not muted?",
  noMicrophone: "This browser gives no microphone to this page. Open it over https or on localhost, or choose a file.",
  denied: "The microphone was not allowed. Allow it in the browser's address bar and press Record again.",
  noDevice: "No microphone was found. Connect one and press Record again, or choose a file.",
  nothingRecorded: "It was finished before anything was recorded. Press Record, speak, then press Finish.",
  recordFailed: "The recording failed ({why}). Press Record again, or choose a file.",
  wrongType: "{name} is {what}, not sound. Choose an audio file: MP3, WAV, M4A, FLAC, OGG, WebM.",
  kinds: {
    pdf: "a PDF", zip: "a ZIP archive or an office document", picture: "a picture", playlist: "a playlist", page: "a web page",
    captions: "a subtitle file", archive: "an archive", text: "a text", program: "a program",
  },
  wrongUnknown: "no file of a kind that holds sound",
  empty: "{name} is empty (0 bytes). Choose another file.",
  tooLarge: "{name} has {size}; at most {most} are taken. Compress or cut it.",
  unreadable: "{name} can no longer be read; it may have been moved or changed. Choose it again.",
  gone: "The kernel was restarted or closed, and this control no longer reaches it. A file that was on its way has to be "
    + "chosen again.",
  server: "The notebook server does not answer. A file on its way goes on when it is back.",
  unplayable: "This browser cannot play {name}; the kernel can use it all the same.",
};

const TEXT_PIECE = 3 * 2 ** 20;
const BINS = 400;
const DECODED_HERE = 16e6;

const KINDS = {
  sound: /\.(mp3|wav|wave|flac|m4a|m4b|mp4|m4v|mov|aac|oga|ogg|opus|webm|weba|mkv|mka|aif|aiff|aifc|caf|wma|asf|3gp)$/i,
  accept: "audio/*,video/mp4,video/webm,video/quicktime,.mp3,.wav,.flac,.m4a,.mp4,.mov,.aac,.ogg,.opus,.webm,.mkv,.aiff,.caf,.wma,.mka",
};

/** What a file that is no sound begins with. */
const OTHERS = /** @type {[string, keyof typeof TEXTS.kinds][]} */ ([
  ["%PDF", "pdf"], ["PK\x03\x04", "zip"], ["\x89PNG", "picture"], ["\xff\xd8\xff", "picture"], ["GIF8", "picture"],
  ["#EXTM3U", "playlist"], ["ffconcat", "playlist"], ["[playlist]", "playlist"], ["<!DOCTYPE", "page"], ["<html", "page"],
  ["WEBVTT", "captions"], ["\x1f\x8b", "archive"], ["7z\xbc\xaf", "archive"], ["Rar!", "archive"], ["{", "text"],
  ["\x7fELF", "program"],
]);

/** @typedef {{kind: string, id?: string, next?: number, ask?: number, text?: string, sha?: string, seq?: number,
 *   length?: number, data?: string}} Message */
/** @typedef {{id: string, name: string, size: number, duration: number}} Here */

// SHA-256: the browser's own where the page is secure, else ours, because a notebook is often served over plain http.

/** @param {Uint8Array} bytes @returns {Promise<Uint8Array>} */
export async function sha256(bytes) {
  const native = globalThis.crypto?.subtle;
  return native ? new Uint8Array(await native.digest("SHA-256", /** @type {any} */ (bytes))) : sha256Here(bytes);
}

const ROUNDS = (() => {
  const words = new Uint32Array(72);
  for (let candidate = 2, count = 0; count < 64; candidate++) {
    let prime = true;
    for (let factor = 2; factor * factor <= candidate; factor++) if (candidate % factor === 0) prime = false;
    if (!prime) continue;
    if (count < 8) words[64 + count] = ((candidate ** 0.5) % 1) * 2 ** 32;
    words[count++] = (Math.cbrt(candidate) % 1) * 2 ** 32;
  }
  return words;
})();

/** @param {Uint8Array} bytes */
export function sha256Here(bytes) {
  const state = ROUNDS.slice(64);
  const whole = bytes.length - (bytes.length % 64);
  const tail = new Uint8Array(bytes.length % 64 < 56 ? 64 : 128);
  tail.set(bytes.subarray(whole));
  tail[bytes.length - whole] = 0x80;
  const view = new DataView(tail.buffer);
  view.setUint32(tail.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(tail.length - 4, bytes.length << 3);
  mix(state, new DataView(bytes.buffer, bytes.byteOffset, whole));
  mix(state, view);
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((word, place) => out.setUint32(place * 4, word));
  return new Uint8Array(out.buffer);
}

/** @param {Uint32Array} state @param {DataView} data */
function mix(state, data) {
  const words = new Int32Array(64);
  for (let at = 0; at < data.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = data.getInt32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const x = words[i - 15], y = words[i - 2];
      const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[i] = (words[i - 16] + low + words[i - 7] + high) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const up = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + up + ((e & f) ^ (~e & g)) + ROUNDS[i] + words[i]) | 0;
      const down = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (down + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
    }
    [a, b, c, d, e, f, g, h].forEach((word, place) => { state[place] = (state[place] + word) | 0; });
  }
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32766) text += String.fromCharCode(...bytes.subarray(at, at + 32766));
  return btoa(text);
}

/**
 * Sends one file and brings it through whatever happens on the way. States: waiting, begin, sending, ending, checking,
 * paused, done, failed, canceled.
 */
export class Sender {
  /**
   * @param {File} file
   * @param {(content: any, buffers: any[]) => void} send
   * @param {{choose?: boolean, text?: boolean, piece?: number, now?: () => number, onChange?: () => void,
   *   onPiece?: (bytes: Uint8Array, at: number) => void}} [options]
   */
  constructor(file, send, options = {}) {
    this.file = file;
    this.state = "waiting";
    this.error = "";
    this.acked = 0;
    this.speed = 0;
    this.resumedAt = 0;
    this.choose = options.choose ?? false;
    this.told = this.again = this._pumping = false;
    this.quarter = 0;
    this.piece = options.piece ?? (options.text ? TEXT_PIECE : PIECE);
    this.pieces = Math.ceil(file.size / this.piece);
    this.key = Math.random().toString(36).slice(2, 12);
    this.id = this.key;
    this._send = send;
    this._text = options.text ?? false;
    this._now = options.now ?? (() => performance.now());
    this._onChange = options.onChange ?? (() => {});
    this._onPiece = options.onPiece ?? (() => {});
    /** @type {(Uint8Array | undefined)[]} */
    this._digests = [];
    this._next = 0;
    this._asked = 0;
    this._attempt = 0;
    this._patience = 2000;
    this._heardAt = this._askedAt = this._now();
    /** @type {[number, number][]} */
    this._marks = [];
  }

  /** Bytes that the kernel has. */
  get done() { return Math.min(this.file.size, this.acked * this.piece); }
  get percent() { return Math.floor((100 * this.done) / this.file.size); }
  get active() { return ["begin", "sending", "ending"].includes(this.state); }
  get over() { return ["done", "failed", "canceled"].includes(this.state); }
  /** Milliseconds since the kernel was last heard. */
  get silence() { return this.active ? this._now() - this._heardAt : 0; }

  start() {
    this.id = `${this.key}-${this._attempt++}`;
    this._become("begin");
    this._begin();
  }

  pause() { if (this.active) this._become("paused"); }

  resume() {
    if (this.state !== "paused") return;
    this._marks = [];
    this._heardAt = this._now();
    this._become("begin");
    this._begin();
  }

  cancel() {
    if (this.over) return;
    this._send({ kind: "cancel", id: this.id }, []);
    this._become("canceled");
  }

  /** @param {string} why */
  fail(why) {
    this.error = why;
    this._become("failed");
  }

  /** Looks at the clock: after a silence it asks what the kernel has. */
  tick() {
    const now = this._now();
    if (!this.active || now - Math.max(this._heardAt, this._askedAt) < this._patience) return;
    this._patience = Math.min(15_000, this._patience * 2);
    this._askedAt = now;
    if (this.state === "begin") this._begin();
    else this._send({ kind: "ask", id: this.id, ask: ++this._asked }, []);
    if (this.state === "ending") void this._end();
    this._onChange();
  }

  /** @param {Message} message */
  hear(message) {
    if (message.id !== this.id || this.over) return;
    this._heardAt = this._now();
    this._patience = 2000;
    if (message.kind === "failed") this.fail(message.text ?? "");
    else if (message.kind === "unknown") this.start();
    else if (message.kind === "whole") this._become("checking");
    else if (message.kind === "ready") this._become("done");
    else if (message.kind === "have") this._have(message);
    else if (message.kind === "again") this._rewind(message.next ?? 0);
  }

  // How it works

  /** @param {string} state */
  _become(state) {
    this.state = state;
    this._onChange();
  }

  _begin() {
    const { name, size, lastModified } = this.file;
    const facts = { name, size, modified: lastModified || 0, piece: this.piece, choose: this.choose };
    this._askedAt = this._now();
    this._send({ kind: "begin", id: this.id, ask: ++this._asked, ...facts }, []);
  }

  /** @param {Message} message */
  _have(message) {
    const next = message.next ?? 0;
    if (this.state === "begin") {
      this.acked = this._next = next;
      this.resumedAt = next;
      this._marks = [[this._now(), next]];
      this._become("sending");
    } else {
      this.acked = Math.max(this.acked, next);
      // What was sent before the question and is not there by the answer was lost.
      if (message.ask === this._asked) this._rewind(next);
      this._measure();
      this._onChange();
    }
    void this._pump();
  }

  /** @param {number} next */
  _rewind(next) {
    if (next < this._next) this._next = next;
    if (this.state === "ending" && next < this.pieces) this._become("sending");
    void this._pump();
  }

  _measure() {
    const now = this._now();
    this._marks.push([now, this.acked]);
    while (this._marks.length > 12) this._marks.shift();
    const [then, before] = this._marks[0];
    if (now > then) this.speed = ((this.acked - before) * this.piece * 1000) / (now - then);
  }

  async _pump() {
    if (this._pumping) return;
    this._pumping = true;
    try {
      while (this.state === "sending" && this._next < this.pieces && this._next - this.acked < WINDOW) await this._one();
    } catch {
      this.fail(say(TEXTS.unreadable, { name: this.file.name }));
    } finally {
      this._pumping = false;
    }
    if (this.state === "sending" && this.acked >= this.pieces) {
      this._become("ending");
      await this._end();
    }
  }

  async _one() {
    const seq = this._next++;
    const bytes = await this._read(seq);
    const digest = (this._digests[seq] = await sha256(bytes));
    if (this.state !== "sending" || this._next !== seq + 1 || seq < this.acked) return;
    const content = { kind: "piece", id: this.id, seq, sha: hex(digest) };
    if (this._text) this._send({ ...content, data: base64(bytes) }, []);
    else this._send(content, [bytes.buffer]);
    this._onPiece(bytes, seq * this.piece);
  }

  /** @param {number} seq */
  async _read(seq) {
    const at = seq * this.piece;
    return new Uint8Array(await this.file.slice(at, Math.min(this.file.size, at + this.piece)).arrayBuffer());
  }

  async _end() {
    try {
      const all = new Uint8Array(32 * this.pieces);
      for (let seq = 0; seq < this.pieces; seq++) {
        // Pieces that an earlier page has sent are read once more: both sides vouch for the whole.
        all.set((this._digests[seq] ??= await sha256(await this._read(seq))), 32 * seq);
      }
      if (this.state === "ending") this._send({ kind: "end", id: this.id, sha: hex(await sha256(all)) }, []);
    } catch {
      this.fail(say(TEXTS.unreadable, { name: this.file.name }));
    }
  }
}

/** Peaks of a PCM WAV file, read off its pieces as they are sent. */
export class WavePeaks {
  /** @param {number} size */
  constructor(size) {
    this.size = size;
    this.peaks = new Array(BINS).fill(0);
    this.known = false;
    this.duration = 0;
  }

  /** @param {Uint8Array} bytes @param {number} at */
  take(bytes, at) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    if (at === 0) this._head(view);
    if (!this.known) return false;
    const { frame, width, offset, length, float } = this;
    const step = frame * Math.max(1, Math.floor(length / frame / (BINS * 400)));
    let place = Math.max(0, at - offset);
    place += (step - (place % step)) % step;
    for (; place < length && offset + place + width <= at + bytes.length; place += step) {
      const spot = offset + place - at;
      const value = float ? view.getFloat32(spot, true) * 100
        : (view.getInt8(spot + width - 1) + (width > 1 ? view.getUint8(spot + width - 2) / 256 : 0)) / 1.28;
      const bin = Math.floor((BINS * place) / length);
      if (Math.abs(value) > this.peaks[bin]) this.peaks[bin] = Math.min(100, Math.abs(value));
    }
    return true;
  }

  /** @param {DataView} view */
  _head(view) {
    /** @param {number} at */
    const word = (at) => String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(at + i)));
    if (view.byteLength < 44 || word(0) !== "RIFF" || word(8) !== "WAVE") return;
    for (let at = 12; at + 8 <= view.byteLength;) {
      const length = view.getUint32(at + 4, true);
      if (word(at) === "fmt ") {
        this.width = view.getUint16(at + 22, true) / 8;
        this.frame = view.getUint16(at + 20, true);
        this.rate = view.getUint32(at + 12, true);
        const kind = view.getUint16(at + 8, true);
        const code = kind === 0xfffe ? view.getUint16(at + 32, true) : kind;
        this.float = code === 3;
        if ((code !== 1 && code !== 3) || this.width < 2 || (this.float && this.width !== 4)) return;
      } else if (word(at) === "data") {
        this.offset = at + 8;
        this.length = Math.min(length || this.size, this.size - this.offset);
        this.duration = this.length / this.frame / this.rate;
        this.known = this.frame > 0;
        return;
      }
      at += 8 + length + (length % 2);
    }
  }

  width = 0; frame = 0; rate = 1; offset = 0; length = 0; float = false;
}

/** Peaks of a sound that is small enough to be decoded in the page. @param {Blob} file */
async function decodedHere(file) {
  const sound = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(await file.arrayBuffer());
  const samples = sound.getChannelData(0);
  const bins = Math.min(BINS, samples.length);
  const peaks = new Array(bins).fill(0);
  samples.forEach((value, place) => {
    const bin = Math.floor((place * bins) / samples.length);
    if (Math.abs(value) > peaks[bin]) peaks[bin] = Math.abs(value);
  });
  return { peaks: scaled(peaks), duration: sound.duration };
}

/** @param {number[]} peaks */
function scaled(peaks) {
  const most = Math.max(...peaks, 1e-6);
  return peaks.map((peak) => Math.round((100 * peak) / most));
}

/** Why a file is not taken, or nothing. @param {File} file @param {number} most */
export async function refusal(file, most) {
  const { name } = file;
  if (file.size === 0) return say(TEXTS.empty, { name });
  if (file.size > most) return say(TEXTS.tooLarge, { name, size: megabytes(file.size), most: megabytes(most) });
  const head = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  const other = OTHERS.find(([start]) => head.toLowerCase().startsWith(start.toLowerCase()));
  if (other) return say(TEXTS.wrongType, { name, what: TEXTS.kinds[other[1]] });
  const typed = /^(audio|video)\//.test(file.type);
  if (!typed && !KINDS.sound.test(name)) return say(TEXTS.wrongType, { name, what: TEXTS.wrongUnknown });
  return "";
}

/** The microphone, with its level and the shape of what it heard. */
class Recorder {
  /** @param {() => void} onChange @param {(file: File, peaks: number[], seconds: number) => void} onDone */
  constructor(onChange, onDone) {
    this.state = "off";
    this.error = "";
    this.level = 0;
    this.seconds = 0;
    /** @type {number[]} */
    this.peaks = [];
    this._onChange = onChange;
    this._onDone = onDone;
  }

  async start() {
    if (this.state !== "off") return;
    this._set("asking");
    try {
      if (!navigator.mediaDevices || !globalThis.MediaRecorder) throw new DOMException("", "NoMicrophone");
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      if (/** @type {string} */ (this.state) !== "asking") return stream.getTracks().forEach((track) => track.stop());
      this._open(stream);
    } catch (error) {
      this._close(this._words(error));
    }
  }

  /** @param {MediaStream} stream */
  _open(stream) {
    this._stream = stream;
    this.peaks = [];
    this.seconds = this.loudest = 0;
    this._context = new AudioContext();
    this._ear = this._context.createAnalyser();
    this._ear.fftSize = 2048;
    this._context.createMediaStreamSource(stream).connect(this._ear);
    const type = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"].find((each) => MediaRecorder.isTypeSupported(each));
    this._recorder = new MediaRecorder(stream, { mimeType: type, audioBitsPerSecond: 128000 });
    /** @type {Blob[]} */
    const parts = [];
    this._recorder.ondataavailable = (event) => { if (event.data.size) parts.push(event.data); };
    this._recorder.onstop = () => this._finished(parts);
    this._recorder.onerror = (event) => this._close(say(TEXTS.recordFailed, { why: /** @type {any} */ (event).error?.name ?? "" }));
    this._recorder.start(1000);
    this._at = performance.now();
    this._timer = setInterval(() => this._listen(), 50);
    this._set("recording");
  }

  _listen() {
    const now = performance.now();
    const samples = new Float32Array(2048);
    this._ear?.getFloatTimeDomainData(samples);
    const peak = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    this.level = peak;
    if (this.state === "recording") {
      this.loudest = Math.max(this.loudest ?? 0, peak);
      this.seconds += (now - (this._at ?? now)) / 1000;
      this.peaks.push(peak);
    }
    this._at = now;
    this._onChange();
  }

  pause() {
    if (this.state === "recording") { this._recorder?.pause(); this._set("paused"); }
    else if (this.state === "paused") { this._recorder?.resume(); this._set("recording"); }
  }

  finish() { if (this._recorder?.state !== "inactive") this._recorder?.stop(); }

  discard() {
    this._dropped = true;
    if (this._recorder && this._recorder.state !== "inactive") this._recorder.stop();
    else this._close("");
  }

  /** @param {Blob[]} parts */
  _finished(parts) {
    const { peaks, seconds } = this;
    const dropped = this._dropped;
    const type = this._recorder?.mimeType.split(";")[0] || "audio/webm";
    this._close(dropped || parts.length ? "" : TEXTS.nothingRecorded);
    if (dropped || !parts.length) return;
    const now = new Date();
    const stamp = new Date(now.getTime() - now.getTimezoneOffset() * 60000).toISOString().slice(0, 19).replace(/[T:]/g, "-");
    const file = new File(parts, `recording-${stamp}.${type.split("/")[1]}`, { type, lastModified: Date.now() });
    this._onDone(file, scaled(squeezed(peaks)), seconds);
  }

  /** @param {string} why */
  _close(why) {
    clearInterval(this._timer);
    this._stream?.getTracks().forEach((track) => track.stop());
    void this._context?.close();
    this._stream = this._context = this._recorder = undefined;
    this._dropped = false;
    this.level = 0;
    this.error = why;
    this._set("off");
  }

  /** @param {any} error */
  _words(error) {
    const known = /** @type {Record<string, string>} */ ({
      NoMicrophone: TEXTS.noMicrophone, NotAllowedError: TEXTS.denied, SecurityError: TEXTS.denied,
      NotFoundError: TEXTS.noDevice, OverconstrainedError: TEXTS.noDevice,
    });
    return known[error?.name] ?? say(TEXTS.recordFailed, { why: error?.message || error?.name || error });
  }

  /** @param {string} state */
  _set(state) {
    this.state = state;
    this._onChange();
  }
}

/** At most so many peaks as are drawn. @param {number[]} peaks */
function squeezed(peaks) {
  if (peaks.length <= BINS) return peaks;
  return Array.from({ length: BINS }, (_, bin) =>
    Math.max(...peaks.slice(Math.floor((bin * peaks.length) / BINS), Math.max(Math.floor(((bin + 1) * peaks.length) / BINS), 1))));
}

/** What goes on for one model, whatever shows it. */
class Session extends EventTarget {
  /** @param {Model} model */
  constructor(model) {
    super();
    this.model = model;
    /** @type {Sender[]} */
    this.queue = [];
    /** What the page itself knows of a file, by id. @type {Map<string, {file?: Blob, url?: string, peaks?: number[], duration?: number}>} */
    this.known = new Map();
    /** @type {string[]} */
    this.errors = [];
    this.gone = false;
    this.fetching = -1;
    /** The last recording's sender, to be replaced by the next. @type {Sender | undefined} */
    this.lastRecording = undefined;
    this.recorder = new Recorder(() => this.changed("recorder"), (file, peaks, seconds) => this._recorded(file, peaks, seconds));
    model.on("msg:custom", (message, buffers) => this._hear(message, buffers));
    model.on("change:_files", () => this._settle());
    model.on("comm_live_update", () => this._lose());
    for (const name of ["_files", "_chosen", "_peaks", "selection", "error", "state"]) model.on(`change:${name}`, () => this.changed(name));
    this._timer = setInterval(() => this._tick(), 500);
  }

  /** @param {string} what */
  changed(what) { this.dispatchEvent(new CustomEvent("change", { detail: what })); }

  /** Words for those who hear the page. @param {string} text */
  tell(text) { this.dispatchEvent(new CustomEvent("tell", { detail: text })); }

  /** @returns {Here | undefined} */
  get chosen() { return this.here.find((each) => each.id === this.model.get("_chosen")); }
  /** @returns {Here[]} */
  get here() { return this.model.get("_files") ?? []; }
  get sending() { return this.queue.find((each) => !each.over && each.state !== "waiting" && each.state !== "checking"); }

  /** @param {File[]} files @returns {Promise<Sender[]>} */
  async add(files) {
    this.errors = [];
    const added = [];
    for (const file of files) {
      const why = await refusal(file, this.model.get("max_bytes"));
      if (why) this.errors.push(why);
      else added.push(this._queue(file, added.length === 0));
    }
    this._turn();
    this.changed("queue");
    return added;
  }

  /** @param {File} file @param {boolean} choose */
  _queue(file, choose) {
    const wave = new WavePeaks(file.size);
    const sender = new Sender(file, (content, buffers) => this._send(content, buffers), {
      choose,
      text: speaksText(),
      onChange: () => this._changed(sender),
      onPiece: (bytes, at) => {
        if (!wave.take(bytes, at)) return;
        this.known.set(sender.key, { ...this.known.get(sender.key), peaks: wave.peaks, duration: wave.duration });
        this.changed("peaks");
      },
    });
    this.known.set(sender.key, { file });
    this.queue.push(sender);
    if (file.size <= DECODED_HERE) {
      decodedHere(file).then((found) => {
        this.known.set(sender.key, { ...this.known.get(sender.key), ...found });
        this.changed("peaks");
      }, () => {}); // the kernel decodes more than a browser does
    }
    return sender;
  }

  /** @param {string} id */
  knows(id) { return this.known.get(id.split("-")[0]); }

  /** @param {Sender} sender */
  _changed(sender) {
    if (sender.state === "done" || sender.state === "canceled") {
      this.queue = this.queue.filter((each) => each !== sender);
      const name = sender.file.name;
      if (sender.state === "canceled") this.tell(say(TEXTS.canceled, { name }));
    }
    if (sender.over || sender.state === "checking" || sender.state === "paused") this._turn();
    if (sender.state === "sending" && sender.resumedAt > 0 && !sender.told) {
      sender.told = true;
      this.tell(say(TEXTS.resumed, { name: sender.file.name, percent: sender.percent }));
    }
    this._announce(sender);
    this.changed("queue");
  }

  /** Progress in four steps: a live region that counts would never be silent. @param {Sender} sender */
  _announce(sender) {
    const quarter = Math.floor(sender.percent / 25);
    if (sender.state !== "sending" || quarter <= (sender.quarter ?? 0)) return;
    sender.quarter = quarter;
    if (quarter < 4) this.tell(say(TEXTS.spoken, { name: sender.file.name, percent: sender.percent }));
  }

  /** Whose turn it is. */
  _turn() {
    if (!this.sending && !this.gone) this.queue.find((each) => each.state === "waiting")?.start();
  }

  _tick() {
    for (const sender of this.queue) sender.tick();
    if (this.queue.some((each) => each.silence > 2500)) this.changed("queue");
  }

  /** What has become ready while nobody heard it said. */
  _settle() {
    const ids = new Set(this.here.map((each) => each.id));
    for (const sender of [...this.queue]) {
      if (!ids.has(sender.id) || sender.over) continue;
      const { name, duration } = /** @type {Here} */ (this.here.find((each) => each.id === sender.id));
      this.tell(say(TEXTS.done, { name, time: clock(duration) }));
      sender._become("done");
    }
  }

  /** @param {any} content @param {any[]} [buffers] */
  _send(content, buffers = []) {
    try {
      this.model.send(content, undefined, buffers);
    } catch {
      this._lose();
    }
  }

  /** @param {Message} message @param {DataView[]} buffers */
  _hear(message, buffers) {
    if (message.kind === "pulled") return this._pulled?.(message, buffers);
    if (message.kind === "cleared") {
      this.queue.forEach((sender) => { sender.state = "canceled"; });
      this.queue = [];
      return this.changed("queue");
    }
    for (const sender of [...this.queue]) sender.hear(message);
  }

  _lose() {
    if (this.gone) return;
    this.gone = true;
    for (const sender of this.queue) if (!sender.over) sender.state = "paused";
    this.changed("gone");
  }

  // What a person does

  /** @param {[number, number] | null} part */
  select(part) { this._send({ kind: "select", part }); }
  /** @param {string} id */
  choose(id) { this._send({ kind: "choose", id }); }
  /** @param {string} id */
  remove(id) { this._send({ kind: "remove", id }); }

  /** @param {Sender} sender */
  dismiss(sender) {
    this.queue = this.queue.filter((each) => each !== sender);
    this.changed("queue");
  }

  /** @param {Sender} sender */
  retry(sender) {
    this.dismiss(sender);
    void this.add([sender.file]);
  }

  record() {
    this.errors = [];
    void this.recorder.start();
  }

  /** @param {File} file @param {number[]} peaks @param {number} seconds */
  async _recorded(file, peaks, seconds) {
    const before = this.lastRecording;
    const [sender] = await this.add([file]);
    if (!sender) return;
    this.known.set(sender.key, { file, peaks, duration: seconds });
    this.lastRecording = sender;
    sender.again = true;
    if (before && this.here.some((each) => each.id === before.id)) this.remove(before.id);
    this.changed("peaks");
  }

  /** A sound to play: the page's own file, or the kernel's in pieces. @param {Here} here @returns {Promise<string>} */
  async url(here) {
    const known = this.knows(here.id) ?? {};
    if (!known.url) {
      known.url = URL.createObjectURL(known.file ?? (await this._pull(here)));
      this.known.set(here.id.split("-")[0], { ...this.knows(here.id), url: known.url });
    }
    return known.url;
  }

  /** @param {Here} here */
  async _pull(here) {
    const piece = PIECE, count = Math.ceil(here.size / piece), text = speaksText();
    /** @type {BlobPart[]} */
    const parts = [];
    for (let seq = 0; seq < count; seq++) {
      this.fetching = Math.floor((100 * seq) / count);
      this.changed("fetching");
      parts.push(await new Promise((resolve) => {
        this._pulled = (message, buffers) => { if (message.seq === seq) resolve(bytesOf(message, buffers)); };
        this._send({ kind: "pull", id: here.id, seq, text });
      }));
    }
    this.fetching = -1;
    this.changed("fetching");
    return new Blob(parts);
  }

  /** @type {((message: Message, buffers: DataView[]) => void) | undefined} */
  _pulled = undefined;

  close() {
    clearInterval(this._timer);
    this.recorder.discard();
    for (const { url } of this.known.values()) if (url) URL.revokeObjectURL(url);
  }
}

// How it is drawn

/** @param {string} label @param {() => void} onclick @param {{icon?: Icon, kind?: string, bare?: boolean}} [more] @returns {any} */
function button(label, onclick, more = {}) {
  const inside = [...(more.icon ? [icon(more.icon)] : []), ...(more.bare ? [] : [label])];
  const props = { type: "button", class: `va-button ${more.kind ?? ""}`, onclick, ...(more.bare ? { "aria-label": label, title: label } : {}) };
  return h("button", props, ...inside);
}

/** Bars as one path, in a box of 100 in height. @param {number[]} peaks */
function bars(peaks) {
  return peaks.map((peak, place) => {
    const half = Math.max(1.2, peak * 0.46);
    return `M${place + 0.5} ${50 - half}V${50 + half}`;
  }).join("");
}

let count = 0;

/** The waveform: it shows, seeks and selects. */
class Wave {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.id = `va-clip-${++count}`;
    this.duration = 0;
    this.position = 0;
    /** @type {[number, number] | null} */
    this.part = null;
    this.dragging = "";
    /** @type {number[] | undefined} */
    this._drawn = undefined;
    this._length = 0;
    this.onSeek = (/** @type {number} */ _seconds) => {};
    this.onPart = () => {};
    this._build();
  }

  _build() {
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.svg.setAttribute("aria-hidden", "true");
    this.svg.innerHTML = `<defs><clipPath id="${this.id}"><rect y="0" height="100" x="0" width="0"/></clipPath></defs>`
      + `<path class="va-bars"/><path class="va-bars va-played" clip-path="url(#${this.id})"/>`;
    this.before = h("div", { class: "va-shade" });
    this.after = h("div", { class: "va-shade" });
    this.needle = h("div", { class: "va-needle", role: "slider", tabindex: "0", "aria-label": TEXTS.position, onkeydown: (/** @type {KeyboardEvent} */ event) => this._key(event, "needle") });
    this.handles = [this._handle("start"), this._handle("end")];
    this.root = h("div", { class: "va-wave", role: "group", onpointerdown: (/** @type {PointerEvent} */ event) => this._down(event) },
      this.svg, this.before, this.after, this.needle, ...this.handles);
  }

  /** @param {"start" | "end"} which */
  _handle(which) {
    return h("div", { class: `va-handle va-${which}`, role: "slider", tabindex: "0", "aria-label": TEXTS[which], "data-which": which, onkeydown: (/** @type {KeyboardEvent} */ event) => this._key(event, which) });
  }

  /** @param {number[]} peaks */
  draw(peaks) {
    if (peaks === this._drawn && peaks.length === this._length) return;
    this._drawn = peaks;
    this._length = peaks.length;
    this.svg?.setAttribute("viewBox", `0 0 ${peaks.length || 1} 100`);
    this.svg?.querySelectorAll(".va-bars").forEach((path) => path.setAttribute("d", bars(peaks)));
    this.place();
  }

  /** Redraws peaks that grew in place. @param {number[]} peaks */
  grow(peaks) {
    this._drawn = undefined;
    this.draw(peaks);
  }

  place() {
    const all = this.duration || 1;
    const [start, end] = this.part ?? [0, this.duration];
    /** @param {number} seconds */
    const share = (seconds) => `${(100 * within(seconds / all, 0, 1)).toFixed(3)}%`;
    this.before.style.cssText = `left:0;width:${share(start)}`;
    this.after.style.cssText = `left:${share(end)};right:0`;
    this.needle.style.left = share(this.position);
    this.handles?.forEach((handle, place) => { handle.style.left = share(place ? end : start); });
    const clip = this.svg?.querySelector("rect");
    clip?.setAttribute("width", String(((this._length || 1) * this.position) / all));
    this._name(this.needle, this.position);
    this._name(this.handles?.[0], start);
    this._name(this.handles?.[1], end);
    this.root.classList.toggle("va-parted", Boolean(this.part));
  }

  /** @param {any} slider @param {number} seconds */
  _name(slider, seconds) {
    slider.setAttribute("aria-valuemin", "0");
    slider.setAttribute("aria-valuemax", this.duration.toFixed(1));
    slider.setAttribute("aria-valuenow", seconds.toFixed(1));
    slider.setAttribute("aria-valuetext", clock(seconds, 1));
  }

  /** @param {PointerEvent} event */
  _at(event) {
    const box = this.root.getBoundingClientRect();
    return within((event.clientX - box.left) / (box.width || 1), 0, 1) * this.duration;
  }

  /** @param {PointerEvent} event */
  _down(event) {
    if (!this.duration || event.button > 0) return;
    event.preventDefault();
    const from = this._at(event);
    const which = /** @type {HTMLElement} */ (event.target).dataset.which;
    const before = this.part;
    let moved = false;
    (which ? /** @type {HTMLElement} */ (event.target) : this.needle).focus({ preventScroll: true });
    this.root.setPointerCapture(event.pointerId);
    this.dragging = which || "new";
    const move = (/** @type {PointerEvent} */ next) => {
      const to = this._at(next);
      moved ||= Math.abs(next.clientX - event.clientX) > 3;
      if (!moved) return;
      const [start, end] = before ?? [0, this.duration];
      this._set(which === "start" ? [to, end] : which === "end" ? [start, to] : [from, to]);
    };
    const up = () => {
      this.root.removeEventListener("pointermove", move);
      this.dragging = "";
      if (moved) this._tell(0);
      else if (!which) this.onSeek(from);
    };
    this.root.addEventListener("pointermove", move);
    this.root.addEventListener("pointerup", up, { once: true });
    this.root.addEventListener("pointercancel", up, { once: true });
  }

  /** @param {[number, number]} part */
  _set([start, end]) {
    const [low, high] = start <= end ? [start, end] : [end, start];
    const least = Math.min(0.1, this.duration);
    const from = within(low, 0, this.duration - least);
    const to = within(high, from + least, this.duration);
    this.part = from <= 0.005 && to >= this.duration - 0.005 ? null : [from, to];
    this.place();
    this.onPart();
  }

  /** @param {KeyboardEvent} event @param {"start" | "end" | "needle"} which */
  _key(event, which) {
    const step = event.shiftKey ? 1 : 0.1;
    const [start, end] = this.part ?? [0, this.duration];
    const now = { start, end, needle: this.position }[which];
    const to = { ArrowLeft: now - step, ArrowDown: now - step, ArrowRight: now + step, ArrowUp: now + step,
      PageDown: now - 5, PageUp: now + 5, Home: 0, End: this.duration }[event.key];
    if (to === undefined || !this.duration) return;
    event.preventDefault();
    const spot = within(to, 0, this.duration);
    if (which === "needle") return this.onSeek(spot);
    this._set(which === "start" ? [Math.min(spot, end - 0.1), end] : [start, Math.max(spot, start + 0.1)]);
    this._tell(200);
  }

  /** @param {number} wait */
  _tell(wait) {
    clearTimeout(this._due);
    this.telling = true;
    this._due = setTimeout(() => {
      this.telling = false;
      this.session.select(this.part);
    }, wait);
  }
}

/** One drawing of a session. */
class View {
  /** @param {Session} session @param {HTMLElement} el */
  constructor(session, el) {
    this.session = session;
    this.rows = new Map();
    this.wave = new Wave(session);
    this.audio = document.createElement("audio");
    this.live2 = new LiveWave();
    this._wasOn = false;
    this._build();
    el.append(this.root);
    this._onChange = (/** @type {any} */ event) => this._changed(event.detail);
    this._onTell = (/** @type {any} */ event) => { this.live.textContent = event.detail; };
    session.addEventListener("change", this._onChange);
    session.addEventListener("tell", this._onTell);
    this._onPaste = (/** @type {ClipboardEvent} */ event) => this._paste(event);
    this.root.addEventListener("paste", this._onPaste);
    this._end = new AbortController();
    /** @type {"" | "kernel" | "server"} */
    this.unreached = "";
    keepKeys(() => this.root, this._end.signal);
    watchConnection(session.model, el, this._end.signal, (gone) => { this.unreached = gone; this._showAlert(); });
    for (const what of ["queue", "_files", "recorder", "error", "gone"]) this._changed(what);
  }

  _build() {
    const session = this.session;
    this.input = h("input", { type: "file", multiple: true, accept: KINDS.accept, class: "vx-hidden", tabindex: "-1", "aria-hidden": "true",
      onchange: () => { void session.add([...this.input.files]); this.input.value = ""; } });
    const browse = button(TEXTS.browse, () => this.input.click(), { kind: "va-primary" });
    this.recordButton = button(TEXTS.record, () => session.record(), { icon: "record" });
    this.dropTitle = h("div", { class: "va-title" }, TEXTS.drop);
    const hint = say(TEXTS.dropHint, { most: megabytes(session.model.get("max_bytes")) });
    this.zone = h("div", { class: "va-zone" }, icon("drop"), h("div", { class: "va-words" }, this.dropTitle, h("div", { class: "va-soft" }, hint)),
      h("div", { class: "va-actions" }, browse, this.recordButton));
    this._buildRecorder();
    this._buildSound();
    this.queue = h("ul", { class: "va-queue", "aria-label": TEXTS.queue });
    this.files = h("ul", { class: "va-files", "aria-label": TEXTS.files });
    this.alert = h("div", { class: "va-alert", role: "alert" });
    this.live = h("div", { class: "vx-hidden", role: "status", "aria-live": "polite" });
    this.root = h("section", { class: "voxweave-audio", "aria-label": TEXTS.group, "data-jp-suppress-context-menu": true },
      this.zone, this.recorder, this.queue, this.sound, this.files, this.alert, this.live, this.input);
    this._buildDrop();
  }

  _buildDrop() {
    let depth = 0;
    /** @param {DragEvent} event @param {number} step */
    const over = (event, step) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      depth = Math.max(0, depth + step);
      this.root.classList.toggle("va-over", depth > 0);
      this.dropTitle.textContent = depth > 0 ? TEXTS.dropNow : this._title();
    };
    this.root.addEventListener("dragenter", (/** @type {DragEvent} */ event) => over(event, 1));
    this.root.addEventListener("dragleave", (/** @type {DragEvent} */ event) => over(event, -1));
    this.root.addEventListener("dragover", (/** @type {DragEvent} */ event) => over(event, 0));
    this.root.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      over(event, -depth);
      void this.session.add([...(event.dataTransfer?.files ?? [])]);
    });
  }

  _title() { return this.session.here.length ? TEXTS.add : TEXTS.drop; }

  /** @param {ClipboardEvent} event */
  _paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    void this.session.add(files);
  }

  _buildRecorder() {
    const recorder = this.session.recorder;
    this.meter = h("div", { class: "va-level" });
    this.meterBox = h("div", { class: "va-meter", role: "meter", "aria-label": TEXTS.meter, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" }, this.meter);
    this.time = h("span", { class: "va-time" }, "0:00");
    this.recordState = h("span", {}, TEXTS.recording);
    this.pauseRecord = button(TEXTS.pause, () => recorder.pause());
    this.finishRecord = button(TEXTS.finish, () => recorder.finish(), { kind: "va-primary", icon: "stop" });
    this.quiet = h("div", { class: "va-soft va-quiet", hidden: true }, TEXTS.quiet);
    this.recorder = h("div", { class: "va-recorder", hidden: true },
      h("div", { class: "va-line" }, h("span", { class: "va-dot", "aria-hidden": "true" }), this.recordState, this.time, this.meterBox),
      this.live2.svg, this.quiet,
      h("div", { class: "va-actions" }, this.finishRecord, this.pauseRecord, button(TEXTS.discard, () => recorder.discard())));
  }

  _buildSound() {
    this.playButton = button(TEXTS.play, () => this._toggle(), { kind: "va-round", icon: "play", bare: true });
    this.partText = h("span", { class: "va-part" });
    this.useAll = button(TEXTS.useAll, () => { this.wave.part = null; this.wave.place(); this._part(); this.session.select(null); this.wave.needle.focus(); }, { kind: "va-small" });
    this.again = button(TEXTS.recordAgain, () => this.session.record(), { kind: "va-small", icon: "record" });
    this.now = h("span", { class: "va-time" }, "0:00.0");
    this.sound = h("div", { class: "va-sound", hidden: true },
      h("div", { class: "va-player" }, this.playButton, this.wave.root),
      h("div", { class: "va-line va-below" }, this.now, this.partText, this.useAll, this.again));
    this.wave.onSeek = (seconds) => this._seek(seconds);
    this.wave.onPart = () => this._part();
    this.audio.addEventListener("timeupdate", () => this._time());
    this.audio.addEventListener("pause", () => this._playing());
    this.audio.addEventListener("play", () => this._playing());
    this.audio.addEventListener("error", () => this._unplayable());
  }

  /** @param {string} what */
  _changed(what) {
    if (what === "recorder") return this._showRecorder();
    if (what === "queue") this._showQueue();
    if (what === "gone") this.root.classList.add(...(this.session.gone ? ["va-gone"] : []));
    if (what === "selection" && (this.wave.dragging || this.wave.telling)) return;
    if (what === "fetching") this.partText.textContent = this.session.fetching < 0 ? "" : say(TEXTS.fetching, { percent: this.session.fetching });
    if (["_files", "_chosen", "_peaks", "queue", "peaks", "selection", "fetching"].includes(what)) this._showSound();
    if (["_files", "_chosen"].includes(what)) this._showFiles();
    this._showAlert();
  }

  _showAlert() {
    const { session } = this;
    const failed = session.queue.filter((each) => each.state === "failed").map((each) => each.error);
    const own = session.model.get("error");
    const gone = session.gone || this.unreached === "kernel";
    const server = this.unreached === "server" && !this._panel ? TEXTS.server : "";
    const all = gone ? [TEXTS.gone] : [server, ...session.errors, session.recorder.error, ...failed, failed.includes(own) ? "" : own];
    const text = [...new Set(all.filter(Boolean))];
    if (text.join("\n") === this._alerted) return;
    this._alerted = text.join("\n");
    this.alert.replaceChildren(...text.map((each) => (gone && !this._panel ? goneNotice(each, this.root) : h("div", {}, each))));
  }

  /** Whether it stands in a panel, which says itself that the kernel or the server is gone. */
  get _panel() { return this.root.closest(".voxweave-panel") !== null; }

  _showRecorder() {
    const { state, level, seconds, peaks } = this.session.recorder;
    const on = state === "recording" || state === "paused";
    if (on !== this._wasOn) {
      this._wasOn = on;
      if (on) { this.audio.pause(); this.session.tell(TEXTS.recordStarted); this.finishRecord.focus(); }
      else if (this.recorder.contains(document.activeElement) || document.activeElement === document.body) this.recordButton.focus();
      this._showSound();
    }
    this.recorder.hidden = !on;
    this.zone.hidden = on;
    this.recordButton.disabled = this.again.disabled = state !== "off";
    this.recorder.classList.toggle("va-recording", state === "recording");
    if (!on) return this._showAlert();
    this.recordState.textContent = state === "paused" ? TEXTS.recordingPaused : TEXTS.recording;
    this.pauseRecord.textContent = state === "paused" ? TEXTS.resume : TEXTS.pause;
    this.time.textContent = clock(seconds, 1);
    const loud = within(100 + (20 * Math.log10(Math.max(level, 1e-5)) * 100) / 60, 0, 100);
    this.meter.style.width = `${loud}%`;
    this.meterBox.setAttribute("aria-valuenow", String(Math.round(loud)));
    this.meterBox.classList.toggle("va-clipping", level > 0.98);
    this.quiet.hidden = seconds < 3 || (this.session.recorder.loudest ?? 0) > 0.004;
    this.live2.draw(peaks);
  }

  _showQueue() {
    const shown = this.session.queue;
    for (const [sender, row] of this.rows) {
      if (!shown.includes(sender)) { this._drop(row); this.rows.delete(sender); }
    }
    for (const sender of shown) {
      if (!this.rows.has(sender)) this._addRow(sender);
      this._showRow(sender, this.rows.get(sender));
    }
  }

  /** @param {any} row */
  _drop(row) {
    const held = row.root.contains(document.activeElement);
    row.root.remove();
    if (held) (this.playButton.offsetParent ? this.playButton : this.recordButton).focus();
  }

  /** @param {Sender} sender */
  _addRow(sender) {
    const { session } = this;
    const row = {
      fill: h("div", { class: "va-fill" }),
      note: h("span", { class: "va-soft va-note" }),
      pause: button(TEXTS.pause, () => (sender.state === "paused" ? sender.resume() : sender.pause()), { kind: "va-small" }),
      cancel: button(TEXTS.cancel, () => (sender.over ? session.dismiss(sender) : sender.cancel()), { kind: "va-small" }),
      retry: button(TEXTS.retry, () => session.retry(sender), { kind: "va-small" }),
      /** @type {any} */ bar: undefined, /** @type {any} */ root: undefined,
    };
    row.bar = h("div", { class: "va-bar", role: "progressbar", "aria-label": sender.file.name, "aria-valuemin": "0", "aria-valuemax": "100" }, row.fill);
    row.root = h("li", { class: "va-row" }, h("span", { class: "va-name" }, sender.file.name), row.note,
      h("span", { class: "va-actions" }, row.pause, row.retry, row.cancel), row.bar);
    this.rows.set(sender, row);
    this.queue.append(row.root);
  }

  /** @param {Sender} sender @param {any} row */
  _showRow(sender, row) {
    const failed = sender.state === "failed";
    row.fill.style.width = `${(100 * sender.done) / sender.file.size}%`;
    row.bar.setAttribute("aria-valuenow", String(sender.percent));
    row.bar.setAttribute("aria-valuetext", row.note.textContent || `${sender.percent} %`);
    row.root.dataset.state = sender.state;
    row.note.textContent = failed ? "" : progress(sender);
    row.pause.textContent = sender.state === "paused" ? TEXTS.resume : TEXTS.pause;
    row.pause.hidden = failed || sender.state === "waiting" || sender.state === "checking" || this.session.gone;
    row.cancel.textContent = failed ? TEXTS.dismiss : TEXTS.cancel;
    row.cancel.hidden = sender.state === "checking";
    row.retry.hidden = !failed;
  }

  _showFiles() {
    const { session } = this;
    const here = session.here;
    this.files.hidden = here.length === 0;
    this.files.replaceChildren(...here.map((each) => {
      const chosen = each.id === session.model.get("_chosen");
      const choose = h("button", { type: "button", class: "va-choose", "aria-pressed": String(chosen), onclick: () => session.choose(each.id) },
        ...(chosen ? [icon("check")] : []), h("span", { class: "va-name" }, each.name),
        h("span", { class: "va-soft" }, `${clock(each.duration)} · ${megabytes(each.size)}`));
      const remove = button(say(TEXTS.remove, { name: each.name }), () => session.remove(each.id), { kind: "va-bare", icon: "close", bare: true });
      return h("li", {}, choose, remove);
    }));
    this.root.classList.toggle("va-filled", here.length > 0);
    this.dropTitle.textContent = this._title();
  }

  _showSound() {
    const { session } = this;
    const here = session.chosen;
    const coming = here ? undefined : session.queue.find((each) => session.knows(each.id)?.peaks?.length);
    const known = session.knows((here ?? coming)?.id ?? "") ?? {};
    const on = this.session.recorder.state === "recording" || this.session.recorder.state === "paused";
    this.sound.hidden = on || (!here && !coming);
    if (this.sound.hidden) return;
    this.wave.duration = here?.duration ?? known.duration ?? 0;
    if (!this.wave.dragging && !this.wave.telling) this.wave.part = here ? session.model.get("selection") ?? null : null;
    this.wave.root.setAttribute("aria-label", say(TEXTS.wave, { name: here?.name ?? coming?.file.name ?? "" }));
    this.again.hidden = !session.lastRecording || session.lastRecording.id !== here?.id;
    this.useAll.hidden = !this.wave.part;
    const peaks = here ? session.model.get("_peaks") : known.peaks ?? [];
    if (here) this.wave.draw(peaks); else this.wave.grow(peaks);
    if (here?.id !== this._shownId) this._other(here);
    this.wave.place();
    this._part();
  }

  /** @param {Here | undefined} here */
  _other(here) {
    this._shownId = here?.id;
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    this.wave.position = 0;
    this._playing();
  }

  _part() {
    const { part, duration } = this.wave;
    if (this.session.fetching >= 0) return;
    const all = clock(duration, 1);
    this.partText.textContent = part
      ? say(TEXTS.part, { start: clock(part[0], 1), end: clock(part[1], 1), time: `${(part[1] - part[0]).toFixed(1)} s`, all })
      : say(TEXTS.whole, { time: all });
    this.useAll.hidden = !part;
    this._label();
  }

  _label() {
    const label = this.audio.paused ? (this.wave.part ? TEXTS.playPart : TEXTS.play) : TEXTS.stopPlaying;
    this.playButton.setAttribute("aria-label", label);
    this.playButton.title = label;
  }

  _playing() {
    this.playButton.replaceChildren(icon(this.audio.paused ? "play" : "pause"));
    this._label();
    cancelAnimationFrame(this._frame ?? 0);
    const turn = () => {
      this._time();
      if (!this.audio.paused) this._frame = requestAnimationFrame(turn);
    };
    turn();
  }

  _time() {
    if (this.audio.src && this.audio.currentTime < 1e6) this.wave.position = this.audio.currentTime;
    const end = this.wave.part?.[1];
    if (end !== undefined && !this.audio.paused && this.audio.currentTime >= end) this.audio.pause();
    this.now.textContent = clock(this.wave.position, 1);
    this.wave.place();
  }

  async _toggle() {
    if (!this.audio.paused) return this.audio.pause();
    if (!(await this._load())) return;
    const [start, end] = this.wave.part ?? [0, this.wave.duration];
    if (this.wave.position < start - 0.05 || this.wave.position >= end - 0.05) this.audio.currentTime = start;
    else if (Math.abs(this.audio.currentTime - this.wave.position) > 0.2) this.audio.currentTime = this.wave.position;
    this.audio.play().catch(() => this._unplayable());
  }

  /** Whether there is something to play. */
  async _load() {
    const here = this.session.chosen ?? this._coming();
    if (!here) return false;
    if (!this.audio.src) {
      this.audio.src = await this.session.url(/** @type {Here} */ (here));
      await new Promise((resolve) => { this.audio.onloadedmetadata = this.audio.onerror = resolve; });
    }
    return true;
  }

  _coming() {
    const sender = this.session.queue[0];
    return sender && { id: sender.id, name: sender.file.name, size: sender.file.size, duration: 0 };
  }

  /** @param {number} seconds */
  async _seek(seconds) {
    this.wave.position = seconds;
    this.wave.place();
    this.now.textContent = clock(seconds, 1);
    if (this.audio.src) this.audio.currentTime = seconds;
  }

  _unplayable() {
    if (!this.audio.src) return;
    this.session.errors = [say(TEXTS.unplayable, { name: this.session.chosen?.name ?? "" })];
    this._showAlert();
  }

  close() {
    this._end.abort();
    this.session.removeEventListener("change", this._onChange);
    this.session.removeEventListener("tell", this._onTell);
    this.audio.pause();
    cancelAnimationFrame(this._frame ?? 0);
    this.root.remove();
  }
}

/** The last seconds of what the microphone hears. */
class LiveWave {
  constructor() {
    this.svg = /** @type {any} */ (document.createElementNS(SVG, "svg"));
    this.svg.setAttribute("class", "va-livewave");
    this.svg.setAttribute("viewBox", "0 0 200 100");
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.svg.setAttribute("aria-hidden", "true");
    this.svg.innerHTML = '<path class="va-bars va-played"/>';
  }

  /** @param {number[]} peaks */
  draw(peaks) {
    const last = peaks.slice(-200);
    this.svg.firstChild.setAttribute("d", bars([...new Array(200 - last.length).fill(0), ...last.map((peak) => Math.min(100, peak * 130))]));
  }
}

/** What is said beside a file on its way. @param {Sender} sender */
export function progress(sender) {
  const { percent } = sender;
  if (sender.state === "waiting") return TEXTS.waiting;
  if (sender.state === "checking") return TEXTS.checking;
  if (sender.state === "paused") return say(TEXTS.paused, { percent });
  if (sender.silence > 12_000) return say(TEXTS.lost, { percent, time: clock(sender.silence / 1000) });
  if (sender.silence > 2500) return say(TEXTS.busy, { percent });
  const [done, size] = [megabytes(sender.done), megabytes(sender.file.size)];
  if (!sender.speed) return say(TEXTS.started, { done, size });
  return say(TEXTS.receiving, { done, size, speed: megabytes(sender.speed), left: clock((sender.file.size - sender.done) / sender.speed) });
}

export default () => {
  /** @type {Session} */
  let session;
  return {
    /** @param {{model: Model}} context */
    initialize({ model }) {
      session = new Session(model);
      return () => session.close();
    },
    /** @param {{el: HTMLElement}} context */
    render({ el }) {
      const view = new View(session, el);
      return () => view.close();
    },
  };
};
