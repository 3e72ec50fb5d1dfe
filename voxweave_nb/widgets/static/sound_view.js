// The chosen narration: its waveform, a player, and the selected part.

import { button } from "./button.js";
import { h } from "./elements.js";
import { icon } from "./icons.js";
import { clock, format } from "./format.js";
import { Waveform } from "./waveform.js";
/** @import { Narration, Session } from "./audio_session.js" */

const TEXTS = {
  wave: "Waveform of {name}. Drag to select a part.",
  play: "Play",
  playPart: "Play the selected part",
  pause: "Pause",
  whole: "All {time} will be used. Drag across the waveform to use only a part.",
  part: "{start} to {end} will be used, {time} of {all}",
  useAll: "Use all",
  recordAgain: "Record again",
  fetching: "Loading the audio from the kernel: {percent} %",
  unplayable: "This browser cannot play {name}, but the kernel can use it.",
};

/** Shows the chosen narration of a session, or the one being uploaded as far as its waveform is known. */
export class SoundView {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.audio = document.createElement("audio");
    this.wave = new Waveform({ onSeek: (seconds) => this._seek(seconds), onPart: () => this._updatePart(), onSelect: (part) => session.select(part) });
    this.playButton = button(TEXTS.play, () => this._toggle(), { kind: "va-round", icon: "play", bare: true });
    this.partText = h("span", { class: "va-part" });
    this.useAll = button(TEXTS.useAll, () => this._useAll(), { kind: "va-small" });
    this.again = button(TEXTS.recordAgain, () => session.record(), { kind: "va-small", icon: "record" });
    this.now = h("span", { class: "va-time" }, "0:00.0");
    this.root = h("div", { class: "va-sound", hidden: true },
      h("div", { class: "va-player" }, this.playButton, this.wave.root),
      h("div", { class: "va-line va-below" }, this.now, this.partText, this.useAll, this.again));
    /** @type {string | undefined} */
    this._shownId = undefined;
    this._frame = 0;
    this.audio.addEventListener("timeupdate", () => this._updateTime());
    this.audio.addEventListener("pause", () => this._updatePlaying());
    this.audio.addEventListener("play", () => this._updatePlaying());
    this.audio.addEventListener("error", () => void this._onError());
  }

  update() {
    const { session, wave } = this;
    const chosen = session.chosen;
    const coming = chosen ? undefined : session.queue.find((each) => session.local(each.id).peaks?.length);
    this.root.hidden = session.recorder.on || (!chosen && !coming);
    if (this.root.hidden) return;
    const local = session.local(/** @type {{id: string}} */ (chosen ?? coming).id);
    wave.duration = chosen?.duration ?? local.duration ?? 0;
    if (!wave.changing) wave.part = chosen ? session.model.get("selection") ?? null : null;
    wave.root.setAttribute("aria-label", format(TEXTS.wave, { name: chosen?.name ?? coming?.file.name ?? "" }));
    this.again.hidden = !session.lastRecording || session.lastRecording.id !== chosen?.id;
    if (chosen) wave.draw(session.model.get("_peaks"));
    else wave.draw(local.peaks ?? [], true);
    if (chosen?.id !== this._shownId) this._unload(chosen?.id);
    wave.place();
    this._updatePart();
  }

  pause() { this.audio.pause(); }

  close() {
    this.audio.pause();
    cancelAnimationFrame(this._frame);
  }

  /** Stop playing another narration. @param {string | undefined} id of the one to show */
  _unload(id) {
    this._shownId = id;
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
    this.wave.position = 0;
    this._updatePlaying();
  }

  _useAll() {
    this.wave.part = null;
    this.wave.place();
    this._updatePart();
    this.session.select(null);
    this.wave.needle.focus();
  }

  _updatePart() {
    const { part, duration } = this.wave;
    const { fetching } = this.session;
    const all = clock(duration, 1);
    if (fetching >= 0) this.partText.textContent = format(TEXTS.fetching, { percent: fetching });
    else if (!part) this.partText.textContent = format(TEXTS.whole, { time: all });
    else {
      const [start, end] = part;
      this.partText.textContent = format(TEXTS.part, { start: clock(start, 1), end: clock(end, 1), time: `${(end - start).toFixed(1)} s`, all });
    }
    this.useAll.hidden = !part;
    this._updateLabel();
  }

  _updateLabel() {
    const label = !this.audio.paused ? TEXTS.pause : this.wave.part ? TEXTS.playPart : TEXTS.play;
    this.playButton.setAttribute("aria-label", label);
    this.playButton.title = label;
  }

  _updatePlaying() {
    this.playButton.replaceChildren(icon(this.audio.paused ? "play" : "pause"));
    this._updateLabel();
    cancelAnimationFrame(this._frame);
    const turn = () => {
      this._updateTime();
      if (!this.audio.paused) this._frame = requestAnimationFrame(turn);
    };
    turn();
  }

  _updateTime() {
    const { audio, wave } = this;
    if (audio.src && audio.currentTime < 1e6) wave.position = audio.currentTime; // a recording without a known duration may report an absurd time
    const end = wave.part?.[1];
    if (end !== undefined && !audio.paused && audio.currentTime >= end) audio.pause();
    this.now.textContent = clock(wave.position, 1);
    wave.place();
  }

  async _toggle() {
    if (!this.audio.paused) return this.audio.pause();
    if (await this._load()) this._play();
  }

  _play() {
    const { audio, wave } = this;
    const [start, end] = wave.part ?? [0, wave.duration];
    if (wave.position < start - 0.05 || wave.position >= end - 0.05) audio.currentTime = start;
    else if (Math.abs(audio.currentTime - wave.position) > 0.2) audio.currentTime = wave.position;
    audio.play().catch(() => {}); // an error is reported by its event
  }

  /** Load the sound unless it is there. Resolves to true if there is something to play. @param {boolean} [copy] as in `Session.url` */
  async _load(copy) {
    const narration = this._current();
    if (!narration) return false;
    if (this.audio.src && !copy) return true;
    const url = await this.session.url(narration, copy);
    // Another narration may have been chosen meanwhile.
    if (!url || this._current()?.id !== narration.id) return false;
    this.audio.src = url;
    await new Promise((resolve) => { this.audio.onloadedmetadata = this.audio.onerror = resolve; });
    return !this.audio.error;
  }

  /** Return the narration to play: the chosen one, else the one that is being uploaded. @returns {Narration | undefined} */
  _current() {
    const upload = this.session.queue[0];
    return this.session.chosen ?? (upload && { id: upload.id, name: upload.file.name, size: upload.file.size, duration: 0 });
  }

  /** @param {number} seconds */
  _seek(seconds) {
    this.wave.position = seconds;
    this.wave.place();
    this.now.textContent = clock(seconds, 1);
    if (this.audio.src) this.audio.currentTime = seconds;
  }

  /** Play a copy in place of a sound that this page cannot decode; report a copy that it cannot. */
  async _onError() {
    const { chosen } = this.session;
    if (!this.audio.src) return;
    if (chosen && !this.session.local(chosen.id).copied) {
      if (await this._load(true)) this._play();
      return;
    }
    this.session.errors = [format(TEXTS.unplayable, { name: this.session.chosen?.name ?? "" })];
    this.session.changed("error");
  }
}
