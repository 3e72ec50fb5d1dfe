// The files that are being uploaded, each with its progress and its buttons.

import { button } from "./button.js";
import { h } from "./elements.js";
import { progressText } from "./upload.js";
/** @import { Session } from "./audio_session.js" */
/** @import { Upload } from "./upload.js" */

const TEXTS = {
  uploads: "Files being uploaded",
  pause: "Pause",
  resume: "Resume",
  cancel: "Cancel",
  retry: "Try again",
  dismiss: "Dismiss",
};

/** A list of a session's uploads. */
export class UploadList {
  /** @param {Session} session @param {() => void} onFocusLost called when a row that had the focus disappears */
  constructor(session, onFocusLost) {
    this.session = session;
    this.root = h("ul", { class: "va-queue", "aria-label": TEXTS.uploads });
    this._onFocusLost = onFocusLost;
    /** @type {Map<Upload, any>} */
    this._rows = new Map();
  }

  /** Add, update and remove rows. */
  update() {
    const { queue } = this.session;
    for (const [upload, row] of this._rows) if (!queue.includes(upload)) this._remove(upload, row);
    for (const upload of queue) this._updateRow(upload, this._rows.get(upload) ?? this._add(upload));
  }

  /** @param {Upload} upload @param {any} row */
  _remove(upload, row) {
    const focused = row.root.contains(document.activeElement);
    row.root.remove();
    this._rows.delete(upload);
    if (focused) this._onFocusLost();
  }

  /** @param {Upload} upload */
  _add(upload) {
    const { session } = this;
    const fill = h("div", { class: "va-fill" });
    const note = h("span", { class: "va-soft va-note" });
    const pause = button(TEXTS.pause, () => (upload.state === "paused" ? upload.resume() : upload.pause()), { kind: "va-small" });
    const cancel = button(TEXTS.cancel, () => (upload.over ? session.dismiss(upload) : upload.cancel()), { kind: "va-small" });
    const retry = button(TEXTS.retry, () => session.retry(upload), { kind: "va-small" });
    const bar = h("div", { class: "va-bar", role: "progressbar", "aria-label": upload.file.name, "aria-valuemin": "0", "aria-valuemax": "100" }, fill);
    const root = h("li", { class: "va-row" }, h("span", { class: "va-name" }, upload.file.name), note,
      h("span", { class: "va-actions" }, pause, retry, cancel), bar);
    const row = { root, fill, note, pause, cancel, retry, bar };
    this._rows.set(upload, row);
    this.root.append(root);
    return row;
  }

  /** @param {Upload} upload @param {any} row */
  _updateRow(upload, row) {
    const { state } = upload;
    const failed = state === "failed";
    row.root.dataset.state = state;
    row.note.textContent = failed ? "" : progressText(upload);
    row.fill.style.width = `${(100 * upload.done) / upload.file.size}%`;
    row.bar.setAttribute("aria-valuenow", String(upload.percent));
    row.bar.setAttribute("aria-valuetext", row.note.textContent || `${upload.percent} %`);
    row.pause.textContent = state === "paused" ? TEXTS.resume : TEXTS.pause;
    row.pause.hidden = failed || state === "waiting" || state === "checking" || this.session.gone;
    row.cancel.textContent = failed ? TEXTS.dismiss : TEXTS.cancel;
    row.cancel.hidden = state === "checking";
    row.retry.hidden = !failed;
  }
}
