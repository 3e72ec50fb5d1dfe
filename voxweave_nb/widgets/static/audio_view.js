// The audio input's view: the drop zone with the recorder, the uploads, the sound and the narrations.

import { button } from "./button.js";
import { h } from "./elements.js";
import { icon } from "./icons.js";
import { ACCEPT } from "./file_check.js";
import { clock, fileSize, format } from "./format.js";
import { goneNotice, keepKeys } from "./notebook.js";
import { recordingObstacle } from "./recorder.js";
import { RecorderView } from "./recorder_view.js";
import { watchConnection } from "./server.js";
import { SoundView } from "./sound_view.js";
import { UploadList } from "./upload_list.js";
/** @import { Narration, Session } from "./audio_session.js" */

const TEXTS = {
  group: "Narration",
  drop: "Drop a narration here",
  dropHint: "or paste it. MP3, WAV, M4A, FLAC, OGG, WebM and the sound of a video, up to {most}",
  dropNow: "Release to add it",
  dropAnother: "Drop another one",
  browse: "Choose files",
  record: "Record",
  recordStarted: "Recording has started",
  narrations: "Available narrations",
  remove: "Remove {name}",
  gone: "The kernel was restarted or closed, so this control is disconnected. Choose a file that was still being uploaded again.",
  server: "The notebook server does not answer. Uploads continue when it is back.",
};

const SOUND_CHANGES = ["_files", "_chosen", "_peaks", "queue", "peaks", "selection", "fetching"];

/** A view of a session; there may be several. */
export class AudioView {
  /** @param {Session} session @param {HTMLElement} el */
  constructor(session, el) {
    this.session = session;
    this._end = new AbortController();
    /** @type {"" | "kernel" | "server"} */
    this._unreached = "";
    this._alerted = "";
    this._recording = false;
    this.recorder = new RecorderView(session.recorder);
    this.sound = new SoundView(session);
    this.uploads = new UploadList(session, () => (this.sound.playButton.offsetParent ? this.sound.playButton : this.recordButton.hidden ? this.browseButton : this.recordButton).focus());
    this._build();
    el.append(this.root);
    const { signal } = this._end;
    session.addEventListener("change", (event) => this._onChange(/** @type {CustomEvent} */ (event).detail), { signal });
    session.addEventListener("announce", (event) => { this.live.textContent = /** @type {CustomEvent} */ (event).detail; }, { signal });
    keepKeys(() => this.root, signal);
    watchConnection(session.model, el, signal, (unreached) => { this._unreached = unreached; this._updateAlert(); });
    for (const what of ["queue", "_files", "recorder", "error", "gone"]) this._onChange(what);
  }

  close() {
    this._end.abort();
    this.sound.close();
    this.root.remove();
  }

  _build() {
    const { session } = this;
    this.input = h("input", { type: "file", multiple: true, accept: ACCEPT, class: "vx-hidden", tabindex: "-1", "aria-hidden": "true",
      onchange: () => { void session.add([...this.input.files]); this.input.value = ""; } });
    this.browseButton = button(TEXTS.browse, () => this.input.click(), { kind: "va-primary" });
    this.recordButton = button(TEXTS.record, () => session.record(), { icon: "record" });
    const obstacle = recordingObstacle();
    this.recordButton.hidden = obstacle !== "";
    this.dropTitle = h("div", { class: "va-title" }, TEXTS.drop);
    const hint = format(TEXTS.dropHint, { most: fileSize(session.model.get("max_bytes")) });
    this.zone = h("div", { class: "va-zone" }, icon("drop"), h("div", { class: "va-words" }, this.dropTitle, h("div", { class: "va-soft" }, hint), h("div", { class: "va-soft", hidden: !obstacle }, obstacle)),
      h("div", { class: "va-actions" }, this.browseButton, this.recordButton));
    this.narrations = h("ul", { class: "va-files", "aria-label": TEXTS.narrations });
    this.alert = h("div", { class: "va-alert", role: "alert" });
    this.live = h("div", { class: "vx-hidden", role: "status", "aria-live": "polite" });
    this.root = h("section", { class: "voxweave-audio", "aria-label": TEXTS.group, "data-jp-suppress-context-menu": true,
      onpaste: (/** @type {ClipboardEvent} */ event) => this._paste(event) },
    this.zone, this.recorder.root, this.uploads.root, this.sound.root, this.narrations, this.alert, this.live, this.input);
    this._acceptDrops();
  }

  _acceptDrops() {
    let depth = 0; // of elements under the pointer, each of which is entered and left
    /** @param {DragEvent} event @param {number} step */
    const drag = (event, step) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      depth = Math.max(0, depth + step);
      this.root.classList.toggle("va-over", depth > 0);
      this.dropTitle.textContent = depth > 0 ? TEXTS.dropNow : this._title();
    };
    this.root.addEventListener("dragenter", (/** @type {DragEvent} */ event) => drag(event, 1));
    this.root.addEventListener("dragleave", (/** @type {DragEvent} */ event) => drag(event, -1));
    this.root.addEventListener("dragover", (/** @type {DragEvent} */ event) => drag(event, 0));
    this.root.addEventListener("drop", (/** @type {DragEvent} */ event) => {
      drag(event, -depth);
      void this.session.add([...(event.dataTransfer?.files ?? [])]);
    });
  }

  /** @param {ClipboardEvent} event */
  _paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    void this.session.add(files);
  }

  _title() { return this.session.narrations.length ? TEXTS.dropAnother : TEXTS.drop; }

  /** True in a panel, which itself reports a kernel or server that is gone. */
  get _inPanel() { return this.root.closest(".voxweave-panel") !== null; }

  /** @param {string} what */
  _onChange(what) {
    if (what === "recorder") return this._updateRecorder();
    if (what === "selection" && this.sound.wave.changing) return;
    if (what === "queue" || what === "gone") this.uploads.update();
    if (what === "gone" && this.session.gone) this.root.classList.add("va-gone");
    if (SOUND_CHANGES.includes(what)) this.sound.update();
    if (what === "_files" || what === "_chosen") this._updateNarrations();
    this._updateAlert();
  }

  _updateAlert() {
    const { session } = this;
    const failed = session.queue.filter((each) => each.state === "failed").map((each) => each.error);
    const gone = session.gone || this._unreached === "kernel";
    const server = this._unreached === "server" && !this._inPanel ? TEXTS.server : "";
    const all = gone ? [TEXTS.gone] : [server, ...session.errors, session.recorder.error, ...failed, session.model.get("error")];
    const texts = [...new Set(all.filter(Boolean))];
    // A live region is read out again whenever its content is replaced.
    if (texts.join("\n") === this._alerted) return;
    this._alerted = texts.join("\n");
    this.alert.replaceChildren(...texts.map((text) => (gone && !this._inPanel ? goneNotice(text, this.root) : h("div", {}, text))));
  }

  _updateRecorder() {
    const { recorder } = this.session;
    const { on } = recorder;
    this.zone.hidden = on;
    this.recordButton.disabled = this.sound.again.disabled = recorder.state !== "off";
    const focused = this.recorder.root.contains(document.activeElement) || document.activeElement === document.body;
    this.recorder.update();
    if (on !== this._recording) {
      this._recording = on;
      this.sound.update();
      if (on) {
        this.sound.pause();
        this.session.announce(TEXTS.recordStarted);
        this.recorder.finish.focus();
      } else if (focused) this.recordButton.focus();
    }
    if (!on) this._updateAlert();
  }

  _updateNarrations() {
    const { session } = this;
    const all = session.narrations;
    this.narrations.hidden = all.length === 0;
    this.narrations.replaceChildren(...all.map((each) => this._narrationItem(each)));
    this.root.classList.toggle("va-filled", all.length > 0);
    this.dropTitle.textContent = this._title();
  }

  /** @param {Narration} narration */
  _narrationItem({ id, name, duration, size }) {
    const { session } = this;
    const chosen = id === session.model.get("_chosen");
    const choose = h("button", { type: "button", class: "va-choose", "aria-pressed": String(chosen), onclick: () => session.choose(id) },
      ...(chosen ? [icon("check")] : []), h("span", { class: "va-name" }, name),
      h("span", { class: "va-soft" }, `${clock(duration)} · ${fileSize(size)}`));
    const remove = button(format(TEXTS.remove, { name }), () => session.remove(id), { kind: "va-bare", icon: "close", bare: true });
    return h("li", {}, choose, remove);
  }
}
