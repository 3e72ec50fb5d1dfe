// The order of a lab's tiles: which are shown, and how they are sorted.

/** One variant as the page knows it. `rank` holds the better and the worse end of its rank interval, the chance to be the
 *   best, and the number of votes. @typedef {{id: string, place: number, axes: Record<string, any>, prompt: string,
 *   remark: string, aspect: string, state: string, usd: number | null, error: string, flags: string[],
 *   thumb: boolean | null, stars: number | null, note: string, others: string[], rank: number[] | null,
 *   progress: number | null}} Item */
/** Values by the name of a filter; "" stands for all. @typedef {Record<string, string>} Filters */
/** @typedef {{name: string, label: string, options: Record<string, string>}} Filter */

const TEXTS = {
  all: "All",
  state: "State",
  states: { made: "Made", running: "Being made", "to make": "To make", failed: "Failed", refused: "Refused", gone: "File removed" },
  opinion: "Opinion",
  opinions: { up: "Thumb up", down: "Thumb down", stars: "Four stars or more", noted: "With a note", none: "None yet", flagged: "With a flag" },
  rank: "Rank",
  ranks: { first: "May be the best", three: "May be in the top 3", ten: "May be in the top 10" },
  price: "Price",
  prices: { free: "Free", dime: "Up to $0.10", half: "Up to $0.50", more: "Above $0.50", unknown: "Not known" },
  sorts: { place: "Added", rank: "Rank", opinion: "Opinion", price: "Price", state: "State" },
};

/** @type {Record<string, (item: Item) => boolean>} */
const OPINIONS = {
  up: (item) => item.thumb === true, down: (item) => item.thumb === false, stars: (item) => (item.stars ?? 0) >= 4,
  noted: (item) => Boolean(item.note), none: (item) => item.thumb === null && item.stars === null && !item.note,
  flagged: (item) => item.flags.length > 0,
};
/** @type {Record<string, number>} */
const TOP = { first: 1, three: 3, ten: 10 };
/** @type {Record<string, (usd: number | null) => boolean>} */
const PRICES = {
  free: (usd) => usd === 0, dime: (usd) => usd !== null && usd <= 0.1, half: (usd) => usd !== null && usd <= 0.5,
  more: (usd) => usd !== null && usd > 0.5, unknown: (usd) => usd === null,
};
const AXIS = "axis:";
const ORDER = Object.keys(TEXTS.states);

/** Return the values of each axis, in the order of their appearance. @param {Item[]} items @returns {Map<string, string[]>} */
export function axesOf(items) {
  /** @type {Map<string, string[]>} */
  const found = new Map();
  for (const { axes } of items) {
    for (const [name, value] of Object.entries(axes)) {
      const values = found.get(name) ?? [];
      if (!values.includes(String(value))) found.set(name, [...values, String(value)]);
    }
  }
  return found;
}

/** Return the filters that tell some of the items apart. @param {Item[]} items @returns {Filter[]} */
export function filtersOf(items) {
  const axes = [...axesOf(items)].filter(([, values]) => values.length > 1);
  const used = new Set(items.map((item) => item.state));
  const states = Object.fromEntries(Object.entries(TEXTS.states).filter(([state]) => used.has(state)));
  return [
    ...axes.map(([name, values]) => ({ name: AXIS + name, label: name, options: Object.fromEntries(values.map((value) => [value, value])) })),
    { name: "state", label: TEXTS.state, options: states },
    { name: "opinion", label: TEXTS.opinion, options: TEXTS.opinions },
    ...(items.some((item) => item.rank) ? [{ name: "rank", label: TEXTS.rank, options: TEXTS.ranks }] : []),
    { name: "price", label: TEXTS.price, options: TEXTS.prices },
  ].map((filter) => ({ ...filter, options: { "": TEXTS.all, ...filter.options } }));
}

/** Return the labels of the sort orders by name. @param {Item[]} items @returns {Record<string, string>} */
export function sortsOf(items) {
  const axes = [...axesOf(items)].filter(([, values]) => values.length > 1);
  return { ...TEXTS.sorts, ...Object.fromEntries(axes.map(([name]) => [AXIS + name, name])) };
}

/** Return the label of a state. @param {string} state */
export const stateLabel = (state) => (/** @type {Record<string, string>} */ (TEXTS.states))[state] ?? state;

/** @param {Item} item @param {string} name @param {string} value */
function passes(item, name, value) {
  if (!value) return true;
  if (name.startsWith(AXIS)) return String(item.axes[name.slice(AXIS.length)] ?? "") === value;
  if (name === "state") return item.state === value;
  if (name === "opinion") return OPINIONS[value](item);
  if (name === "rank") return item.rank !== null && item.rank[0] <= TOP[value];
  return PRICES[value](item.usd);
}

/** Return the number by which an item is sorted, the lowest first. @param {Item} item @param {string} sort */
function keyOf(item, sort) {
  if (sort === "rank") return item.rank ? item.rank[0] + item.rank[1] - item.rank[2] : Infinity;
  if (sort === "opinion") return -(item.stars ?? 0) - (item.thumb === null ? 0 : item.thumb ? 5.5 : -5.5);
  if (sort === "price") return item.usd ?? Infinity;
  return sort === "state" ? ORDER.indexOf(item.state) : item.place;
}

/**
 * Return the items that pass all filters, in order; equal ones stay in the order of their adding.
 * @param {Item[]} items @param {Filters} filters @param {string} sort @param {boolean} reversed @returns {Item[]}
 */
export function arrange(items, filters, sort, reversed) {
  const shown = items.filter((item) => Object.entries(filters).every(([name, value]) => passes(item, name, value)));
  const axis = sort.startsWith(AXIS) ? sort.slice(AXIS.length) : "", values = axis ? axesOf(items).get(axis) ?? [] : [];
  const key = (/** @type {Item} */ item) => (axis ? values.indexOf(String(item.axes[axis] ?? "")) : keyOf(item, sort));
  const keys = new Map(shown.map((item) => [item, key(item)]));
  const compare = (/** @type {Item} */ one, /** @type {Item} */ other) => {
    const a = keys.get(one) ?? 0, b = keys.get(other) ?? 0;
    return a === b ? one.place - other.place : (a < b ? -1 : 1) * (reversed ? -1 : 1);
  };
  return shown.sort(compare);
}

/** Return the columns of a comparison. @param {number} count of videos */
export const compareColumns = (count) => (count <= 3 ? Math.max(1, count) : count === 4 ? 2 : 3);

/** Return the place that an arrow key leads to. @param {number} at @param {string} key @param {number} columns @param {number} count */
export function moveBy(at, key, columns, count) {
  const step = /** @type {Record<string, number>} */ ({ ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns })[key];
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const to = at + (step ?? 0);
  if (to >= 0 && to < count) return to;
  // From an incomplete last row's row above, down leads to the last tile.
  return key === "ArrowDown" && Math.floor(at / columns) < Math.floor((count - 1) / columns) ? count - 1 : at;
}
