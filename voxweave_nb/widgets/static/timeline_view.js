// The player's timeline: what is played and loaded, the loop, and a thumbnail under the pointer.

import { followPointer, h } from "./elements.js";
import { clamp, clock, format } from "./format.js";
import { chapterAt, makeLoop, tileAt } from "./playback.js";
import { share, timeAt } from "./timeline.js";
/** @import { Chapter } from "./playback.js" */
/** @import { PlayerView } from "./player_view.js" */

/** @type {Chapter[]} */
const NONE = [];
const TEXTS = {
  timeline: "Position in the video",
  position: "{time} of {all}",
  inChapter: "{position}, {chapter}",
};

/** A slider over the video's duration. */
export class TimelineView {
  /** @param {PlayerView} player */
  constructor(player) {
    this.player = player;
    this.played = h("div", { class: "vp-played" });
    this.buffered = h("div", { class: "vp-buffered" });
    this.loopMark = h("div", { class: "vp-loopmark", hidden: true });
    this.knob = h("div", { class: "vp-knob" });
    this.thumb = h("div", { class: "vp-thumb" });
    this.tipTime = h("span", { class: "vp-tiptime" });
    this.tipChapter = h("div", { class: "vp-tipchapter" });
    this.chapterMarks = h("div", { class: "vp-chapters" });
    /** What is marked. @type {{chapters?: Chapter[], duration?: number}} */
    this._marked = {};
    this.tip = h("div", { class: "vp-tip", "aria-hidden": "true", hidden: true }, this.thumb, this.tipChapter, this.tipTime);
    this.root = h("div", {
      class: "vp-line", role: "slider", tabindex: "0", "aria-label": TEXTS.timeline, "aria-valuemin": "0",
      onpointerdown: (/** @type {PointerEvent} */ event) => this._press(event),
      onpointermove: (/** @type {PointerEvent} */ event) => this._hover(event),
      onpointerleave: () => { this.tip.hidden = true; },
    }, h("div", { class: "vp-rail" }, this.buffered, this.played, this.loopMark, this.chapterMarks), this.knob, this.tip);
  }

  update() {
    const { video, duration, loop } = this.player;
    const at = video.currentTime, ranges = video.buffered;
    this.played.style.width = this.knob.style.left = share(at, duration);
    this.buffered.style.width = share(ranges.length ? ranges.end(ranges.length - 1) : 0, duration);
    this.loopMark.hidden = loop.start === undefined;
    if (loop.start !== undefined) {
      this.loopMark.style.cssText = `left:${share(loop.start, duration)};width:calc(${share((loop.end ?? loop.start) - loop.start, duration)} + 2px)`;
    }
    this._markChapters(duration);
    const now = String(Math.round(at));
    if (this.root.getAttribute("aria-valuenow") === now && this.root.hasAttribute("aria-valuetext")) return;
    this.root.setAttribute("aria-valuemax", String(Math.round(duration)));
    this.root.setAttribute("aria-valuenow", now);
    const position = format(TEXTS.position, { time: clock(at), all: clock(duration) });
    const chapter = chapterAt(this.player.facts.chapters ?? [], at)?.[2];
    this.root.setAttribute("aria-valuetext", chapter ? format(TEXTS.inChapter, { position, chapter }) : position);
  }

  /** Cut the rail where chapters begin. @param {number} duration */
  _markChapters(duration) {
    const chapters = this.player.facts.chapters ?? NONE;
    if (this._marked.chapters === chapters && this._marked.duration === duration) return;
    this._marked = { chapters, duration };
    const starts = duration ? chapters.slice(1).map(([start]) => start) : [];
    this.chapterMarks.replaceChildren(...starts.map((start) => h("div", { style: `left:${share(start, duration)}` })));
  }

  /** @param {PointerEvent} event */
  _timeOf(event) { return timeAt(event.clientX, this.root.getBoundingClientRect(), this.player.duration); }

  /** Dragging seeks; with Shift it selects a loop. @param {PointerEvent} event */
  _press(event) {
    if (event.button > 0) return;
    event.preventDefault();
    this.root.focus({ preventScroll: true });
    const from = this._timeOf(event);
    const selects = event.shiftKey;
    if (!selects) this.player.seek(from);
    followPointer(this.root, event, (next) => {
      const to = this._timeOf(next);
      if (!selects) return this.player.seek(to);
      const loop = makeLoop(from, to);
      if (loop) this.player.setLoop(loop);
    });
  }

  /** @param {PointerEvent} event */
  async _hover(event) {
    const { player } = this;
    const at = this._timeOf(event);
    const box = this.root.getBoundingClientRect();
    this.tip.hidden = !player.duration;
    this.tipTime.textContent = clock(at, player.duration < 60 ? 1 : 0);
    const chapter = chapterAt(player.facts.chapters ?? [], at)?.[2] ?? "";
    this.tipChapter.textContent = chapter;
    this.tipChapter.hidden = !chapter;
    const tile = tileAt(player.facts.tiles ?? [], at);
    this.thumb.hidden = !tile;
    if (tile) {
      const [, , x, y, width, height] = tile;
      this.thumb.style.cssText = `width:${width}px;height:${height}px;background-position:-${x}px -${y}px`;
      const sprite = await player.source.sprite();
      if (sprite) this.thumb.style.backgroundImage = `url("${sprite}")`;
    }
    const half = this.tip.offsetWidth / 2;
    this.tip.style.left = `${clamp(event.clientX - box.left, half, Math.max(half, box.width - half))}px`;
  }
}
