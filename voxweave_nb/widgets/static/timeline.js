// Positions on a timeline, in seconds and in shares of its width. The waveform and the player use the same arithmetic.

import { clamp } from "./format.js";

const SHORTEST_PART = 0.1;

/** Convert a time to a CSS percentage of the duration; 0 % while the duration is unknown. @param {number} seconds @param {number} duration */
export function share(seconds, duration) {
  return `${(100 * clamp(seconds / (duration || 1), 0, 1)).toFixed(3)}%`;
}

/**
 * Convert a pointer's position to a time between 0 and the duration.
 * @param {number} x the pointer's `clientX` @param {{left: number, width: number}} box of the timeline, in the same pixels
 * @param {number} duration
 */
export function timeAt(x, box, duration) {
  return clamp((x - box.left) / (box.width || 1), 0, 1) * duration;
}

/**
 * Order and limit a selected part: at least 0.1 s, within the duration. A part that covers everything is null.
 * @param {number} start @param {number} end @param {number} duration @returns {[number, number] | null}
 */
export function selectPart(start, end, duration) {
  const [low, high] = start <= end ? [start, end] : [end, start];
  const shortest = Math.min(SHORTEST_PART, duration);
  const from = clamp(low, 0, duration - shortest);
  const to = clamp(high, from + shortest, duration);
  return from <= 0.005 && to >= duration - 0.005 ? null : [from, to];
}

/**
 * Find the time to which a key moves a slider, or undefined for a key that does not move it.
 * @param {string} key @param {number} now @param {number} duration @param {boolean} coarse true for steps of 1 s instead of 0.1 s
 */
export function timeAfterKey(key, now, duration, coarse) {
  const step = coarse ? 1 : 0.1;
  const to = /** @type {Record<string, number>} */ ({
    ArrowLeft: now - step, ArrowDown: now - step, ArrowRight: now + step, ArrowUp: now + step,
    PageDown: now - 5, PageUp: now + 5, Home: 0, End: duration,
  })[key];
  return to === undefined ? undefined : clamp(to, 0, duration);
}
