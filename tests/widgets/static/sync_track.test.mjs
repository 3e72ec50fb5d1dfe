import assert from "node:assert/strict";
import { test } from "node:test";

import { SyncTrack } from "../../../voxweave_nb/widgets/static/sync_track.js";
import { FakeClock } from "./fake_clock.mjs";
import { FakeVideo } from "./fake_video.mjs";

const settled = () => new Promise(setImmediate);

test("it is parked where it was placed", async (context) => {
  const clock = new FakeClock(context), video = new FakeVideo(clock), track = new SyncTrack(video, () => {});
  void track.place(5, 1000);
  assert.equal(track.state, "moving");
  clock.tick(50);
  await settled();
  assert.deepEqual([track.state, video.currentTime], ["parked", 5]);
});

test("the last of several places counts", async (context) => {
  const clock = new FakeClock(context), video = new FakeVideo(clock), track = new SyncTrack(video, () => {});
  void track.place(5, 1000);
  clock.tick(10);
  void track.place(7, 1000);
  clock.tick(50);
  await settled();
  assert.deepEqual([track.state, video.currentTime], ["parked", 7]);
});

test("it waits no longer than it may", async (context) => {
  const clock = new FakeClock(context), video = new FakeVideo(clock), track = new SyncTrack(video, () => {});
  video.stall();
  void track.place(0, 1000);
  clock.tick(999);
  await settled();
  assert.equal(track.state, "moving");
  clock.tick(2);
  await settled();
  assert.deepEqual([track.state, track.late], ["out", true]);
});

test("a place beyond the end is the end", async (context) => {
  const clock = new FakeClock(context), video = new FakeVideo(clock, { duration: 3 }), track = new SyncTrack(video, () => {});
  video.readyState = 2; // a browser has no more at the end
  void track.place(9, 1000);
  clock.tick(50);
  await settled();
  assert.deepEqual([track.state, video.currentTime, track.isOver(9), track.isOver(1)], ["parked", 3, true, false]);
});

test("a new source is a new chance", (context) => {
  const video = new FakeVideo(new FakeClock(context)), told = [];
  const track = new SyncTrack(video, () => told.push(track.state));
  video.fail();
  video.error = null;
  video.tell("loadstart");
  assert.deepEqual(told, ["failed", "out"]);
  track.release();
  video.fail();
  assert.equal(track.state, "out");
});
