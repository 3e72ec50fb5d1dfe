// The audio input's state in the page. A session belongs to a widget and outlives its views.

import { Downloads, reasonOf } from "./download.js";
import { rejection } from "./file_check.js";
import { clock, format } from "./format.js";
import { decodePeaks, WavPeaks } from "./peaks.js";
import { Recorder } from "./recorder.js";
import { decodesAac, requestRendition } from "./rendition.js";
import { dropsBuffers } from "./transfer.js";
import { Upload } from "./upload.js";
/** @import { Model } from "./elements.js" */

const TEXTS = {
  done: "{name} is ready, {time} long",
  canceled: "{name} was canceled; nothing was kept",
  resumed: "Resuming {name} at {percent} %",
  progress: "{name}: {percent} percent",
  missing: "{name} is missing on the kernel's disk. Choose it again.",
};

const DECODED_IN_PAGE = 16e6;
const SHOW_SILENCE_AFTER = 2500;

/** A narration that the kernel has. @typedef {{id: string, name: string, size: number, duration: number, codec?: string}} Narration */
/** The page's own knowledge of a file. @typedef {{file?: Blob, url?: Promise<string>, copied?: boolean, peaks?: number[], duration?: number}} Local */

/**
 * Uploads one file after the other, records, and passes on choices. Dispatches "change", with the name of what changed as
 * its detail, and "announce", with a text for screen readers.
 */
export class Session extends EventTarget {
  /** @param {Model} model */
  constructor(model) {
    super();
    this.model = model;
    /** @type {Upload[]} */
    this.queue = [];
    /** @type {string[]} */
    this.errors = [];
    this.gone = false; // true once the kernel is gone
    this.fetching = -1; // percent of a download from the kernel; -1 without one
    /** The last recording, which the next one replaces. @type {Upload | undefined} */
    this.lastRecording = undefined;
    this.recorder = new Recorder(() => this.changed("recorder"), (file, peaks, seconds) => this._addRecording(file, peaks, seconds));
    /** By an upload's key, which all its ids begin with. @type {Map<string, Local>} */
    this._local = new Map();
    /** Uploads whose resumption was announced. @type {WeakSet<Upload>} */
    this._resumed = new WeakSet();
    /** The quarters of each upload that were announced. @type {WeakMap<Upload, number>} */
    this._quarters = new WeakMap();
    this._downloads = new Downloads(model);
    model.on("msg:custom", (message) => this._receive(message));
    model.on("change:_files", () => this._finishUploads());
    model.on("comm_live_update", () => this._lose());
    for (const name of ["_files", "_chosen", "_peaks", "selection", "error", "state"]) model.on(`change:${name}`, () => this.changed(name));
    this._timer = setInterval(() => this._checkSilence(), 500);
  }

  /** @returns {Narration[]} */
  get narrations() { return this.model.get("_files") ?? []; }
  /** @returns {Narration | undefined} */
  get chosen() { return this.narrations.find((each) => each.id === this.model.get("_chosen")); }

  /** @param {string} what */
  changed(what) { this.dispatchEvent(new CustomEvent("change", { detail: what })); }

  /** @param {string} text */
  announce(text) { this.dispatchEvent(new CustomEvent("announce", { detail: text })); }

  /** Return the page's own knowledge of a file, to be filled in. @param {string} id of an upload or a narration @returns {Local} */
  local(id) {
    const key = id.split("-")[0];
    const found = this._local.get(key) ?? {};
    this._local.set(key, found);
    return found;
  }

  /** Queue files; the first is chosen when it is ready. @param {File[]} files @returns {Promise<Upload[]>} */
  async add(files) {
    this.errors = [];
    const added = [];
    for (const file of files) {
      const reason = await rejection(file, this.model.get("max_bytes"));
      if (reason) this.errors.push(reason);
      else added.push(this._enqueue(file, added.length === 0));
    }
    this._startNext();
    this.changed("queue");
    return added;
  }

  /** @param {[number, number] | null} part */
  select(part) { this._send({ kind: "select", part }); }
  /** @param {string} id */
  choose(id) { this._send({ kind: "choose", id }); }
  /** @param {string} id */
  remove(id) { this._send({ kind: "remove", id }); }

  /** @param {Upload} upload */
  dismiss(upload) {
    this.queue = this.queue.filter((each) => each !== upload);
    this.changed("queue");
  }

  /** @param {Upload} upload */
  retry(upload) {
    this.dismiss(upload);
    void this.add([upload.file]);
  }

  record() {
    this.errors = [];
    void this.recorder.start();
  }

  /**
   * Return a URL to play a narration: of the page's own file, else of a download from the kernel; of an MP3 made by the
   * kernel where the page has no decoder for it. Resolves to undefined when none is possible; the reason is in `errors`.
   * @param {Narration} narration @param {boolean} [copy] true once the narration itself could not be played
   * @returns {Promise<string | undefined>}
   */
  async url(narration, copy = false) {
    const local = this.local(narration.id);
    copy ||= narration.codec === "aac" && !(await decodesAac());
    if (copy && !local.copied) { local.copied = true; local.url = this._downloadCopy(narration); }
    local.url ??= local.file ? Promise.resolve(URL.createObjectURL(local.file)) : this._download(narration);
    try {
      return await local.url;
    } catch (error) {
      local.url = undefined;
      local.copied = false;
      const reason = reasonOf(error, TEXTS.missing);
      if (reason && !this.gone) this.errors = [reason];
      this.changed("error");
      return undefined;
    }
  }

  close() {
    clearInterval(this._timer);
    this.recorder.discard();
    this._downloads.abort();
    for (const { url } of this._local.values()) url?.then((each) => URL.revokeObjectURL(each), () => {});
  }

  /** @param {{id: string}} narration */
  async _downloadCopy({ id }) {
    const { what, size } = await requestRendition(this.model, { of: id, format: "mp3" }, () => {});
    return this._download({ id: what, size });
  }

  /** @param {{id: string, size: number}} narration */
  async _download({ id, size }) {
    const report = (/** @type {number} */ percent) => { this.fetching = percent; this.changed("fetching"); };
    try {
      report(0);
      return URL.createObjectURL(await this._downloads.fetch(id, size, "", (bytes) => report(Math.floor((100 * bytes) / size))));
    } finally {
      report(-1);
    }
  }

  /** @param {File} file @param {boolean} choose */
  _enqueue(file, choose) {
    const wav = new WavPeaks(file.size);
    const upload = new Upload(file, (content, buffers) => this._send(content, buffers), {
      choose,
      text: dropsBuffers() || Boolean(this.model.get("_text")),
      onChange: () => this._onUpload(upload),
      onPiece: (bytes, at) => { if (wav.add(bytes, at)) this._know(upload, { peaks: wav.peaks, duration: wav.duration }); },
    });
    this.local(upload.key).file = file;
    this.queue.push(upload);
    // The kernel decodes more formats than a browser does, so a failure here means nothing.
    if (file.size <= DECODED_IN_PAGE) decodePeaks(file).then((found) => this._know(upload, found), () => {});
    return upload;
  }

  /** @param {Upload} upload @param {Local} facts */
  _know(upload, facts) {
    Object.assign(this.local(upload.key), facts);
    this.changed("peaks");
  }

  /** @param {File} file @param {number[]} peaks @param {number} seconds */
  async _addRecording(file, peaks, seconds) {
    const before = this.lastRecording;
    const [upload] = await this.add([file]);
    if (!upload) return;
    this.lastRecording = upload;
    if (before && this.narrations.some((each) => each.id === before.id)) this.remove(before.id);
    this._know(upload, { peaks, duration: seconds });
  }

  /** @param {Upload} upload */
  _onUpload(upload) {
    const { name } = upload.file;
    if (upload.state === "done" || upload.state === "canceled") {
      this.queue = this.queue.filter((each) => each !== upload);
      if (upload.state === "canceled") this.announce(format(TEXTS.canceled, { name }));
    }
    if (upload.over || upload.state === "checking" || upload.state === "paused") this._startNext();
    if (upload.state === "sending") this._announceProgress(upload);
    this.changed("queue");
  }

  /** Announce that an upload resumes, and its quarters: a live region that counted would never be silent. @param {Upload} upload */
  _announceProgress(upload) {
    const { name } = upload.file, { percent } = upload;
    const quarter = Math.floor(percent / 25), announced = this._quarters.get(upload) ?? 0;
    this._quarters.set(upload, Math.max(quarter, announced));
    if (upload.resumedAt > 0 && !this._resumed.has(upload)) {
      this._resumed.add(upload);
      this.announce(format(TEXTS.resumed, { name, percent }));
    } else if (quarter > announced && quarter < 4) this.announce(format(TEXTS.progress, { name, percent }));
  }

  _startNext() {
    const busy = this.queue.some((each) => each.active || each.state === "paused");
    if (!busy && !this.gone) this.queue.find((each) => each.state === "waiting")?.start();
  }

  _checkSilence() {
    for (const upload of this.queue) upload.checkSilence();
    if (this.queue.some((each) => each.silence > SHOW_SILENCE_AFTER)) this.changed("queue");
  }

  /** Finish uploads whose narration is there, also when the kernel's answer to them was lost. */
  _finishUploads() {
    for (const upload of [...this.queue]) {
      const narration = this.narrations.find((each) => each.id === upload.id);
      if (!narration || upload.over) continue;
      this.announce(format(TEXTS.done, { name: narration.name, time: clock(narration.duration) }));
      upload.setState("done");
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

  /** @param {any} message */
  _receive(message) {
    if (message.kind === "cleared") {
      for (const upload of this.queue) upload.state = "canceled";
      this.queue = [];
      return this.changed("queue");
    }
    for (const upload of [...this.queue]) upload.receive(message);
  }

  _lose() {
    if (this.gone) return;
    this.gone = true;
    this._downloads.abort();
    for (const upload of this.queue) if (!upload.over) upload.state = "paused";
    this.changed("gone");
  }
}
