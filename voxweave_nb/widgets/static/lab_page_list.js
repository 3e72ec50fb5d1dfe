// Which tiles of a lab's page are shown, and in which order.

/** A tile as the page's HTML describes it; `is` has `made`, `flagged`, `noted` and `marked`. @typedef {{id: string, axes: Record<string, string>, order: number, rank: number | null, price: number | null, is: string[]}} Entry */
/** What is chosen; an empty text chooses all. @typedef {{axes: Record<string, string>, show: string, sort: string}} Choice */

const AXIS = "axis:", VALUE = "=";

/** Read a tile's data. @param {Record<string, string | undefined>} data @returns {Entry} */
export function readEntry({ id = "", axes = "{}", order, rank, price, is = "" }) {
  const number = (/** @type {string | undefined} */ text) => (text ? Number(text) : null);
  return { id, axes: JSON.parse(axes), order: Number(order), rank: number(rank), price: number(price), is: is.split(" ").filter(Boolean) };
}

/** Return true if a tile is to be shown. @param {Entry} entry @param {Choice} choice */
export function isShown(entry, { axes, show }) {
  if (show && !entry.is.includes(show)) return false;
  return Object.entries(axes).every(([axis, value]) => !value || VALUE + entry.axes[axis] === value);
}

/** Return the tiles that are shown, sorted; what has no rank, price or value comes last. @param {Entry[]} entries @param {Choice} choice */
export function arrange(entries, choice) {
  const shown = entries.filter((entry) => isShown(entry, choice));
  return shown.sort((a, b) => compare(key(a, choice.sort), key(b, choice.sort)) || a.order - b.order);
}

/** @param {Entry} entry @param {string} sort @returns {string | number | null} */
function key(entry, sort) {
  if (sort.startsWith(AXIS)) return entry.axes[sort.slice(AXIS.length)] ?? null;
  return sort === "rank" ? entry.rank : sort === "price" ? entry.price : entry.order;
}

/** @param {string | number | null} a @param {string | number | null} b */
function compare(a, b) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true });
}
