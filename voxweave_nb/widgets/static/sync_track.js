// One of several videos that play in time: where it is, whether it is ready, and how long it has stood still.

const METADATA = 1, CURRENT = 2, FUTURE = 3, ENOUGH = 4, IDLE = 1; // readyState and networkState of a media element
const CHANGES = ["loadedmetadata", "seeked", "canplay", "canplaythrough", "suspend", "error"];
const ENDING = 0.1; // s before a video's end; from there on it is left to itself
const THERE = 0.00001; // s; browsers count in microseconds
const TRUSTED_AFTER = 10_000; // ms
const LONGEST_STEP = 200; // ms of standing still that one look can find; more is the page's own delay

/**
 * A video's part in playing: `on` plays in time, `moving` seeks, `parked` waits at its place, `out` is not ready and is
 * not waited for, `failed` cannot be played.
 * @typedef {"on" | "moving" | "parked" | "out" | "failed"} TrackState
 */

/** Wait until a test of a video passes, it fails, or a time in milliseconds is over; return the test's last result. @param {HTMLVideoElement} video @param {() => boolean} test @param {number} patience @returns {Promise<boolean>} */
function until(video, test, patience) {
  if (test()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const look = () => { if (video.error || test()) end(); };
    const end = () => {
      clearTimeout(timer);
      for (const name of CHANGES) video.removeEventListener(name, look);
      resolve(!video.error && test());
    };
    const timer = setTimeout(end, patience);
    for (const name of CHANGES) video.addEventListener(name, look);
  });
}

/** A video that a `Transport` plays. */
export class SyncTrack {
  /** @param {HTMLVideoElement} video @param {() => void} onChange called when its length or its ability to play changes */
  constructor(video, onChange) {
    this.video = video;
    /** @type {TrackState} */
    this.state = video.error ? "failed" : "out";
    this.late = false; // it was not waited for, and is not again until it has played in time for a while
    this.stalled = 0; // ms without progress
    this.held = false; // it is paused because another one is waited for
    this._at = -1;
    this._turn = 0;
    this._onFor = 0; // ms
    const change = () => onChange();
    const fail = () => { this.state = "failed"; onChange(); };
    const load = () => { if (this.state !== "moving") this.state = "out"; onChange(); };
    /** @type {[string, () => void][]} */
    this._listeners = [["durationchange", change], ["canplay", change], ["error", fail], ["loadstart", load]];
    for (const [name, listener] of this._listeners) video.addEventListener(name, listener);
    video.preservesPitch = true;
    video.loop = false;
    video.pause();
  }

  /** The length in seconds, 0 while it is unknown. */
  get duration() { return Number.isFinite(this.video.duration) ? this.video.duration : 0; }

  /** True if enough is loaded to play on. */
  get loaded() {
    const { readyState, networkState } = this.video;
    return readyState >= ENOUGH || (readyState >= FUTURE && networkState === IDLE); // a browser may load no further ahead
  }

  /** True if a time is at or after the video's end. @param {number} time */
  isOver(time) { return this.video.readyState >= METADATA && this.duration > 0 && time >= this.duration - ENDING; }

  /**
   * Pause, go to a time, and wait until it can play from there; afterwards the state is `parked` or `out`.
   * @param {number} time @param {number} patience in milliseconds
   */
  async place(time, patience) {
    const { video } = this, turn = ++this._turn;
    if (video.error) { this.state = "failed"; return; }
    this.state = "moving";
    this.held = false;
    this.stalled = this._onFor = 0;
    video.pause();
    video.preload = "auto";
    const target = this.duration ? Math.min(time, this.duration) : time;
    if (Math.abs(video.currentTime - target) > THERE || video.seeking) video.currentTime = target;
    const ready = () => !video.seeking && (this.isOver(time) ? video.readyState >= CURRENT : this.loaded);
    const reached = await until(video, ready, patience);
    if (turn !== this._turn) return; // it was sent elsewhere meanwhile
    this.late ||= !reached;
    this.state = reached ? "parked" : video.error ? "failed" : "out";
  }

  /** Play from where it is. @param {number} rate @returns {Promise<void>} */
  async start(rate) {
    this.state = "on";
    this.held = false;
    this.setRate(rate);
    await this.video.play();
  }

  /** Look at its progress since the last look. @param {number} gap the time since then in milliseconds */
  look(gap) {
    if (this.held) return;
    const at = this.video.currentTime;
    this.stalled = at === this._at ? this.stalled + Math.min(gap, LONGEST_STEP) : 0;
    this._at = at;
    this._onFor += gap;
    if (this._onFor > TRUSTED_AFTER && !this.stalled) this.late = false;
  }

  /** Pause while another one is waited for. */
  hold() {
    this.held = true;
    this.video.pause();
  }

  /** Stop waiting for it. */
  leaveOut() {
    this.state = "out";
    this.late = true;
    this.stalled = 0;
  }

  /** Set the speed; a browser works even for a speed that is there already. @param {number} rate */
  setRate(rate) { if (this.video.playbackRate !== rate) this.video.playbackRate = rate; }

  /** Leave the video alone, paused. */
  release() {
    this._turn += 1;
    for (const [name, listener] of this._listeners) this.video.removeEventListener(name, listener);
    this.video.pause();
    this.setRate(1);
  }
}
