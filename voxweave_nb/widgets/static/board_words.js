// The words of a scene, with a mark before one of them: there the scene is split.

import { h } from "./elements.js";
import { format } from "./format.js";

const TEXTS = {
  words: "Words of scene {number}: arrow keys choose where to split it, Enter splits",
  none: "No captions",
  before: "Before “{word}”",
};

/** Return the bare word, short, for a label. @param {string} word */
export function bare(word) {
  const text = word.trim().replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "") || word.trim();
  return text.length > 14 ? `${text.slice(0, 13)}…` : text;
}

/** Move a mark among `count` words; it never stands before the first. @param {number} mark 0 for none @param {string} key @param {number} count */
export function markAfterKey(mark, key, count) {
  if (count < 2) return undefined;
  const last = count - 1;
  if (key === "Home") return 1;
  if (key === "End") return last;
  if (key === "ArrowRight") return Math.min(last, mark + 1);
  if (key === "ArrowLeft") return mark ? Math.max(1, mark - 1) : last;
  return undefined;
}

/** The words. They become elements of their own once a pointer or the focus comes near: many boards have thousands. */
export class Words {
  /** @param {(mark: number) => void} onMark @param {() => void} onSplit @param {(text: string) => void} announce */
  constructor(onMark, onSplit, announce) {
    this._onMark = onMark;
    this._onSplit = onSplit;
    this._announce = announce;
    /** @type {string[]} */
    this._words = [];
    /** The word before which the scene would be split; 0 for none. */
    this.mark = 0;
    this._parted = false;
    this.root = h("p", { class: "vb-words", role: "group", tabindex: "-1", dir: "auto", onpointerenter: () => this._part(), onfocus: () => this._part(),
      onclick: (/** @type {MouseEvent} */ event) => this._onClick(event), onkeydown: (/** @type {KeyboardEvent} */ event) => this._onKey(event) });
  }

  /** The marked word, for a label; "" without a mark. */
  get word() { return this.mark ? bare(this._words[this.mark]) : ""; }

  /** @param {string[]} words @param {number} number of the scene */
  update(words, number) {
    this.root.setAttribute("aria-label", format(TEXTS.words, { number }));
    if (JSON.stringify(words) === JSON.stringify(this._words)) return;
    this._words = words;
    this._parted = false;
    this.root.textContent = words.join("").trim() || TEXTS.none;
    this.root.classList.toggle("vb-none", !words.length);
    this._setMark(0);
  }

  _part() {
    if (this._parted || this._words.length < 2) return;
    this._parted = true;
    this.root.replaceChildren(...this._words.map((word, index) => {
      const node = h("span", { class: "vb-word" }, word);
      node.dataset.word = String(index);
      return node;
    }));
  }

  /** @param {number} mark */
  _setMark(mark) {
    this.mark = mark;
    for (const node of this.root.querySelectorAll(".vb-word")) node.classList.toggle("vb-marked", Number(node.dataset.word) === mark && mark > 0);
    this._onMark(mark);
  }

  /** A first click marks the word, a second one takes the mark away. @param {MouseEvent} event */
  _onClick(event) {
    const node = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest(".vb-word"));
    const place = Number(node?.dataset.word ?? 0);
    if (place) this._setMark(place === this.mark ? 0 : place);
  }

  /** @param {KeyboardEvent} event */
  _onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter" && this.mark) {
      event.preventDefault();
      event.stopPropagation();
      return this._onSplit();
    }
    const rightToLeft = getComputedStyle(this.root).direction === "rtl";
    const key = rightToLeft ? { ArrowLeft: "ArrowRight", ArrowRight: "ArrowLeft" }[event.key] ?? event.key : event.key;
    const to = markAfterKey(this.mark, key, this._words.length);
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this._setMark(to);
    this._announce(format(TEXTS.before, { word: this.word }));
  }
}
