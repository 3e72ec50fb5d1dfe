// The bars of a waveform, as SVG.

import { SVG } from "./icons.js";

/** Draw peaks as bars of one SVG path, each 1 wide, around the middle of a height of 100. @param {number[]} peaks from 0 to 100 */
export function barPath(peaks) {
  return peaks.map((peak, place) => {
    const half = Math.max(1.2, peak * 0.46);
    return `M${place + 0.5} ${50 - half}V${50 + half}`;
  }).join("");
}

/** @param {string} content @param {Record<string, string>} [attributes] @returns {any} */
export function drawing(content, attributes = {}) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({ preserveAspectRatio: "none", "aria-hidden": "true", ...attributes })) svg.setAttribute(name, value);
  svg.innerHTML = content;
  return svg;
}
