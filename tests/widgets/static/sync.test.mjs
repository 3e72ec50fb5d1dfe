import assert from "node:assert/strict";
import { test } from "node:test";

import { correction, median, Transport } from "../../../voxweave_nb/widgets/static/sync.js";
import { FakeClock } from "./fake_clock.mjs";
import { FakeVideo } from "./fake_video.mjs";

/** A transport of videos on a clock; `pass` lets time pass in steps, and what waits for promises go on. */
function stage(context, ...options) {
  const clock = new FakeClock(context), transport = new Transport({ now: () => clock.now });
  const videos = options.map((each) => new FakeVideo(clock, each));
  videos.forEach((video, place) => transport.add(String(place), video));
  context.after(() => transport.close());
  const pass = async (milliseconds) => {
    for (let left = milliseconds; left > 0; left -= 10) {
      await new Promise(setImmediate);
      clock.tick(Math.min(10, left));
    }
    await new Promise(setImmediate);
  };
  return { clock, transport, videos, pass };
}

const spread = (videos) => {
  const times = videos.map((video) => video.currentTime);
  return Math.max(...times) - Math.min(...times);
};
const assertNear = (value, expected, tolerance = 0.06) => assert.ok(Math.abs(value - expected) <= tolerance, `${value} instead of ${expected}`);

test("small differences are left alone", () => {
  assert.equal(correction(0.007), 1);
  assert.equal(correction(-0.007), 1);
  assert.equal(correction(0.04), 0.9);
  assert.equal(correction(-0.04), 1.1);
  assert.equal(correction(5), 0.75);
  assert.equal(correction(-5), 1.25);
});

test("the median is the middle one", () => {
  assert.equal(median([]), 0);
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([10, 1, 2, 3]), 2.5);
});

test("videos that start late catch up", async (context) => {
  const { transport, videos, pass } = stage(context, {}, { startsAfter: 300 }, { startsAfter: 700 });
  void transport.play();
  await pass(5000);
  assert.equal(transport.playing, true);
  assert.ok(spread(videos) < 0.02, String(spread(videos)));
  assert.deepEqual(videos.map((video) => video.seeks), [0, 0, 0]); // by speed alone
  assertNear(transport.time, videos[0].currentTime);
});

test("a slow video holds the clock back", async (context) => {
  const { transport, videos, pass } = stage(context, {}, { speed: 0.6 });
  void transport.play();
  await pass(6000);
  assert.ok(spread(videos) < 0.5, String(spread(videos)));
  assert.ok(transport.time > 4 && transport.time < 5.5, String(transport.time)); // 0.6 times 1.25 of 6 s
});

test("one that has ended waits", async (context) => {
  const { transport, videos, pass } = stage(context, { duration: 2 }, { duration: 4 });
  assert.equal(transport.duration, 4);
  void transport.play();
  await pass(3000);
  assert.deepEqual([videos[0].currentTime, transport.playing], [2, true]);
  assertNear(videos[1].currentTime, 3);
  await pass(1500);
  assert.deepEqual([transport.time, transport.playing], [4, false]);
  assert.deepEqual(videos.map((video) => video.currentTime), [2, 4]);
  void transport.play();
  await pass(1000);
  for (const video of videos) assertNear(video.currentTime, 1, 0.1);
});

test("all wait for a short stall", async (context) => {
  const { transport, videos, pass } = stage(context, {}, {}, {});
  void transport.play();
  await pass(2000);
  videos[1].stall();
  await pass(1500);
  assert.ok(videos[0].paused);
  assert.ok(videos[0].currentTime < 2.8);
  videos[1].recover();
  await pass(2500);
  assert.ok(spread(videos) < 0.02, String(spread(videos)));
  assert.ok(videos[0].currentTime > 4);
});

test("the others go on without a stalled one", async (context) => {
  const { transport, videos, pass } = stage(context, {}, {}, {});
  void transport.play();
  await pass(2000);
  videos[1].stall();
  await pass(5000);
  assert.deepEqual(transport.waiting, ["1"]);
  const before = videos[0].currentTime;
  assertNear(before, 4, 0.5);
  videos[1].recover();
  await pass(2500);
  assert.deepEqual(transport.waiting, []);
  assert.ok(spread(videos) < 0.03, String(spread(videos)));
  assertNear(videos[0].currentTime, before + 2.5); // nobody waited while it joined
});

test("an error does not stop the others", async (context) => {
  const { transport, videos, pass } = stage(context, {}, {});
  void transport.play();
  await pass(1000);
  videos[0].fail();
  await pass(2000);
  assertNear(videos[1].currentTime, 3);
  assert.deepEqual(transport.waiting, ["0"]);
  videos[1].fail();
  await pass(200);
  assert.equal(transport.playing, false);
});

test("one that never loads is not awaited", async (context) => {
  const { transport, videos, pass } = stage(context, {}, {});
  videos[1].stall();
  void transport.play();
  await pass(2500);
  assert.equal(videos[0].currentTime, 0);
  await pass(2500);
  assertNear(videos[0].currentTime, 2, 0.1);
  void transport.seek(6); // and not once more
  await pass(500);
  assertNear(videos[0].currentTime, 6.48, 0.1);
});

test("a video joins while others play", async (context) => {
  const { clock, transport, videos, pass } = stage(context, {}, {});
  void transport.play();
  await pass(3000);
  const late = new FakeVideo(clock, { seeksIn: 200 });
  transport.add("late", late);
  transport.remove("0");
  assert.ok(videos[0].paused);
  await pass(3000);
  assert.ok(spread([videos[1], late]) < 0.03, String(spread([videos[1], late])));
  assertNear(transport.time, 6, 0.1);
});

test("playing goes on with other videos", async (context) => {
  const { clock, transport, pass } = stage(context, {});
  void transport.play();
  await pass(3000);
  transport.remove("0");
  await pass(2000);
  assertNear(transport.time, 3); // nothing is missed while there is none
  const next = new FakeVideo(clock);
  transport.add("next", next);
  await pass(1500);
  assertNear(next.currentTime, 4.3, 0.3);
});

test("a seek brings all to one place", async (context) => {
  const { transport, videos, pass } = stage(context, {}, { seeksIn: 900 });
  void transport.play();
  await pass(1000);
  void transport.seek(2);
  void transport.seek(8);
  await pass(500);
  assert.deepEqual(videos.map((video) => video.paused), [true, true]);
  assert.equal(transport.seeking, true);
  await pass(1000);
  assert.equal(transport.seeking, false);
  assert.ok(spread(videos) < 0.02);
  assertNear(transport.time, 8.6, 0.1);
});

test("a pause shows one frame everywhere", async (context) => {
  const { transport, videos, pass } = stage(context, {}, { startsAfter: 200 });
  void transport.play();
  await pass(600);
  transport.pause();
  await pass(100);
  assert.equal(spread(videos), 0);
  assert.equal(videos[0].currentTime, transport.time);
});

test("the correction multiplies a chosen speed", async (context) => {
  const { transport, videos, pass } = stage(context, { duration: 60 }, { duration: 60, startsAfter: 200 });
  transport.rate = 2;
  void transport.play();
  await pass(400);
  assert.ok(videos[1].playbackRate > 2);
  await pass(4600);
  assert.ok(spread(videos) < 0.03, String(spread(videos)));
  assertNear(transport.time, 9.8, 0.3);
  assert.ok(videos.every((video) => video.preservesPitch));
});

test("a loop is repeated", async (context) => {
  const { transport, videos, pass } = stage(context, {}, {});
  transport.loop = [1, 2];
  void transport.play();
  for (let step = 0; step < 40; step++) {
    await pass(100);
    for (const video of videos) assert.ok(video.currentTime > 0.9 && video.currentTime < 2.15 || step < 2, String(video.currentTime));
  }
  transport.loop = [3, 3.05]; // too short
  assert.equal(transport.loop, null);
  await pass(2000);
  assert.ok(transport.time > 2.2);
});

test("only one video is audible", async (context) => {
  const { transport, videos } = stage(context, {}, {}, {});
  const muted = () => videos.map((video) => video.muted);
  assert.deepEqual(muted(), [true, true, true]);
  transport.audible = "1";
  assert.deepEqual(muted(), [true, false, true]);
  transport.audible = null;
  assert.deepEqual(muted(), [true, true, true]);
});

test("without a gesture it plays silently", async (context) => {
  globalThis.document = new EventTarget();
  context.after(() => { delete globalThis.document; });
  const { transport, videos, pass } = stage(context, { needsGesture: true }, { needsGesture: true });
  transport.audible = "0";
  void transport.play();
  await pass(1000);
  assert.deepEqual([transport.silent, videos[0].muted], [true, true]);
  assert.ok(spread(videos) < 0.02);
  assert.ok(transport.time > 0.8);
  document.dispatchEvent(new Event("pointerup"));
  assert.deepEqual([transport.silent, videos[0].muted, videos[1].muted], [false, false, true]);
});

test("a paused video is played again", async (context) => {
  const { transport, videos, pass } = stage(context, {}, {});
  void transport.play();
  await pass(1000);
  videos[1].pause(); // as browsers do when it is moved in the page
  await pass(2000);
  assert.ok(spread(videos) < 0.03, String(spread(videos)));
});

test("a page that was hidden goes on", async (context) => {
  const { clock, transport, videos, pass } = stage(context, { duration: 100 }, { duration: 100 });
  void transport.play();
  await pass(1000);
  for (const video of videos) video.pause(); // the computer slept
  clock.now += 60_000;
  for (const timer of clock.timers.values()) timer.due += 60_000;
  await pass(1500);
  assert.ok(transport.time < 4, String(transport.time));
  assert.ok(spread(videos) < 0.03, String(spread(videos)));
});

test("changes are told", async (context) => {
  const { transport, pass } = stage(context, {});
  const told = [];
  transport.onchange = () => told.push(`${transport.playing} ${transport.seeking}`);
  void transport.play();
  await pass(200);
  transport.pause();
  await pass(200);
  assert.deepEqual([...new Set(told)], ["true true", "true false", "false true", "false false"]);
});

test("a closed transport leaves the videos alone", async (context) => {
  const { clock, transport, videos, pass } = stage(context, {});
  void transport.play();
  await pass(500);
  transport.close();
  assert.deepEqual([videos[0].paused, transport.playing, clock.timers.size], [true, false, 0]);
});
