// The microphone.

import { format } from "./format.js";
import { inVSCode } from "./front_end.js";
import { normalize, reducePeaks } from "./peaks.js";

const TEXTS = {
  noMicrophone: "This page cannot use a microphone. Open it over https or on localhost, or choose a file.",
  forbidden: "The page around this one does not let it use the microphone. Choose or drop a file.",
  vscode: "VS Code does not let notebooks use the microphone. Record with another program and drop the file here.",
  denied: "Access to the microphone was denied. Allow it in the browser's address bar and press Record again.",
  noDevice: "No microphone was found. Connect one and press Record again, or choose a file.",
  nothingRecorded: "Nothing was recorded. Press Record, speak, then press Finish.",
  failed: "The recording failed ({reason}). Press Record again, or choose a file.",
};

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
const METER_INTERVAL = 50, WINDOW_SAMPLES = 2048;

/** Records the microphone and measures its level 20 times a second. */
export class Recorder {
  /**
   * @param {() => void} onChange @param {(file: File, peaks: number[], seconds: number) => void} onDone called with a
   *   finished recording
   */
  constructor(onChange, onDone) {
    /** @type {"off" | "asking" | "recording" | "paused"} */
    this.state = "off";
    this.error = "";
    this.level = 0; // the loudest sample of the last 43 ms, 0 to 1
    this.loudest = 0; // that of the whole recording
    this.seconds = 0;
    /** The levels while it recorded. @type {number[]} */
    this.peaks = [];
    this._discarded = false;
    this._measuredAt = 0;
    this._onChange = onChange;
    this._onDone = onDone;
  }

  get on() { return this.state === "recording" || this.state === "paused"; }

  async start() {
    if (this.state !== "off") return;
    this._setState("asking");
    try {
      const obstacle = recordingObstacle();
      if (obstacle) return this._close(obstacle);
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      // It may have been discarded while the browser asked for permission.
      if (/** @type {string} */ (this.state) !== "asking") return stream.getTracks().forEach((track) => track.stop());
      this._record(stream);
    } catch (error) {
      this._close(errorText(error));
    }
  }

  pause() {
    if (this.state === "recording") { this._recorder?.pause(); this._setState("paused"); }
    else if (this.state === "paused") { this._recorder?.resume(); this._setState("recording"); }
  }

  finish() { if (this._recorder?.state !== "inactive") this._recorder?.stop(); }

  discard() {
    this._discarded = true;
    if (this._recorder && this._recorder.state !== "inactive") this._recorder.stop();
    else this._close("");
  }

  /** @param {MediaStream} stream */
  _record(stream) {
    this._stream = stream;
    this.peaks = [];
    this.seconds = this.loudest = 0;
    this._context = new AudioContext();
    this._analyser = this._context.createAnalyser();
    this._analyser.fftSize = WINDOW_SAMPLES;
    this._context.createMediaStreamSource(stream).connect(this._analyser);
    const recorder = new MediaRecorder(stream, { mimeType: TYPES.find((type) => MediaRecorder.isTypeSupported(type)), audioBitsPerSecond: 128000 });
    /** @type {Blob[]} */
    const parts = [];
    recorder.ondataavailable = (event) => { if (event.data.size) parts.push(event.data); };
    recorder.onstop = () => this._finish(parts, recorder.mimeType.split(";")[0] || "audio/webm");
    recorder.onerror = (event) => this._close(format(TEXTS.failed, { reason: /** @type {any} */ (event).error?.name ?? "" }));
    recorder.start(1000);
    this._recorder = recorder;
    this._measuredAt = performance.now();
    this._timer = setInterval(() => this._measure(), METER_INTERVAL);
    this._setState("recording");
  }

  _measure() {
    const now = performance.now();
    const samples = new Float32Array(WINDOW_SAMPLES);
    this._analyser?.getFloatTimeDomainData(samples);
    this.level = samples.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (this.state === "recording") {
      this.loudest = Math.max(this.loudest, this.level);
      this.seconds += (now - this._measuredAt) / 1000;
      this.peaks.push(this.level);
    }
    this._measuredAt = now;
    this._onChange();
  }

  /** @param {Blob[]} parts @param {string} type */
  _finish(parts, type) {
    const { peaks, seconds, _discarded: discarded } = this;
    // After an error it is closed already; what was recorded before it is kept, and so is the message.
    if (this.state !== "off") this._close(discarded || parts.length ? "" : TEXTS.nothingRecorded);
    if (discarded || !parts.length) return;
    const file = new File(parts, recordingName(new Date(), type), { type, lastModified: Date.now() });
    this._onDone(file, normalize(reducePeaks(peaks)), seconds);
  }

  /** @param {string} error */
  _close(error) {
    clearInterval(this._timer);
    this._stream?.getTracks().forEach((track) => track.stop());
    void this._context?.close();
    this._stream = this._context = this._recorder = undefined;
    this._discarded = false;
    this.level = 0;
    this.error = error;
    this._setState("off");
  }

  /** @param {"off" | "asking" | "recording" | "paused"} state */
  _setState(state) {
    this.state = state;
    this._onChange();
  }
}

/** Name a recording by its local time. @param {Date} now @param {string} type such as audio/webm */
export function recordingName(now, type) {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60000).toISOString();
  return `recording-${local.slice(0, 19).replace(/[T:]/g, "-")}.${type.split("/")[1]}`;
}

/** Explain why this page cannot record, as far as is known before a person tries; "" if it may. */
export function recordingObstacle() {
  // A page inside another one may use the microphone only with its permission, which not every browser tells.
  const allowed = /** @type {any} */ (globalThis.document)?.featurePolicy?.allowsFeature("microphone");
  if (inVSCode() && !allowed) return TEXTS.vscode;
  if (!navigator.mediaDevices || !globalThis.MediaRecorder) return TEXTS.noMicrophone;
  return allowed === false ? TEXTS.forbidden : "";
}

/** Explain why the microphone cannot be used. @param {any} error thrown by the browser */
export function errorText(error) {
  const known = /** @type {Record<string, string>} */ ({
    NotAllowedError: TEXTS.denied, SecurityError: TEXTS.denied,
    NotFoundError: TEXTS.noDevice, OverconstrainedError: TEXTS.noDevice,
  });
  return known[error?.name] ?? format(TEXTS.failed, { reason: error?.message || error?.name || String(error) });
}
