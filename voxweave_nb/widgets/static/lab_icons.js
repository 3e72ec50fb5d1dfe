// The icons of the lab's views, and its toggles.

import { h } from "./elements.js";
import { SVG } from "./icons.js";

const PATHS = {
  up: "M7 10.5v9M4 10.5h3v9H4zM7 11l4-7a2 2 0 0 1 2.4 2.4L12.8 10H18a2 2 0 0 1 2 2.4l-1.2 5.5a2 2 0 0 1-2 1.6H7",
  down: "M7 13.5v-9M4 13.5h3v-9H4zM7 13l4 7a2 2 0 0 0 2.4-2.4L12.8 14H18a2 2 0 0 0 2-2.4l-1.2-5.5a2 2 0 0 0-2-1.6H7",
  star: "M12 3.8l2.5 5.2 5.7.8-4.1 4 1 5.6-5.1-2.7-5.1 2.7 1-5.6-4.1-4 5.7-.8z",
  mark: "M5 5h14v14H5z|M8.5 12.2l2.6 2.6 4.6-5.2",
  flag: "M6 21V4h11l-2.2 4L17 12H6",
  grow: "M4 5h7v14H4zM13 5h7v14h-7z",
  leave: "M6.5 6.5l11 11m0-11l-11 11",
  order: "M8 5v14m0 0l-3.5-3.5M8 19l3.5-3.5M16 19V5m0 0l-3.5 3.5M16 5l3.5 3.5",
  undo: "M8 5L4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11H9",
};
/** @typedef {keyof typeof PATHS} LabIcon */

/** Draw an icon of 24 by 24 units. @param {LabIcon} name */
export function labIcon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `vx-icon vl-icon-${name}`);
  for (const d of PATHS[name].split("|")) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

/**
 * Make a button with an icon that is pressed or not. The tab key passes by: it is reached from its tile.
 * @param {string} label @param {LabIcon} name @param {() => void} onclick @param {string} [kind] further CSS classes @returns {any}
 */
export function toggle(label, name, onclick, kind = "") {
  return h("button", { type: "button", class: `vl-toggle ${kind}`, "aria-label": label, title: label, "aria-pressed": "false", tabindex: "-1", onclick }, labIcon(name));
}

/** @param {HTMLElement} button @param {boolean} on */
export const press = (button, on) => button.setAttribute("aria-pressed", String(on));
