// The icons, drawn as lines. A widget without icons does not import this module, and so does not carry them.

import { SVG } from "./elements.js";

const ICONS = {
  play: "M8 5.2v13.6L19 12z",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  stop: "M7 7h10v10H7z",
  drop: "M12 3v11m0-11L8 7m4-4 4 4M5 15v3a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-3",
  record: "M12 3.5a3 3 0 0 0-3 3V12a3 3 0 0 0 6 0V6.5a3 3 0 0 0-3-3zM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3",
  close: "M6.5 6.5l11 11m0-11l-11 11",
  check: "M5 12.5l4.5 4.5L19 7.5",
  back: "M14.5 6l-6 6 6 6M18.5 6v12",
  forward: "M9.5 6l6 6-6 6M5.5 6v12",
  sound: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a7.6 7.6 0 0 1 0 11",
  muted: "M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5m0-5l-5 5",
  captions: "M4 6h16v12H4zM10.5 10.6a2.1 2.1 0 1 0 0 2.8M17 10.6a2.1 2.1 0 1 0 0 2.8",
  style: "M4 7h8m4 0h4M4 17h4m4 0h8M14 4.8v4.4M10 14.8v4.4",
  loop: "M17 3.5l3 3-3 3M4 11V9.5a3 3 0 0 1 3-3h13M7 20.5l-3-3 3-3M20 13v1.5a3 3 0 0 1-3 3H4",
  pip: "M4 5h16v14H4zM12.5 11.5h5v4.5h-5z",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  download: "M12 4v11m0 0l-4.5-4.5M12 15l4.5-4.5M5 19.5h14",
  search: "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15 15l5 5",
  copy: "M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4",
};
/** @typedef {keyof typeof ICONS} Icon */

/** Draw an icon of 24 by 24 units. @param {Icon} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", `vx-icon vx-icon-${name}`);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
