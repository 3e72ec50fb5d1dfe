// The view of a storyboard.

import { h } from "./elements.js";
/** @import { Model } from "./elements.js" */

/** A view of a board; there may be several. */
export class BoardView {
  /** @param {Model} model @param {HTMLElement} el @param {AbortSignal} signal closes the view */
  constructor(model, el, signal) {
    this.root = h("section", { class: "voxweave-board" }, model.get("_about")?.name ?? "");
    el.append(this.root);
    signal.addEventListener("abort", () => this.root.remove());
  }
}
