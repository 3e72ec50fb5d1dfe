// The keyboard shortcuts of the lab's views.

/** @typedef {"move" | "toggle" | "stars" | "thumb" | "mark" | "listen" | "listenTo" | "note" | "enlarge" | "leave" | "captions"
 *   | "mute" | "skip" | "speed" | "startLoop" | "endLoop" | "stopLoop"} Name */
/** @typedef {"left" | "right" | "tie" | "bad" | "skip" | "undo" | "toggle" | "switch" | "next" | "captions"} DuelName */
/** The kind of element that has the focus. @typedef {"tile" | "button" | "slider" | "field" | "other"} Focus */
/** @typedef {{key: string, code?: string, shiftKey?: boolean, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, repeat?: boolean}} Key */

/** @type {Record<string, [Name, any?]>} */
const ANYWHERE = {
  "+": ["thumb", true], "=": ["thumb", true], "-": ["thumb", false], m: ["mark"], a: ["listen"], n: ["note"], c: ["captions"],
  s: ["mute"], k: ["toggle"], j: ["skip", -5], l: ["skip", 5], "<": ["speed", -1], ">": ["speed", 1], "[": ["startLoop"], "]": ["endLoop"],
  "\\": ["stopLoop"], Escape: ["leave"],
};
const MOVES = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];

/** @type {Record<string, DuelName>} */
const DUEL = {
  ArrowLeft: "left", ArrowRight: "right", ArrowDown: "tie", "=": "tie", x: "bad", s: "skip", u: "undo", Backspace: "undo",
  " ": "toggle", k: "toggle", ArrowUp: "switch", a: "switch", c: "captions",
};

/** @param {Key} event */
const isChord = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;
/** @param {string} key */
const plain = (key) => (key.length === 1 ? key.toLowerCase() : key);

/**
 * Find the command of a key in the tiles; undefined where the key keeps its usual meaning. The digits are stars, and with
 * Shift they choose the video that is heard; in a comparison it is the other way round.
 * @param {Key} event @param {Focus} focus @param {boolean} comparing @returns {[Name, any?] | undefined}
 */
export function commandFor(event, focus, comparing) {
  const { key, code, shiftKey } = event;
  if (isChord(event) || focus === "field") return undefined;
  const digit = /^[0-9]$/.test(key) ? Number(key) : shiftKey && code?.startsWith("Digit") ? Number(code.slice(5)) : undefined;
  if (digit !== undefined) {
    const stars = comparing === Boolean(shiftKey);
    if (!stars) return digit ? ["listenTo", digit - 1] : undefined;
    return digit <= 5 ? ["stars", digit] : undefined;
  }
  const anywhere = ANYWHERE[plain(key)];
  if (anywhere) return anywhere;
  if (key === " ") return focus === "button" ? undefined : ["toggle"];
  if (key === "Enter") return focus === "tile" ? ["enlarge"] : undefined;
  return MOVES.includes(key) && focus !== "slider" ? ["move", key] : undefined;
}

/**
 * Find the command of a key in a duel. A key that is held down does not vote, and while the labels are shown a vote's key
 * leads to the next pair.
 * @param {Key} event @param {Focus} focus @param {boolean} revealed @returns {DuelName | undefined}
 */
export function duelCommandFor(event, focus, revealed) {
  if (isChord(event) || focus === "field" || event.repeat) return undefined;
  const { key } = event;
  if (focus === "button" && (key === " " || key === "Enter")) return undefined;
  if (focus === "slider" && key.startsWith("Arrow")) return undefined;
  const found = DUEL[plain(key)];
  if (!revealed) return found;
  if (found === "undo" || found === "captions" || found === "switch") return found;
  return found || key === "Enter" ? "next" : undefined;
}

/** Return the kind of element that has the focus. @param {HTMLElement} target @returns {Focus} */
export function focusOf(target) {
  if (target.matches(".vl-tile")) return "tile";
  if (target.matches("input[type=range]")) return "slider";
  if (target.matches("input, select, textarea")) return "field";
  return target.matches("button") ? "button" : "other";
}
