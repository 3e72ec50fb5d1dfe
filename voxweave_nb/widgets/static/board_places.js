// Where the boundaries of a board's scenes may lie, in seconds of the narration.

import { clamp } from "./format.js";

/** A place where a scene may end: seconds, and 0 for a paragraph, 1 a sentence, 2 a clause, 3 a pause. @typedef {[number, number]} Place */

/** Seconds of the shortest scene. */
const SHORTEST = 0.5;
const REACH = 0.3; // seconds within which the kernel snaps
const PIXELS = 9;
const CLAUSE = 2;

/** Return how far a boundary can be moved. @param {{start: number}} scene @param {{end: number}} next @returns {[number, number]} */
export const rangeOf = ({ start }, { end }) => [start + SHORTEST, end - SHORTEST];

/**
 * Snap a time to the end of a sentence that is near, else to another place; the time itself where none is near.
 * @param {number} time @param {Place[]} places in order @param {[number, number]} range @param {number} perPixel seconds
 */
export function snapped(time, places, range, perPixel) {
  const at = clamp(time, ...range), reach = Math.max(REACH, PIXELS * perPixel);
  const near = places.filter(([place]) => Math.abs(place - at) <= reach && place >= range[0] && place <= range[1]);
  const ends = near.filter(([, kind]) => kind < CLAUSE);
  const [best] = (ends.length ? ends : near).sort((one, other) => Math.abs(one[0] - at) - Math.abs(other[0] - at));
  return best ? best[0] : at;
}

/**
 * Return the next or previous end of a sentence, or the range's end where there is none. Clauses count where no sentence
 * ends within the range.
 * @param {number} time @param {Place[]} places @param {[number, number]} range @param {number} step 1 or -1
 */
export function nextPlace(time, places, range, step) {
  const inside = places.filter(([place]) => place >= range[0] && place <= range[1] && (step > 0 ? place > time + 0.01 : place < time - 0.01));
  const ends = inside.filter(([, kind]) => kind < CLAUSE);
  const found = (ends.length ? ends : inside).map(([place]) => place);
  if (!found.length) return time;
  return step > 0 ? Math.min(...found) : Math.max(...found);
}

/**
 * Find the time to which a key moves a boundary; undefined for a key that does not. Shift and Alt move it freely.
 * @param {{key: string, shiftKey?: boolean, altKey?: boolean}} event @param {number} time @param {Place[]} places
 * @param {[number, number]} range @returns {number | undefined}
 */
export function timeAfterKey({ key, shiftKey, altKey }, time, places, range) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (!step) return undefined;
  return shiftKey || altKey ? clamp(time + step * 0.1, ...range) : nextPlace(time, places, range, step);
}

/** Return the index of the scene at a time. @param {{end: number}[]} scenes in order @param {number} time */
export function sceneAt(scenes, time) {
  const index = scenes.findIndex(({ end }) => time < end);
  return index < 0 ? scenes.length - 1 : index;
}
