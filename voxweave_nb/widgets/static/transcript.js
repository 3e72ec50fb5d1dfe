// Captions as data: the one at a time, and a search through them.

/** Start and end in seconds, and the text. @typedef {[number, number, string]} Cue */

/** Return the place of the last caption that has begun, or -1. @param {Cue[]} cues in order @param {number} at in seconds */
export function cueAt(cues, at) {
  let low = 0, high = cues.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cues[middle][0] <= at + 0.02) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/**
 * Find words in a text, in any case.
 * @param {string} text @param {string} words @returns {[string, string, string] | undefined} what is before, the match and
 *   what is after
 */
export function findWords(text, words) {
  if (!words) return undefined;
  // Not by toLowerCase(), which changes the length of some texts.
  const found = new RegExp(words.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"), "iu").exec(text);
  if (!found) return undefined;
  const end = found.index + found[0].length;
  return [text.slice(0, found.index), found[0], text.slice(end)];
}

/**
 * Return the search's next hit in a direction, around the ends; undefined without hits.
 * @param {number[]} hits places of captions, in order @param {number} current place, or -1 @param {number} step -1 or 1
 */
export function nextHit(hits, current, step) {
  return step > 0 ? hits.find((hit) => hit > current) ?? hits[0] : hits.findLast((hit) => hit < current) ?? hits.at(-1);
}

/** Escape a caption, which is text and never markup, for a VTTCue. @param {string} text */
export const escapeCue = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
