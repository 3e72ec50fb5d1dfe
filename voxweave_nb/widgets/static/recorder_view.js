// The panel that takes the drop zone's place during a recording.

import { button } from "./button.js";
import { h } from "./elements.js";
import { clamp, clock } from "./format.js";
import { LiveWaveform } from "./waveform.js";
/** @import { Recorder } from "./recorder.js" */

const TEXTS = {
  meter: "Level of the microphone",
  recording: "Recording",
  paused: "Recording paused",
  pause: "Pause",
  resume: "Resume",
  finish: "Finish",
  discard: "Discard",
  quiet: "No sound is coming from the microphone. Check that the right one is chosen and not muted.",
};

const METER_DECIBELS = 60;
const CLIPPING = 0.98;
const QUIET_LEVEL = 0.004, QUIET_SECONDS = 3;

/** Convert a level to percent of the meter, which spans 60 dB. @param {number} level from 0 to 1 */
export function meterPercent(level) {
  return clamp(100 + (20 * Math.log10(Math.max(level, 1e-5)) * 100) / METER_DECIBELS, 0, 100);
}

/** Level, time, waveform and buttons of a recorder. */
export class RecorderView {
  /** @param {Recorder} recorder */
  constructor(recorder) {
    this.recorder = recorder;
    this.level = h("div", { class: "va-level" });
    this.meter = h("div", { class: "va-meter", role: "meter", "aria-label": TEXTS.meter, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" }, this.level);
    this.time = h("span", { class: "va-time" }, "0:00");
    this.state = h("span", {}, TEXTS.recording);
    this.pause = button(TEXTS.pause, () => recorder.pause());
    this.finish = button(TEXTS.finish, () => recorder.finish(), { kind: "va-primary", icon: "stop" });
    this.quiet = h("div", { class: "va-soft va-quiet", hidden: true }, TEXTS.quiet);
    this.wave = new LiveWaveform();
    this.root = h("div", { class: "va-recorder", hidden: true },
      h("div", { class: "va-line" }, h("span", { class: "va-dot", "aria-hidden": "true" }), this.state, this.time, this.meter),
      this.wave.svg, this.quiet,
      h("div", { class: "va-actions" }, this.finish, this.pause, button(TEXTS.discard, () => recorder.discard())));
  }

  update() {
    const { on, state, level, seconds, loudest, peaks } = this.recorder;
    this.root.hidden = !on;
    this.root.classList.toggle("va-recording", state === "recording");
    if (!on) return;
    this.state.textContent = state === "paused" ? TEXTS.paused : TEXTS.recording;
    this.pause.textContent = state === "paused" ? TEXTS.resume : TEXTS.pause;
    this.time.textContent = clock(seconds, 1);
    const percent = meterPercent(level);
    this.level.style.width = `${percent}%`;
    this.meter.setAttribute("aria-valuenow", String(Math.round(percent)));
    this.meter.classList.toggle("va-clipping", level > CLIPPING);
    this.quiet.hidden = seconds < QUIET_SECONDS || loudest > QUIET_LEVEL;
    this.wave.draw(peaks);
  }
}
