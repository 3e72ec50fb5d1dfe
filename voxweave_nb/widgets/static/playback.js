// Arithmetic of the player: single frames, loops, speeds, thumbnails. Times are in seconds.

import { clamp } from "./format.js";

/** Speeds to choose from, as factors. */
export const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2];

const SHORTEST_LOOP = 0.1;

/** A loop without an end is being set; one without a start is off. @typedef {{start?: number, end?: number}} Loop */
/** Start, end and title. @typedef {[number, number, string]} Chapter */

/**
 * Return the time of the frame that is `step` frames away: its middle, from which no rounding leads to a neighbour.
 * @param {number} at @param {number} step @param {number} fps
 */
export function frameTime(at, step, fps) {
  const frame = Math.floor(at * fps + 0.01) + step;
  return (Math.max(0, frame) + 0.5) / fps;
}

/** Return the next slower or faster speed. @param {number} speed @param {number} step -1 or 1 */
export function nextSpeed(speed, step) {
  const place = SPEEDS.findIndex((each) => each >= speed - 0.01);
  return SPEEDS[clamp((place < 0 ? SPEEDS.length - 1 : place) + step, 0, SPEEDS.length - 1)];
}

/** Press the loop button: the first press sets the start, the second the end, the third ends the loop. @param {Loop} loop @param {number} at @returns {Loop} */
export function pressLoop(loop, at) {
  if (loop.start === undefined) return { start: at };
  if (loop.end === undefined) return makeLoop(at, loop.start) ?? {};
  return {};
}

/** Make a loop between two times in any order; undefined for one shorter than 0.1 s. @param {number} one @param {number} other @returns {Loop | undefined} */
export function makeLoop(one, other) {
  return Math.abs(one - other) > SHORTEST_LOOP ? { start: Math.min(one, other), end: Math.max(one, other) } : undefined;
}

/** Move a loop's start; an end before it is dropped. @param {Loop} loop @param {number} at @returns {Loop} */
export function moveLoopStart(loop, at) {
  return { start: at, end: loop.end !== undefined && loop.end > at + SHORTEST_LOOP ? loop.end : undefined };
}

/** Move a loop's end; one that is not behind its start changes nothing. @param {Loop} loop @param {number} at @returns {Loop} */
export function moveLoopEnd(loop, at) {
  const start = loop.start ?? 0;
  return at > start + SHORTEST_LOOP ? { start, end: at } : loop;
}

/** Return true where playing has to jump back to the loop's start. @param {Loop} loop @param {number} at */
export function leftLoop({ start, end }, at) {
  return start !== undefined && end !== undefined && (at >= end || at < start - 0.3);
}

/** Find the chapter of a time; undefined without chapters. @param {Chapter[]} chapters @param {number} at */
export function chapterAt(chapters, at) {
  return chapters.findLast(([start]) => at >= start - 0.01);
}

/**
 * Find the time of the next chapter, or of the one before: of this one first, once it has played for 2 s. Undefined where
 * there is none.
 * @param {Chapter[]} chapters @param {number} at @param {number} step 1 or -1
 */
export function chapterFrom(chapters, at, step) {
  const starts = chapters.map(([start]) => start);
  return step > 0 ? starts.find((start) => start > at + 0.01) : starts.findLast((start) => start < at - 2) ?? starts[0];
}

/** Find the thumbnail of a time, the last one beyond the end. @param {number[][]} tiles each start, end, x, y, width and height @param {number} at */
export function tileAt(tiles, at) {
  return tiles.find(([start, end]) => at >= start && at < end) ?? tiles.at(-1);
}
