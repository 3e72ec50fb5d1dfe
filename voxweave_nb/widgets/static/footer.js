// The line below a video: its title, where it comes from, and its settings to copy.

import { h } from "./elements.js";
import { icon } from "./icons.js";
import { format } from "./format.js";
/** @import { Format } from "./rendition.js" */
/** @import { Way } from "./source.js" */

const TEXTS = {
  server: "streamed from the notebook server",
  kernel: "sent through the kernel",
  mp4: ", as a copy with MP3 sound",
  webm: ", as a copy in VP8 and Vorbis",
  copy: "Copy settings",
  copied: "Copied: {line}",
  notCopied: "The browser did not allow copying: {line}",
};

const COPIED_MARK = 1600;

/** Title, source and settings of a video. */
export class Footer {
  /** @param {(text: string) => void} announce to screen readers */
  constructor(announce) {
    this._announce = announce;
    this._settings = "";
    this.title = h("div", { class: "vp-title" });
    this.badge = h("span", { class: "vp-badge", hidden: true });
    this.copy = h("button", { type: "button", class: "vp-copy", hidden: true, onclick: () => this._copySettings() }, icon("copy"), TEXTS.copy);
    this.root = h("div", { class: "vp-foot" }, this.title, this.badge, this.copy);
  }

  /** @param {string} title @param {string} settings a line of Python, or "" */
  set(title, settings) {
    this._settings = settings;
    this.title.textContent = this.title.title = title;
    this.copy.hidden = !settings;
  }

  /** @param {Way} way @param {Format} format of the copy that is played, or "" */
  showWay(way, format) {
    this.badge.textContent = TEXTS[way] + (/** @type {Record<string, string>} */ (TEXTS)[format] ?? "");
    this.badge.dataset.way = way;
    this.badge.hidden = false;
  }

  async _copySettings() {
    const line = this._settings;
    let done = true;
    try {
      await navigator.clipboard.writeText(line);
    } catch { // on a page that is not secure
      const area = h("textarea", { class: "vx-hidden" });
      area.value = line;
      this.root.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      this.copy.focus();
    }
    this._announce(format(done ? TEXTS.copied : TEXTS.notCopied, { line }));
    this.copy.classList.toggle("vp-done", done);
    setTimeout(() => this.copy.classList.remove("vp-done"), COPIED_MARK);
  }
}
