// The duel: two videos at a time, blind, and a vote on each pair.

import { h } from "./elements.js";
import { format } from "./format.js";
import { LabBar } from "./lab_bar.js";
import { labIcon } from "./lab_icons.js";
import { duelCommandFor, focusOf } from "./lab_keys.js";
import { LiveVideo } from "./lab_media.js";
import { goneNotice, keepKeys } from "./notebook.js";
import { watchConnection } from "./server.js";
import { Transport } from "./sync.js";
/** @import { Model } from "./elements.js" */
/** @import { DuelName } from "./lab_keys.js" */

const TEXTS = {
  duel: "Duel of the lab {name}",
  question: "Which one is better?",
  left: "Left", right: "Right", tie: "Tie", bad: "Both bad", skip: "Skip", undo: "Undo",
  next: "Next pair",
  listen: "Hear the {side} one",
  votes: "{count} votes here",
  vote: "1 vote here",
  noVotes: "No vote here yet",
  advance: "Go on by itself",
  verdict: "Show the leader",
  kept: { left: "Left is better", right: "Right is better", tie: "A tie", bad: "Both are bad" },
  loading: "Loading both videos …",
  gone: "The kernel was restarted or closed. The votes so far are kept.",
  silent: "The notebook server does not answer. Votes are kept when it is back.",
  keys: "← left · → right · ↓ tie · X both bad · S skip · U undo · Space plays · ↑ or A changes the sound · C captions · after the vote any of them goes on",
};
/** @typedef {"left" | "right"} Side */
/** @typedef {{root: HTMLElement, media: HTMLElement, label: HTMLElement, sound: HTMLElement}} Place */
const SIDES = /** @type {Side[]} */ (["left", "right"]);
const CHOICES = /** @type {const} */ (["left", "tie", "bad", "right"]);
const ADVANCE = 1600; // ms for which the labels are shown before the view goes on by itself
const KEY_OF = { left: "←", tie: "↓", bad: "X", right: "→", skip: "S", undo: "U" };

/** A view of the duels of a lab. */
export class DuelView {
  /** @param {Model} model @param {HTMLElement} el @param {AbortSignal} signal closes the view */
  constructor(model, el, signal) {
    this.model = model;
    this.transport = new Transport();
    this.bar = new LabBar(this.transport, {
      toggle: () => void this.toggle(), mute: () => this._hear(this._heard),
      captions: (on) => { for (const side of SIDES) this._videos[side]?.showCaptions(on); },
    });
    /** @type {Partial<Record<Side, LiveVideo>>} */
    this._videos = {};
    /** The pair after this one, loaded while the labels are shown. @type {{number: number, videos: Record<Side, LiveVideo>} | null} */
    this._ahead = null;
    this._number = 0; // of the pair that is shown
    this._revealed = false;
    this._heard = /** @type {Side} */ ("left");
    this._shownSince = 0;
    this._frame = 0;
    /** @type {Record<Side, Place>} */
    this.sides = { left: this._makeSide("left"), right: this._makeSide("right") };
    /** @type {any[]} the buttons of a vote */
    this.choices = CHOICES.map((name) => this._makeAction(name));
    this.skip = this._makeAction("skip");
    this.undo = this._makeAction("undo");
    this._build(el);
    this._listen(signal);
    this._read();
  }

  /** @param {Side} name @returns {Place} */
  _makeSide(name) {
    const label = format(TEXTS.listen, { side: name });
    const sound = h("button", { type: "button", class: "vl-toggle vl-listen", "aria-label": label, title: label, "aria-pressed": "false", onclick: () => this._hear(name) }, TEXTS[name]);
    const media = h("div", { class: "vl-media", onclick: () => void this.toggle() }), under = h("div", { class: "vl-label" });
    return { media, label: under, sound, root: h("div", { class: "vl-side", "data-side": name }, h("div", { class: "vl-frame" }, media, sound), under) };
  }

  /** @param {"left" | "right" | "tie" | "bad" | "skip" | "undo"} name @returns {any} */
  _makeAction(name) {
    const inside = name === "undo" ? [labIcon("undo")] : [];
    return h("button", { type: "button", class: "vl-button", onclick: () => this._do(name) }, ...inside, `${TEXTS[name]} `, h("kbd", {}, KEY_OF[name]));
  }

  /** @param {HTMLElement} el */
  _build(el) {
    const note = this.model.get("_about")?.note ?? "";
    this.next = h("button", { type: "button", class: "vl-button vl-main", hidden: true, onclick: () => this._do("next") }, TEXTS.next);
    this.said = h("span", { class: "vl-saidmore", role: "status" });
    this.count = h("span", { class: "vl-count" });
    this.verdict = h("button", { type: "button", class: "vl-button", onclick: () => this.model.send({ kind: "verdict" }) }, TEXTS.verdict);
    this.verdictText = h("span", { class: "vl-verdict" });
    this.advance = h("input", { type: "checkbox", onchange: () => { this.model.set("advance", this.advance.checked); this.model.save_changes(); } });
    this.question = h("b", { class: "vl-name" }, TEXTS.question);
    this.live = h("div", { class: "vx-hidden", role: "status", "aria-live": "polite" });
    this.alertBox = h("div", { class: "vl-alert", role: "alert", hidden: true });
    this.root = h("section", { class: "voxweave-lab vl-duel", tabindex: "-1", onkeydown: (/** @type {KeyboardEvent} */ event) => this._onKey(event) },
      h("header", { class: "vl-head" }, h("div", { class: "vl-titles" }, this.question, this.count, this.said, h("span", { class: "vl-space" }), this.verdictText, this.verdict)),
      h("div", { class: "vl-warning", hidden: !note }, note), this.alertBox, h("div", { class: "vl-pair" }, this.sides.left.root, this.sides.right.root), this.bar.root,
      h("div", { class: "vl-actions" }, ...this.choices, this.next, h("span", { class: "vl-space" }), this.skip, this.undo,
        h("label", { class: "vl-check" }, this.advance, TEXTS.advance)),
      h("p", { class: "vl-keys" }, TEXTS.keys), this.live);
    el.append(this.root);
  }

  /** @param {AbortSignal} signal */
  _listen(signal) {
    const { model } = this;
    for (const name of ["_pair", "_last", "_said", "_votes", "advance"]) model.on(`change:${name}`, () => this._readSoon());
    model.on("change:error", () => { this._setBusy(false); this._alert(model.get("error")); });
    model.on("msg:custom", (message) => { if (message.kind === "verdict") this.verdictText.textContent = message.text; });
    signal.addEventListener("abort", () => this.close());
    keepKeys(() => this.root, signal);
    watchConnection(model, this.root, signal, (unreached) => this._onConnection(unreached));
    this.transport.onchange = () => this._onTransport();
  }

  close() {
    clearTimeout(this._timer);
    cancelAnimationFrame(this._frame);
    this.transport.close();
    for (const side of SIDES) this._videos[side]?.close();
    this._dropAhead();
    this.root.remove();
  }

  // Pairs

  /** The kernel changes several traits at once. */
  _readSoon() {
    if (this._reading) return;
    this._reading = true;
    queueMicrotask(() => { this._reading = false; this._read(); });
  }

  _read() {
    const { model } = this, pair = model.get("_pair"), last = model.get("_last") ?? {}, votes = model.get("_votes");
    this.root.setAttribute("aria-label", format(TEXTS.duel, { name: model.get("_about")?.name }));
    this.advance.checked = model.get("advance");
    this.said.textContent = model.get("_said");
    this.count.textContent = votes === 1 ? TEXTS.vote : votes ? format(TEXTS.votes, { count: votes }) : TEXTS.noVotes;
    this.undo.disabled = !votes;
    if (pair.number === this._number || (this._revealed && this._ahead?.number === pair.number)) return;
    if (last.number === this._number) this._reveal(last, pair);
    else this._showPair(pair);
  }

  /** @param {{number: number, left: string, right: string}} pair @returns {Record<Side, LiveVideo>} */
  _make(pair) {
    const made = (/** @type {Side} */ side) => new LiveVideo(this.model, pair[side], (reason) => this._alert(reason));
    return { left: made("left"), right: made("right") };
  }

  /** Show the labels of the pair that was voted on, and load the next one. @param {any} last @param {any} pair */
  _reveal(last, pair) {
    this._revealed = true;
    this._setBusy(false);
    for (const side of SIDES) {
      const { axes, prompt, id } = last[side], { label, root } = this.sides[side];
      const chips = Object.entries(axes).map(([name, value]) => h("span", { class: "vl-chip" }, h("i", {}, `${name} `), String(value)));
      label.replaceChildren(...(chips.length ? chips : [h("span", { class: "vl-prompt" }, prompt || id)]));
      root.classList.toggle("vl-won", last.choice === side);
    }
    this.question.textContent = /** @type {any} */ (TEXTS.kept)[last.choice];
    this.live.textContent = `${this.question.textContent}. ${SIDES.map((side) => `${TEXTS[side]}: ${this.sides[side].label.textContent}`).join(". ")}`;
    this._showButtons();
    this.next.focus({ preventScroll: true });
    this._dropAhead();
    this._ahead = { number: pair.number, videos: this._make(pair) };
    for (const side of SIDES) void this._ahead.videos[side].load();
    if (this.model.get("advance")) this._timer = setTimeout(() => this._goOn(), ADVANCE);
  }

  _goOn() {
    clearTimeout(this._timer);
    if (this._revealed) this._showPair(this.model.get("_pair"));
  }

  /** @param {{number: number, left: string, right: string}} pair */
  async _showPair(pair) {
    const first = !this._number, { number } = pair, hadFocus = this.root.contains(document.activeElement);
    clearTimeout(this._timer);
    this.transport.pause();
    for (const side of SIDES) { this.transport.remove(side); this._videos[side]?.close(); }
    this._number = number;
    this._revealed = false;
    const videos = this._ahead?.number === number ? this._ahead.videos : this._make(pair);
    if (this._ahead?.number === number) this._ahead = null;
    this._dropAhead();
    this._videos = videos;
    this.question.textContent = TEXTS.question;
    this.bar.setLoop({});
    this._showButtons();
    this._setBusy(true, TEXTS.loading);
    for (const side of SIDES) {
      const { media, label, root } = this.sides[side];
      media.replaceChildren(videos[side].video, videos[side].captions.root);
      label.replaceChildren();
      root.classList.remove("vl-won");
    }
    await Promise.all(SIDES.map((side) => videos[side].load()));
    if (number !== this._number) return;
    for (const side of SIDES) {
      videos[side].showCaptions(this.bar.captionsOn);
      this.transport.add(side, videos[side].video);
    }
    this._hear("left");
    await this.transport.seek(0);
    if (this.transport.duration) this.transport.loop = [0, this.transport.duration]; // until the vote
    if (number !== this._number) return;
    this._setBusy(false);
    this._shownSince = performance.now();
    if (hadFocus) this.root.focus({ preventScroll: true });
    // A page that was only loaded stays quiet.
    if (!first || navigator.userActivation?.hasBeenActive !== false) void this.transport.play();
  }

  _dropAhead() {
    if (this._ahead) for (const side of SIDES) this._ahead.videos[side].close();
    this._ahead = null;
  }

  // Votes

  /** @param {DuelName} name */
  _do(name) {
    if (name === "next") return this._goOn();
    if (name === "toggle") return void this.toggle();
    if (name === "switch") return this._hear(this._heard === "left" ? "right" : "left");
    if (name === "captions") return this.bar.toggleCaptions();
    if (this._busy && name !== "undo") return;
    if (name === "undo") {
      if (this.undo.disabled) return;
      this._revealed = false; // its pair comes back
      this.model.send({ kind: "undo" });
      return;
    }
    if (this._revealed) return;
    this._setBusy(true);
    const shown = (performance.now() - this._shownSince) / 1000;
    this.model.send(name === "skip" ? { kind: "skip", number: this._number } : { kind: "vote", number: this._number, choice: name, shown });
  }

  _showButtons() {
    for (const each of [...this.choices, this.skip]) each.hidden = this._revealed;
    this.next.hidden = !this._revealed;
  }

  /** @param {boolean} busy a vote would be too early @param {string} [text] */
  _setBusy(busy, text = "") {
    this._busy = busy;
    this.root.classList.toggle("vl-loading", busy);
    for (const each of [...this.choices, this.skip]) each.setAttribute("aria-disabled", String(busy));
    if (text) this.live.textContent = text;
  }

  // Playing

  async toggle() {
    if (this.transport.playing) this.transport.pause();
    else await this.transport.play();
  }

  /** @param {Side} side */
  _hear(side) {
    this._heard = side;
    this.transport.audible = this.bar.muted ? null : side;
    for (const each of SIDES) {
      const on = each === side && !this.bar.muted;
      this.sides[each].sound.setAttribute("aria-pressed", String(on));
      this.sides[each].root.classList.toggle("vl-sounding", on);
    }
  }

  _onTransport() {
    this._draw();
    if (this.transport.playing && !this._frame) this._turn();
  }

  _draw() {
    this.bar.update();
    for (const side of SIDES) this._videos[side]?.captions.update();
  }

  _turn() {
    this._frame = 0;
    this._draw();
    if (this.transport.playing) this._frame = requestAnimationFrame(() => this._turn());
  }

  /** @param {KeyboardEvent} event */
  _onKey(event) {
    const command = duelCommandFor(event, focusOf(/** @type {HTMLElement} */ (event.target)), this._revealed);
    if (!command) return;
    event.preventDefault();
    event.stopPropagation();
    this._do(command);
  }

  // Notices

  /** @param {"" | "kernel" | "server"} unreached */
  _onConnection(unreached) {
    this.root.classList.toggle("vl-gone", unreached === "kernel");
    if (unreached === "kernel") {
      this.alertBox.hidden = false;
      this.alertBox.replaceChildren(goneNotice(TEXTS.gone, this.root));
    } else this._alert(unreached ? TEXTS.silent : "");
  }

  /** @param {string} text */
  _alert(text) {
    this.alertBox.textContent = text;
    this.alertBox.hidden = !text;
  }
}
