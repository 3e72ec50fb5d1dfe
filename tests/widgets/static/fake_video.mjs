/** A video element whose time runs with a `FakeClock`; it can be slow, stall, fail, and refuse to play with sound. */
export class FakeVideo extends EventTarget {
  /** @param {import("./fake_clock.mjs").FakeClock} clock */
  constructor(clock, { duration = 12, speed = 1, startsAfter = 0, seeksIn = 20, needsGesture = false } = {}) {
    super();
    Object.assign(this, { clock, duration, speed, startsAfter, seeksIn, needsGesture });
    Object.assign(this, { paused: true, muted: false, seeking: false, readyState: 4, networkState: 1, error: null, seeks: 0 });
    this.from = this.since = 0;
    this.rate = 1;
  }

  get moves() { return !this.paused && !this.seeking && this.readyState >= 3; }
  get currentTime() {
    const seconds = this.moves ? Math.max(0, this.clock.now - this.since) / 1000 : 0;
    return Math.min(this.from + seconds * this.rate * this.speed, this.duration);
  }
  set currentTime(time) {
    this.seeks += 1;
    this.settle();
    this.from = Math.min(time, this.duration);
    this.seeking = true;
    const number = this.seeks;
    setTimeout(() => {
      if (number !== this.seeks) return;
      this.since = this.clock.now;
      this.seeking = false;
      this.tell("seeked");
    }, this.seeksIn);
  }

  get ended() { return !this.seeking && this.currentTime >= this.duration; }
  get playbackRate() { return this.rate; }
  set playbackRate(rate) {
    this.settle();
    this.rate = rate;
  }

  async play() {
    if (this.needsGesture && !this.muted) throw Object.assign(new Error("no gesture"), { name: "NotAllowedError" });
    if (!this.paused) return;
    this.paused = false;
    this.since = this.clock.now + this.startsAfter;
    await new Promise((resolve) => setTimeout(resolve, this.startsAfter));
  }

  pause() {
    this.settle();
    this.paused = true;
  }

  stall() {
    this.settle();
    this.readyState = 2;
  }

  recover() {
    this.readyState = 4;
    this.since = this.clock.now;
    this.tell("canplay");
  }

  fail() {
    this.settle();
    this.readyState = 0;
    this.error = { code: 4 };
    this.tell("error");
  }

  settle() {
    this.from = this.currentTime;
    this.since = Math.max(this.since, this.clock.now);
  }

  tell(name) { this.dispatchEvent(new Event(name)); }
}
