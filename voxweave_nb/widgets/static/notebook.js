// The notebook around a widget: its keyboard shortcuts, and its cell, which can be run again.

import { h } from "./elements.js";

const TEXTS = {
  again: "Run this cell again",
  press: "Click into this cell's code and press Shift and Enter to run it again.",
};

/**
 * Keep JupyterLab's keyboard shortcuts away from a part of the page: there an arrow key leads to the next cell, even from
 * a drop-down list. Shortcuts with Ctrl, Meta or Alt remain JupyterLab's.
 * @param {() => Element | null} part @param {AbortSignal} signal ends it
 */
export function keepKeys(part, signal) {
  // JupyterLab looks for this attribute on the focused node, before that node receives the event.
  window.addEventListener("keydown", (event) => {
    const node = /** @type {Element} */ (event.target);
    if (part()?.contains(node)) node.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey || event.altKey));
  }, { capture: true, signal });
}

/**
 * Make a notice that the kernel is gone, with a button that runs the cell again; where that is impossible, with
 * instructions instead.
 * @param {string} text @param {HTMLElement} el where the notice will be
 */
export function goneNotice(text, el) {
  const label = h("span", {}, text);
  const instruct = () => { label.textContent = `${text} ${TEXTS.press}`; button.remove(); };
  const button = h("button", { type: "button", onclick: () => runCellAgain(button, instruct) }, TEXTS.again);
  const box = h("div", { class: "vx-notice" }, label, button);
  if (!el.closest(".jp-Cell")) instruct();
  return box;
}

/**
 * Run the cell that contains a node, by its keyboard shortcut: widgets have no other access to the notebook.
 * @param {HTMLElement} node @param {() => void} onFailure called when the cell has not replaced the node after 1.5 s
 */
function runCellAgain(node, onFailure) {
  const cell = /** @type {HTMLElement | null} */ (node.closest(".jp-Cell"));
  cell?.focus();
  const ctrlEnter = { key: "Enter", code: "Enter", keyCode: 13, ctrlKey: true, bubbles: true, cancelable: true, composed: true };
  cell?.dispatchEvent(new KeyboardEvent("keydown", ctrlEnter));
  setTimeout(() => { if (node.isConnected) onFailure(); }, 1500);
}
