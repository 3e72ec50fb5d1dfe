import assert from "node:assert/strict";
import { test } from "node:test";

import { errorText, Recorder, recordingName, recordingObstacle } from "../../../voxweave_nb/widgets/static/recorder.js";
import { FakeClock } from "./fake_clock.mjs";

test("a recording is named by time and type", () => {
  const now = new Date(2026, 0, 2, 3, 4, 5);
  assert.equal(recordingName(now, "audio/webm"), "recording-2026-01-02-03-04-05.webm");
  assert.equal(recordingName(now, "audio/mp4"), "recording-2026-01-02-03-04-05.mp4");
});

test("each refusal says what to do", () => {
  const named = (name, message = "") => Object.assign(new Error(message), { name });
  assert.match(errorText(named("NotAllowedError")), /denied.*address bar/);
  assert.match(errorText(named("SecurityError")), /denied/);
  assert.match(errorText(named("NotFoundError")), /No microphone was found/);
});

test("an unknown failure has its reason", () => {
  assert.match(errorText(Object.assign(new Error("it is in use"), { name: "NotReadableError" })), /failed \(it is in use\)/);
  assert.match(errorText({ name: "AbortError", message: "" }), /\(AbortError\)/);
  for (const odd of [undefined, null, "busy"]) assert.match(errorText(odd), new RegExp(`\\(${odd}\\)`));
});

test("a missing microphone is reported", async () => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const states = [];
  const recorder = new Recorder(() => states.push(recorder.state), () => assert.fail("nothing was recorded"));
  await recorder.start();
  assert.deepEqual(states, ["asking", "off"]);
  assert.match(recorder.error, /cannot use a microphone/);
  recorder.pause();
  recorder.finish();
  recorder.discard();
  assert.deepEqual([recorder.state, recorder.on], ["off", false]);
});

test("a page knows whether it may record", () => {
  const granted = { mediaDevices: {} };
  const obstacle = (navigator, allowed, more = {}) => {
    Object.defineProperty(globalThis, "navigator", { value: navigator, configurable: true });
    globalThis.document = { featurePolicy: allowed === undefined ? undefined : { allowsFeature: (name) => name === "microphone" && allowed } };
    Object.assign(globalThis, { MediaRecorder: class {} }, more);
    return recordingObstacle();
  };
  try {
    assert.equal(obstacle(granted, true), "");
    assert.equal(obstacle(granted, undefined), "");
    assert.match(obstacle(granted, false), /does not let it use the microphone/);
    assert.match(obstacle({}, undefined), /https/);
    assert.match(obstacle(granted, undefined, { MediaRecorder: undefined }), /https/);
    for (const allowed of [false, undefined]) assert.match(obstacle(granted, allowed, { vscIPyWidgets: {} }), /VS Code does not let/);
    assert.equal(obstacle(granted, true), "", "a VS Code that allows it");
  } finally {
    for (const name of ["document", "MediaRecorder", "vscIPyWidgets"]) delete globalThis[name];
  }
});

/** A browser with a microphone; its recorder is driven by the test. */
function browser(context) {
  const time = new FakeClock(context);
  const made = [];
  const stopped = [];
  const stream = { getTracks: () => [{ stop: () => stopped.push("track") }] };
  const media = { getUserMedia: async () => stream };
  Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: media }, configurable: true });
  globalThis.AudioContext = class {
    createAnalyser() { return { getFloatTimeDomainData: (samples) => samples.fill(-0.5) }; }
    createMediaStreamSource() { return { connect() {} }; }
    close() { stopped.push("context"); return Promise.resolve(); }
  };
  globalThis.MediaRecorder = class {
    static isTypeSupported(type) { return type.startsWith("audio/mp4"); }
    constructor(_, options) { this.mimeType = options.mimeType; this.state = "inactive"; made.push(this); }
    start() { this.state = "recording"; }
    pause() { this.state = "paused"; }
    resume() { this.state = "recording"; }
    stop() { this.state = "inactive"; this.onstop(); }
  };
  globalThis.File ??= class { constructor(parts, name) { Object.assign(this, { parts, name }); } };
  return { made, stopped, media, stream, time };
}

test("a recording is measured, paused and finished", async (context) => {
  const { made, stopped, time } = browser(context);
  const done = [];
  const recorder = new Recorder(() => {}, (file, peaks) => done.push([file.name.split(".")[1], peaks]));
  await recorder.start();
  assert.equal(recorder.state, "recording");
  time.tick(100);
  assert.deepEqual([recorder.level, recorder.loudest, recorder.seconds, recorder.peaks], [0.5, 0.5, 0.1, [0.5, 0.5]]);
  recorder.pause();
  time.tick(100);
  assert.deepEqual([recorder.peaks.length, recorder.seconds], [2, 0.1]);
  recorder.pause();
  made[0].ondataavailable({ data: new Blob(["sound"]) });
  recorder.finish();
  assert.deepEqual(done, [["mp4", [100, 100]]]);
  assert.deepEqual([recorder.state, recorder.error, stopped], ["off", "", ["track", "context"]]);
});

test("a discarded recording is given to nobody", async (context) => {
  const { made } = browser(context);
  const recorder = new Recorder(() => {}, () => assert.fail("it was discarded"));
  await recorder.start();
  made[0].ondataavailable({ data: new Blob(["sound"]) });
  recorder.discard();
  assert.deepEqual([recorder.state, recorder.error], ["off", ""]);
});

test("an empty recording is reported", async (context) => {
  browser(context);
  const recorder = new Recorder(() => {}, () => assert.fail("nothing was recorded"));
  await recorder.start();
  recorder.finish();
  assert.match(recorder.error, /^Nothing was recorded/);
});

test("a failing recorder keeps its sound", async (context) => {
  const { made } = browser(context);
  const done = [];
  const recorder = new Recorder(() => {}, (file) => done.push(file.name.split(".")[1]));
  await recorder.start();
  made[0].onerror({ error: { name: "UnknownError" } });
  made[0].ondataavailable({ data: new Blob(["half"]) });
  made[0].stop();
  assert.deepEqual(done, ["mp4"]);
  assert.match(recorder.error, /failed \(UnknownError\)/);
});

test("a permission that comes too late starts nothing", async (context) => {
  const { made, media, stream, stopped } = browser(context);
  let allow;
  media.getUserMedia = () => new Promise((resolve) => { allow = () => resolve(stream); });
  const recorder = new Recorder(() => {}, () => {});
  const started = recorder.start();
  recorder.discard();
  allow();
  await started;
  assert.deepEqual([recorder.state, made.length, stopped], ["off", 0, ["track"]]);
});
