// One row of a board's table: a scene with its thumbnail, takes, words, prompt, provider, state and buttons.

import { price, redoLabel } from "./board_money.js";
import { Words } from "./board_words.js";
import { h } from "./elements.js";
import { clock, format } from "./format.js";
/** @import { BoardView, SceneItem } from "./board_view.js" */

const TEXTS = {
  row: "Scene {number}, {from} to {to}, {state}",
  seconds: "{seconds} s",
  play: "Play take {take} of scene {number}",
  noTake: "No take yet",
  choose: "Choose take {take} of scene {number}: {about}",
  chosen: "Take {take} of scene {number} is chosen; press to play it",
  takes: "Takes of scene {number}",
  draft: "Draft",
  own: { still: "Your image", clip: "Your clip" },
  remove: "Remove it, and use takes again",
  prompt: "Prompt of scene {number}",
  provider: "Provider of scene {number}",
  board: "Board: {name}",
  notReady: "{name} (not ready)",
  split: "Split",
  splitBefore: "Split before “{word}”",
  splitTip: "Click a word, or press S: the scene is split before it",
  merge: "Merge with next",
  mergeTip: "Merge scene {number} with the next one",
  follows: "Starts from the last frame of scene {number}.",
  doubt: "An earlier submission may have been accepted and billed: look at the provider's site before you submit it again.",
  paid: "A submission is paid and not finished: fetching it costs nothing.",
  elsewhere: "Another program makes this scene at the moment.",
  notKept: "What you typed is not kept yet.",
  progress: "Progress of scene {number}",
  states: /** @type {Record<string, string>} */ ({
    made: "Made", own: "Your own", stale: "Edited since", "to make": "To make", failed: "Failed", refused: "Refused",
    gone: "File is gone", running: "Being made", waiting: "Waiting",
  }),
};

/** A row. */
export class BoardRow {
  /** @param {BoardView} view @param {SceneItem} scene */
  constructor(view, scene) {
    this.view = view;
    this.scene = scene;
    this.index = 0;
    this._current = false;
    this._options = this._takes = this._noted = "";
    this.words = new Words(() => this._showSplit(), () => this.split(), (text) => view.announce(text));
    this._build();
    this.root.dataset.id = scene.id;
  }

  _build() {
    this.number = h("b", { class: "vb-number" });
    this.time = h("span", {});
    this.length = h("span", {});
    this.image = h("img", { alt: "", decoding: "async", hidden: true });
    this.badge = h("span", { class: "vb-badge" });
    this.thumbnail = h("button", { type: "button", class: "vb-thumbnail", onclick: () => this.play() }, this.image, this.badge);
    this.strip = h("div", { class: "vb-strip", role: "group", hidden: true });
    this.prompt = h("textarea", { class: "vb-prompt", rows: "2", maxlength: "20000", spellcheck: "false", dir: "auto",
      onchange: () => void this._keepPrompt(), oninput: () => this.prompt.classList.add("vb-typed"), onkeydown: (/** @type {KeyboardEvent} */ event) => this._onPromptKey(event) });
    this.notes = h("div", { class: "vb-notes" });
    this.state = h("span", { class: "vb-state" });
    this.progress = h("progress", { max: "1", hidden: true });
    this.provider = h("select", { onchange: () => this._keepProvider() });
    this.redo = h("button", { type: "button", class: "vb-button vb-redo", onclick: () => this.pay() });
    this.splitButton = h("button", { type: "button", class: "vb-button", title: TEXTS.splitTip, onclick: () => this.split() });
    this.merge = h("button", { type: "button", class: "vb-button", onclick: () => this.mergeNext() }, TEXTS.merge);
    this.root = h("div", { class: "vb-row", role: "row", tabindex: "-1" },
      cell("vb-when", this.number, this.time, this.length),
      cell("vb-shots", this.thumbnail, this.strip),
      cell("vb-texts", this.words.root, this.prompt, this.notes, h("div", { class: "vb-pair" }, this.splitButton, this.merge)),
      cell("vb-side", h("div", { class: "vb-stateline" }, this.state, this.progress), this.provider, this.redo));
  }

  /** The names of the thumbnails to load: the chosen one first. */
  get thumbnails() {
    const { scene } = this, { takes } = scene;
    const others = takes.length > 1 ? takes.map(([run]) => `take:${run}`) : [];
    return [this._thumbnail(), ...others].filter(Boolean);
  }

  /** @param {SceneItem} scene @param {number} index @param {boolean} last */
  update(scene, index, last) {
    this.scene = scene;
    this.index = index;
    const number = index + 1, { takes } = scene;
    this.root.dataset.state = scene.state;
    this.number.textContent = String(number);
    this.time.textContent = clock(scene.start, scene.start % 1 ? 1 : 0);
    this.length.textContent = format(TEXTS.seconds, { seconds: (scene.end - scene.start).toFixed(1) });
    this.words.update(scene.words, number);
    this._updatePrompt(number);
    this._updateProvider(number);
    this._updateThumbnail(number);
    this._updateStrip(number);
    this.redo.textContent = redoLabel(scene);
    this.redo.hidden = Boolean(scene.own);
    this.merge.title = format(TEXTS.mergeTip, { number });
    this.merge.setAttribute("aria-label", this.merge.title);
    this.merge.hidden = last;
    this.progress.setAttribute("aria-label", format(TEXTS.progress, { number }));
    this.root.setAttribute("aria-label", format(TEXTS.row, { number, from: clock(scene.start), to: clock(scene.end), state: TEXTS.states[scene.state] ?? scene.state }));
    this._showSplit();
    this.updateState();
    this._updateNotes(takes.length ? scene.warnings : []);
  }

  /** Show state, progress and what is under way. */
  updateState() {
    const { scene, view } = this, share = view.shares[scene.id], busy = scene.state === "running" || scene.state === "waiting";
    this.state.textContent = TEXTS.states[scene.state] ?? scene.state;
    this.progress.hidden = share === undefined || !busy;
    if (share !== undefined) this.progress.value = share;
    this.redo.disabled = busy || scene.left === "elsewhere" || view.isBusy(scene);
    this.merge.disabled = this.provider.disabled = view.isBusy(scene);
    this.splitButton.disabled = !this.words.mark || view.isBusy(scene);
    this.root.classList.toggle("vb-busy", view.isBusy(scene));
  }

  /** Show the row as the current one: its controls are reached by the tab key. @param {boolean} current */
  setCurrent(current) {
    this.root.classList.toggle("vb-current", current);
    this.root.tabIndex = current ? 0 : -1;
    const reached = [this.thumbnail, this.words.root, this.prompt, this.provider, this.redo, this.splitButton, this.merge, ...this.strip.querySelectorAll("button"), ...this.notes.querySelectorAll("button")];
    for (const node of reached) node.tabIndex = current ? 0 : -1;
    this._current = current;
  }

  /** @param {string} name @param {string} url */
  showThumbnail(name, url) {
    if (name === this._thumbnail()) this._setImage(url);
    for (const node of this.strip.children) if (node.dataset.name === name && url) node.firstChild.src = url;
  }

  // What a person does

  play() {
    const { scene } = this;
    if (scene.own || scene.take === undefined || scene.take === null) this.view.film.playFrom(scene.start);
    else void this.view.send("take", { kind: "take", run: scene.takes[scene.take][0] });
  }

  /** Choose a take; the chosen one is played instead. @param {number} index */
  choose(index) {
    const { scene } = this, take = scene.takes[index];
    if (!take) return;
    if (index === scene.take) this.play();
    else void this.view.ask(scene, { kind: "choose", run: take[0] });
  }

  /** Pay for one more take, once for one press. */
  pay() {
    const { scene } = this;
    if (!this.redo.disabled && !scene.own) void this.view.ask(scene, { kind: "redo", usd: scene.usd ?? null, takes: scene.takes.length, anew: scene.left === "doubt" });
  }

  split() {
    const { scene } = this, { mark } = this.words;
    if (mark) void this.view.ask(scene, { kind: "split", word: mark, was: [scene.start, scene.end] });
  }

  mergeNext() {
    const { scene } = this;
    if (!this.merge.hidden) void this.view.ask(scene, { kind: "merge", was: [scene.start, scene.end] });
  }

  async _keepPrompt() {
    const { scene, prompt } = this, value = prompt.value.trim();
    if (value === scene.prompt) return this._takeBack();
    await this.view.ask(scene, { kind: "edit", field: "prompt", value, was: scene.prompt });
    if (!this.view.said[scene.id] && prompt.value.trim() === value) this._takeBack();
    else this._updateNotes(this.scene.warnings);
  }

  _keepProvider() {
    const { scene } = this;
    void this.view.ask(scene, { kind: "edit", field: "provider", value: this.provider.value, was: scene.wish }).then(() => this._updateProvider(this.index + 1));
  }

  /** Show the prompt that is kept. */
  _takeBack() {
    this.prompt.classList.remove("vb-typed");
    this.prompt.value = this.scene.prompt;
  }

  /** @param {KeyboardEvent} event */
  _onPromptKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || !event.shiftKey)) {
      event.preventDefault();
      event.stopPropagation();
      this.root.focus();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this._takeBack();
      this.root.focus();
    }
  }

  // What is shown

  /** @param {number} number */
  _updatePrompt(number) {
    this.prompt.setAttribute("aria-label", format(TEXTS.prompt, { number }));
    this.prompt.hidden = Boolean(this.scene.own);
    if (!this.prompt.classList.contains("vb-typed")) this.prompt.value = this.scene.prompt;
  }

  /** @param {number} number */
  _updateProvider(number) {
    const { scene, view } = this, { chain, providers } = view.about;
    const options = [["", format(TEXTS.board, { name: chain })], ...(providers ?? []).map((/** @type {[string, boolean]} */ [name, ready]) => [name, ready ? name : format(TEXTS.notReady, { name })])];
    const key = JSON.stringify(options);
    if (key !== this._options) {
      this._options = key;
      this.provider.replaceChildren(...options.map(([value, text]) => h("option", { value }, text)));
    }
    this.provider.value = scene.wish;
    this.provider.hidden = Boolean(scene.own);
    this.provider.setAttribute("aria-label", format(TEXTS.provider, { number }));
  }

  /** The name of the thumbnail of what the film shows. */
  _thumbnail() {
    const { scene, view } = this;
    if (scene.own) return `scene:${scene.id}@${scene.own}`;
    if (scene.take !== undefined && scene.take !== null && scene.state !== "gone") return `take:${scene.takes[scene.take][0]}`;
    return view.about.drawn ? `scene:${scene.id}@${view.about.drawn} ${scene.start} ${scene.end}` : "";
  }

  /** @param {number} number */
  _updateThumbnail(number) {
    const { scene } = this, name = this._thumbnail(), url = this.view.thumbnailOf(name);
    this._setImage(url ?? "");
    const taken = scene.take !== undefined && scene.take !== null && !scene.own;
    const label = taken ? format(TEXTS.play, { take: Number(scene.take) + 1, number }) : scene.own ? TEXTS.own[scene.own] : TEXTS.noTake;
    this.thumbnail.setAttribute("aria-label", label);
    this.thumbnail.title = label;
    this.thumbnail.classList.toggle("vb-drawn", !taken && !scene.own);
    this.badge.textContent = scene.own ? TEXTS.own[scene.own] : taken ? "" : name ? TEXTS.draft : TEXTS.noTake;
    this.badge.hidden = !this.badge.textContent;
  }

  /** @param {string} url */
  _setImage(url) {
    this.image.hidden = !url;
    if (url && this.image.getAttribute("src") !== url) this.image.src = url;
  }

  /** @param {number} number */
  _updateStrip(number) {
    const { scene, view } = this, { takes } = scene;
    this.strip.hidden = takes.length < 2;
    const key = JSON.stringify([takes, scene.take, number]);
    if (key === this._takes) return;
    this._takes = key;
    this.strip.setAttribute("aria-label", format(TEXTS.takes, { number }));
    this.strip.replaceChildren(...(takes.length < 2 ? [] : takes.map(([run, provider, usd, seed], index) => {
      const chosen = index === scene.take, name = `take:${run}`;
      const about = [provider, price(usd), seed === null ? "" : `seed ${seed}`].filter(Boolean).join(", ");
      const label = format(chosen ? TEXTS.chosen : TEXTS.choose, { take: index + 1, number, about });
      const node = h("button", { type: "button", class: "vb-take", "aria-label": label, title: label, "aria-pressed": String(chosen), tabindex: this._current ? "0" : "-1", onclick: () => this.choose(index) },
        h("img", { alt: "", src: view.thumbnailOf(name) || false }), h("i", {}, String(index + 1)));
      node.dataset.name = name;
      return node;
    })));
  }

  /** Tell what is amiss, in sentences. @param {string[]} warnings of the chosen take */
  _updateNotes(warnings) {
    const { scene, view } = this, said = view.said[scene.id];
    const left = scene.left && TEXTS[scene.left];
    const typed = said && this.prompt.classList.contains("vb-typed") ? TEXTS.notKept : "";
    const problem = scene.problem === scene.error ? "" : scene.problem;
    const lines = [
      ["vb-error", said && [said, typed].filter(Boolean).join(" "), "alert"],
      ...[scene.error, problem].map((text) => [scene.state === "made" ? "vb-warning" : "vb-error", text]),
      ...[left, ...warnings].map((text) => ["vb-warning", text]),
      ["vb-soft", scene.follows && this.index ? format(TEXTS.follows, { number: this.index }) : ""],
    ].filter(([, text]) => text);
    const key = JSON.stringify([lines, scene.own]);
    if (key === this._noted) return;
    this._noted = key;
    const remove = h("button", { type: "button", class: "vb-button", tabindex: this._current ? "0" : "-1", onclick: () => void view.ask(scene, { kind: "edit", field: "own" }) }, TEXTS.remove);
    this.notes.replaceChildren(...lines.map(([kind, text, role]) => h("div", { class: kind, role }, /** @type {string} */ (text))), ...(scene.own ? [remove] : []));
  }

  _showSplit() {
    const { word } = this.words;
    this.splitButton.textContent = word ? format(TEXTS.splitBefore, { word }) : TEXTS.split;
    this.splitButton.disabled = !word || this.view.isBusy(this.scene);
    this.splitButton.parentElement?.classList.toggle("vb-marking", Boolean(word));
  }
}

/** @param {string} kind @param {...any} children */
const cell = (kind, ...children) => h("div", { class: `vb-cell ${kind}`, role: "cell" }, ...children);
