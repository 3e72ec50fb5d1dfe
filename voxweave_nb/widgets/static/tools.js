// Buttons and choices of the player's control bar.

import { h } from "./elements.js";
import { icon } from "./icons.js";
/** @import { Icon } from "./icons.js" */

/** Make a button with an icon. @param {string} label @param {Icon} name @param {(event: any) => void} onclick @param {Record<string, any>} [more] attributes @returns {any} */
export function tool(label, name, onclick, more = {}) {
  return h("button", { type: "button", class: "vp-tool", "aria-label": label, title: label, onclick, ...more }, icon(name));
}

/** Give a tool another label and icon. @param {any} node @param {string} label @param {Icon} [name] */
export function relabel(node, label, name) {
  if (node.getAttribute("aria-label") === label) return;
  node.setAttribute("aria-label", label);
  node.title = label;
  if (name) node.replaceChildren(icon(name));
}

/** Make a labelled drop-down list. @param {string} label @param {Record<string, string>} options texts by value @param {string} value @param {(value: string) => void} onchange @returns {any} */
export function choice(label, options, value, onchange) {
  const select = h("select", { onchange: () => onchange(select.value) }, ...Object.entries(options).map(([key, text]) => h("option", { value: key }, text)));
  select.value = value;
  return h("label", { class: "vp-choice" }, h("span", {}, label), select);
}

/**
 * Make a tool that opens a box; Escape, a click elsewhere and the focus leaving it close the box.
 * @param {string} label @param {Icon} name @param {() => any[]} contents called whenever it opens @param {AbortSignal} signal
 */
export function popover(label, name, contents, signal) {
  const opener = tool(label, name, () => open(!box.isConnected || box.hidden), { "aria-expanded": "false", "aria-haspopup": "true" });
  const box = h("div", { class: "vp-pop", role: "group", "aria-label": label, hidden: true });
  const holder = h("span", { class: "vp-holder" }, opener, box);
  /** @param {boolean} shown */
  const open = (shown) => {
    if (shown) box.replaceChildren(...contents());
    box.hidden = !shown;
    opener.setAttribute("aria-expanded", String(shown));
    if (shown) box.querySelector("select, button")?.focus();
  };
  const close = () => { open(false); opener.focus(); };
  box.addEventListener("click", (/** @type {any} */ event) => { if (event.target.closest(".vp-item")) close(); });
  holder.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape" || box.hidden) return;
    event.stopPropagation();
    close();
  });
  holder.addEventListener("focusout", (/** @type {FocusEvent} */ event) => { if (event.relatedTarget && !holder.contains(event.relatedTarget)) open(false); });
  document.addEventListener("pointerdown", (event) => { if (!event.composedPath().includes(holder)) open(false); }, { signal });
  return holder;
}
