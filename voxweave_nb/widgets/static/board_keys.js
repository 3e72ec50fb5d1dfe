// The keyboard shortcuts of a board's table.

/** @typedef {"move" | "play" | "prompt" | "words" | "redo" | "merge" | "take" | "boundary"} Name */
/** The kind of element that has the focus. @typedef {"row" | "button" | "field" | "words" | "other"} Focus */

const MOVES = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"];
/** @type {Record<string, Name>} */
const LETTERS = { p: "prompt", Enter: "prompt", s: "words", r: "redo", m: "merge", b: "boundary", k: "play", " ": "play" };

/**
 * Find the command of a key; undefined where the key keeps its usual meaning.
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean}} event @param {Focus} focus
 * @returns {[Name, any?] | undefined}
 */
export function commandFor({ key, ctrlKey, metaKey, altKey }, focus) {
  if (ctrlKey || metaKey || altKey || focus === "field" || focus === "other") return undefined;
  if (focus === "words" && key.startsWith("Arrow")) return undefined;
  if (MOVES.includes(key)) return ["move", key];
  if (focus !== "row" && (key === "Enter" || key === " ")) return undefined;
  if (/^[1-9]$/.test(key)) return ["take", Number(key) - 1];
  const name = LETTERS[key.length === 1 ? key.toLowerCase() : key];
  return name && [name];
}

/** Return the row to which a key leads. @param {number} index @param {string} key @param {number} count */
export function rowAfterKey(index, key, count) {
  const to = { ArrowUp: index - 1, ArrowDown: index + 1, PageUp: index - 6, PageDown: index + 6, Home: 0, End: count - 1 }[key] ?? index;
  return Math.min(count - 1, Math.max(0, to));
}
