// The player's keyboard shortcuts.

/** @typedef {"seek" | "skip" | "frame" | "toggle" | "speed" | "captions" | "mute" | "fullScreen" | "startLoop" | "endLoop"
 *   | "stopLoop" | "chapter" | "walk"} Name */
/** A command of PlayerView and its argument. @typedef {[name: Name, value?: number]} Command */
/** The kind of element that has the focus. @typedef {"timeline" | "cue" | "volume" | "button" | "field" | "other"} Focus */

/** @type {Record<string, Command>} */
const ANYWHERE = {
  ",": ["frame", -1], ".": ["frame", 1], "[": ["startLoop"], "]": ["endLoop"], "\\": ["stopLoop"], "<": ["speed", -1], ">": ["speed", 1],
  c: ["captions"], m: ["mute"], f: ["fullScreen"], k: ["toggle"], j: ["skip", -10], l: ["skip", 10],
  n: ["chapter", 1], p: ["chapter", -1],
};

/** @type {Record<string, Command>} */
const ON_TIMELINE = { PageDown: ["skip", -30], PageUp: ["skip", 30], Home: ["seek", 0], End: ["seek", Infinity] };

/** @type {Record<string, Command>} */
const ON_CUE = { ArrowDown: ["walk", 1], ArrowUp: ["walk", -1] };

/**
 * Find the command of a key; undefined where the key keeps its usual meaning.
 * @param {{key: string, shiftKey?: boolean, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean}} event @param {Focus} focus
 * @returns {Command | undefined}
 */
export function commandFor({ key, shiftKey, ctrlKey, metaKey, altKey }, focus) {
  if (ctrlKey || metaKey || altKey || focus === "field") return undefined;
  const anywhere = ANYWHERE[key.length === 1 ? key.toLowerCase() : key];
  if (anywhere || focus === "volume") return anywhere;
  const step = shiftKey ? 1 : 5;
  if (key === "ArrowLeft" || (focus === "timeline" && key === "ArrowDown")) return ["skip", -step];
  if (key === "ArrowRight" || (focus === "timeline" && key === "ArrowUp")) return ["skip", step];
  if (key === " ") return focus === "timeline" || focus === "other" ? ["toggle"] : undefined;
  return focus === "timeline" ? ON_TIMELINE[key] : focus === "cue" ? ON_CUE[key] : undefined;
}
