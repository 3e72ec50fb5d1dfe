// The audio input's buttons.

import { h } from "./elements.js";
import { icon } from "./icons.js";
/** @import { Icon } from "./icons.js" */

/**
 * Make a button with its label, or with an icon alone, which then carries the label as its name.
 * @param {string} label @param {() => void} onclick @param {{icon?: Icon, kind?: string, bare?: boolean}} [more] `kind`:
 *   further CSS classes; `bare`: without a visible label @returns {any}
 */
export function button(label, onclick, more = {}) {
  const inside = [...(more.icon ? [icon(more.icon)] : []), ...(more.bare ? [] : [label])];
  const name = more.bare ? { "aria-label": label, title: label } : {};
  return h("button", { type: "button", class: `va-button ${more.kind ?? ""}`, onclick, ...name }, ...inside);
}
