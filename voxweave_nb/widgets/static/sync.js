// Plays several videos in time: a clock of its own, which each follows by a slightly changed speed.
//
// Seeking a video that is behind costs more time than it gains, so a difference is made up by speed, and only more than
// a second by a seek. The clock waits for a slow video, up to a limit; one that does not come is left out and joins
// again once it can play.

import { clamp } from "./format.js";
import { SyncTrack } from "./sync_track.js";

const INTERVAL = 100; // ms between two corrections
const DEAD_ZONE = 0.008, GAIN = 2.5, MOST = 0.25; // s, 1/s, and the largest change of speed
const FAR = 1, BEHIND = 0.25; // s of difference for a seek, and for which the clock steps back
const STALL = 500, PATIENCE = 3000, STARTING = 1000; // ms without progress for a wait; the longest waits
const LONG_GAP = 1500; // ms between two steps: the page was hidden, or the computer slept
const LEAD = 0.4; // s by which a video that joins is placed ahead; it starts when the clock is there
const HERE = 0.05; // s by which a browser may miss the place of a seek
const SHORTEST_LOOP = 0.1; // s
const SLOWEST = 0.1, FASTEST = 4;
const GESTURES = ["pointerup", "keydown"];

/** Return the factor of a video's speed that makes up a difference. @param {number} ahead the difference to the clock in seconds */
export function correction(ahead) {
  return Math.abs(ahead) < DEAD_ZONE ? 1 : clamp(1 - GAIN * ahead, 1 - MOST, 1 + MOST);
}

/** Return the middle one of some numbers, 0 for none. @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b), middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : sorted.length ? (sorted[middle - 1] + sorted[middle]) / 2 : 0;
}

/** Plays videos in time, one of them audible. All times are in seconds; `onchange` is called when anything but the time changes. */
export class Transport {
  /** @param {{now?: () => number}} [options] `now` returns milliseconds */
  constructor({ now = () => performance.now() } = {}) {
    /** @type {() => void} */
    this.onchange = () => {};
    this.playing = false;
    this.seeking = false; // it waits for the videos to be at their places
    this.silent = false; // the browser allows sound only after a click or a key
    this._now = now;
    /** @type {Map<string, SyncTrack>} */
    this._tracks = new Map();
    this._anchor = 0; // the time at `_since`
    this._since = 0;
    this._runs = false; // the clock runs; false while all wait for one
    this._fresh = false; // it has just begun to run
    this._rate = 1;
    /** @type {[number, number] | null} */
    this._loop = null;
    /** @type {string | null} */
    this._audible = null;
    this._turn = 0;
    this._stepped = 0;
    this._starting = -1; // the turn whose videos are being started
    this._gesture = () => this._unsilence();
  }

  /** The clock. */
  get time() {
    const time = this._anchor + (this._runs ? (this._now() - this._since) / 1000 * this._rate : 0);
    return this.duration ? Math.min(time, this._range()[1]) : time;
  }

  /** The length of the longest video, 0 while none is known. */
  get duration() { return Math.max(0, ...this._all().map((track) => track.duration)); }

  /** The ids of the videos that are no longer waited for: they load, stall, or have failed. */
  get waiting() {
    return [...this._tracks].filter(([, { late, state }]) => state === "failed" || (late && state !== "on")).map(([id]) => id);
  }

  /** The chosen speed, 0.1 to 4; the corrections multiply it. */
  get rate() { return this._rate; }
  set rate(rate) {
    if (!Number.isFinite(rate)) return;
    this._setTime(this.time);
    this._rate = clamp(rate, SLOWEST, FASTEST);
    for (const track of this._all()) if (track.state === "on") track.setRate(this._rate);
    this._changed();
  }

  /** The range to repeat, or null. One that is shorter than 0.1 s counts as none. */
  get loop() { return this._loop; }
  set loop(loop) {
    this._setTime(this.time);
    this._loop = loop && loop[1] - loop[0] >= SHORTEST_LOOP ? [Math.max(0, loop[0]), loop[1]] : null;
    this._changed();
  }

  /** The id of the video that is heard, or null. */
  get audible() { return this._audible; }
  set audible(id) {
    this._audible = id;
    this._mute();
    this._changed();
  }

  /** Add a video, or replace the one of this id. While others play it joins them. @param {string} id @param {HTMLVideoElement} video */
  add(id, video) {
    this._tracks.get(id)?.release();
    const track = new SyncTrack(video, () => this._changed());
    this._tracks.set(id, track);
    this._mute();
    if (!this.playing && this._anchor > 0) void track.place(this._anchor, PATIENCE);
    this._changed();
  }

  /** Remove a video; it is paused. @param {string} id */
  remove(id) {
    const { time } = this, track = this._tracks.get(id);
    if (!track) return;
    track.release();
    this._tracks.delete(id);
    if (!this._tracks.size) { // the clock waits for the next one
      this._runs = false;
      this._setTime(time);
    }
    this._changed();
  }

  /** Play, from the start if it is at the end; resolves once all that can play do. */
  async play() {
    if (this.playing || !this._tracks.size) return;
    const [from, to] = this._range(), { time } = this;
    this.playing = true;
    this._stepped = this._now();
    this._timer = setInterval(() => this._step(), INTERVAL);
    this._listenToMediaKeys();
    await this.seek((to && time >= to) || time < from ? from : time);
  }

  /** Pause all at one and the same frame. */
  pause() {
    if (!this.playing) return;
    this._stop();
    void this.seek(this._anchor);
  }

  /** Go to a time: all pause, seek, and play on together. Of several calls the last one counts. @param {number} seconds */
  async seek(seconds) {
    if (!Number.isFinite(seconds)) return;
    const turn = ++this._turn;
    this._runs = false;
    this._setTime(clamp(seconds, 0, this.duration || seconds));
    this.seeking = true;
    this._changed();
    const placed = this._all().map((track) => ({ prompt: !track.late, done: track.place(this._anchor, PATIENCE) }));
    await Promise.all(placed.filter(({ prompt }) => prompt).map(({ done }) => done));
    if (turn !== this._turn) return;
    if (this.playing) await this._start(turn);
    if (turn !== this._turn) return;
    this.seeking = false;
    this._changed();
  }

  /** Let go of all videos. */
  close() {
    if (this.playing) this._stop();
    this._turn += 1;
    for (const id of [...this._tracks.keys()]) this.remove(id);
    this._unlisten();
    this._listenToMediaKeys(false);
  }

  _all() { return [...this._tracks.values()]; }
  _changed() { this.onchange(); }

  /** @returns {[number, number]} */
  _range() {
    const { duration } = this;
    return this._loop && this._loop[0] < duration ? [this._loop[0], Math.min(this._loop[1], duration)] : [0, duration];
  }

  /** @param {number} time */
  _setTime(time) {
    this._anchor = time;
    this._since = this._now();
  }

  _stop() {
    this._setTime(this.time);
    this._turn += 1;
    this.playing = this._runs = this.seeking = false;
    clearInterval(this._timer);
    for (const track of this._all()) track.video.pause();
  }

  /** Start all that are at the clock's place, then the clock, at the middle one of them. @param {number} turn */
  async _start(turn) {
    const here = this._all().filter(({ state, video }) => state === "on" || (state === "parked" && Math.abs(video.currentTime - this._anchor) < HERE));
    this._starting = turn;
    const tracks = here.filter((track) => !track.isOver(this._anchor));
    let timer;
    const patience = new Promise((resolve) => { timer = setTimeout(resolve, STARTING); });
    await Promise.race([Promise.all(tracks.map((track) => this._startTrack(track))), patience]);
    clearTimeout(timer);
    if (this._starting === turn) this._starting = -1;
    if (turn !== this._turn || !this.playing) return;
    const moved = tracks.filter(({ state, video }) => state === "on" && !video.paused).map(({ video }) => video.currentTime);
    this._setTime(moved.length ? median(moved) : this._anchor);
    this._stepped = this._now();
    this._runs = this._fresh = true;
  }

  /** @param {SyncTrack} track */
  async _startTrack(track) {
    try {
      await track.start(this._rate);
    } catch (error) {
      // Any other failure shows in the video itself: it does not move, or it has an error.
      if (/** @type {DOMException} */ (error)?.name !== "NotAllowedError" || this.silent || !this.playing) return;
      this._silence();
      await this._startTrack(track);
    }
  }

  _step() {
    const now = this._now(), gap = now - this._stepped;
    this._stepped = now;
    if (this.seeking || this._starting === this._turn) return;
    if (this._tracks.size && this._all().every(({ state }) => state === "failed")) return this.pause();
    const on = this._all().filter((track) => track.state === "on" && !this._isDone(track));
    for (const track of on) track.look(gap);
    if (this._waits(on)) return;
    if (gap > LONG_GAP && this._trustVideos(on)) return;
    if (this._atEnd()) return;
    this._join();
    this._follow(on.filter(({ state }) => state === "on"));
  }

  /** True if a video has no more to play, or cannot. @param {SyncTrack} track */
  _isDone(track) { return track.state === "failed" || track.video.ended || track.isOver(this.time); }

  /** Wait for videos that stand still, up to a limit; return true while it waits. @param {SyncTrack[]} on */
  _waits(on) {
    const still = on.filter(({ stalled }) => stalled >= STALL);
    const given = still.filter(({ late, stalled }) => late || stalled >= PATIENCE);
    for (const track of given) track.leaveOut();
    if (given.length) this._changed();
    const playing = on.filter(({ state }) => state === "on");
    const wait = still.length > given.length || (!playing.length && (!this._tracks.size || !this._all().every((track) => this._isDone(track))));
    if (wait && this._runs) {
      this._setTime(this.time);
      this._runs = false;
      for (const track of playing) if (!still.includes(track)) track.hold();
    } else if (!wait && !this._runs) {
      void this._start(this._turn);
      return true;
    }
    if (wait && !playing.length) this._join();
    return wait;
  }

  /** After a long gap the videos know better than the clock what was played. @param {SyncTrack[]} on */
  _trustVideos(on) {
    const moving = on.filter(({ video }) => !video.paused), times = (moving.length ? moving : on).map(({ video }) => video.currentTime);
    if (times.length) this._setTime(median(times));
    if (moving.length === on.length && times.every((time) => Math.abs(time - this._anchor) < BEHIND)) return false;
    void this.seek(this.time);
    return true;
  }

  /** Go back at the end of a loop, stop at the end of all; return true if it did. */
  _atEnd() {
    const [from, to] = this._range(), { time } = this;
    if (!this.duration || (time < to && (!this._loop || time >= from - BEHIND))) return false;
    if (this._loop) {
      void this.seek(from);
    } else {
      this.pause();
    }
    return true;
  }

  /** Let in those that were not ready: ahead of the clock, so that they start when it comes. */
  _join() {
    const { time } = this;
    let parked = this._all().filter(({ state }) => state === "parked");
    if (!this._runs && parked.length) { // nobody plays: the first one that can begins
      this._setTime(Math.min(...parked.map(({ video }) => video.currentTime)));
      void this._start(this._turn);
      return;
    }
    for (const track of this._all()) {
      const ahead = track.video.currentTime - time;
      if (track.state === "out" && track.loaded) void track.place(time + (this._runs ? LEAD * this._rate : 0), PATIENCE);
      else if (track.state !== "parked" || track.isOver(time)) continue;
      else if (Math.abs(ahead) > FAR) track.state = "out";
      else if (ahead <= INTERVAL / 2000 * this._rate) void this._startTrack(track).then(() => this._changed());
    }
  }

  /** Make up the differences to the clock. @param {SyncTrack[]} on */
  _follow(on) {
    const times = on.map(({ video }) => video.currentTime);
    // A browser says that a video plays some 50 ms before it moves.
    if (this._fresh && times.length) this._setTime(median(times));
    this._fresh = false;
    const late = this.time - Math.min(...times);
    if (on.length && late > BEHIND) this._setTime(this.time - late / 2);
    for (const track of on) {
      const { video } = track, ahead = video.currentTime - this.time;
      if (video.paused && !video.ended) this._resume(track);
      if (Math.abs(ahead) <= FAR) track.setRate(this._rate * correction(ahead));
      else if (!video.seeking) video.currentTime = this.time;
    }
  }

  /** Play a video that the browser has paused: because it became audible without a gesture, or was moved in the page. @param {SyncTrack} track */
  _resume(track) {
    if (!track.video.muted && globalThis.navigator?.userActivation?.hasBeenActive === false) this._silence();
    void this._startTrack(track);
  }

  _mute() {
    for (const [id, { video }] of this._tracks) {
      const muted = this.silent || id !== this._audible;
      if (video.muted !== muted) video.muted = muted;
    }
  }

  _silence() {
    this.silent = true;
    this._mute();
    for (const name of GESTURES) globalThis.document?.addEventListener(name, this._gesture, true);
    this._changed();
  }

  _unsilence() {
    this._unlisten();
    this.silent = false;
    this._mute();
    this._changed();
  }

  _unlisten() { for (const name of GESTURES) globalThis.document?.removeEventListener(name, this._gesture, true); }

  /** The keyboard's media keys would pause single videos. @param {boolean} [on] */
  _listenToMediaKeys(on = true) {
    const session = globalThis.navigator?.mediaSession;
    session?.setActionHandler("play", on ? () => void this.play() : null);
    session?.setActionHandler("pause", on ? () => this.pause() : null);
  }
}
