/** Time that a test moves: timers and `performance.now()`, in milliseconds. Node's own mock differs between its versions. */
export class FakeClock {
  /** @param {{after(callback: () => void): void}} context of the test, at whose end real time is back */
  constructor(context) {
    this.now = 0;
    this.timers = new Map();
    this.count = 0;
    const own = { setTimeout, clearTimeout, setInterval, clearInterval };
    const start = (repeats) => (callback, wait) => {
      this.timers.set(++this.count, { callback, due: this.now + wait, wait, repeats });
      return this.count;
    };
    const stop = (id) => this.timers.delete(id);
    Object.assign(globalThis, { setTimeout: start(false), setInterval: start(true), clearTimeout: stop, clearInterval: stop });
    context.mock.method(performance, "now", () => this.now);
    context.after(() => Object.assign(globalThis, own));
  }

  /** Let time pass; due timers run in their order. */
  tick(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const [next] = [...this.timers].filter(([, timer]) => timer.due <= end).sort(([, a], [, b]) => a.due - b.due);
      if (!next) break;
      const [id, timer] = next;
      this.now = timer.due;
      if (timer.repeats) timer.due += timer.wait;
      else this.timers.delete(id);
      timer.callback();
    }
    this.now = end;
  }
}
