// Words for money and scenes on a board.

const TEXTS = {
  made: "All scenes are made",
  again: "Submit again",
};

/** The kernel's `Cost`. @typedef {{count: number, usd: number, unknown: number, left: number, doubt: number}} Cost */

/** Format US dollars as the kernel does: less than a cent keeps two significant digits. @param {number} usd */
export function dollars(usd) {
  const rounded = Number(usd.toPrecision(2));
  if (rounded > 0 && rounded < 0.01) return `$${rounded.toFixed(1 - Math.floor(Math.log10(rounded)))}`.replace(/0+$/, "");
  return `$${usd.toFixed(2).replace(/\B(?=(\d{3})+(?!\d))/g, ",")}`;
}

/** Format a price: "free" for 0, "price not known" for null. @param {number | null | undefined} usd */
export const price = (usd) => (usd === null || usd === undefined ? "price not known" : usd ? dollars(usd) : "free");

/** Say what making the missing scenes costs. @param {Cost} cost */
export function costWords({ count, usd, unknown, left, doubt }) {
  const paid = count - left - doubt;
  const known = usd || !unknown ? price(usd) : "";
  return [paid ? [known, unknown ? `${unknown} of unknown price` : ""].filter(Boolean).join(" and ") : "",
    left ? `${left} paid and not fetched yet` : "", doubt ? `${doubt} in doubt` : ""].filter(Boolean).join(", ");
}

/** @param {number} count */
const scenes = (count) => (count === 1 ? "1 scene" : `${count} scenes`);

/** The label of the button that makes all that is missing. @param {Cost} cost */
export function makeLabel(cost) {
  if (!cost.count) return TEXTS.made;
  const paid = cost.count - cost.left - cost.doubt;
  if (!paid) return `Fetch ${scenes(cost.count)} (paid)`;
  const known = cost.usd || !cost.unknown ? price(cost.usd) : "";
  return `Make ${scenes(cost.count)} (${[known, cost.unknown ? `${cost.unknown} of unknown price` : ""].filter(Boolean).join(" + ")})`;
}

/** The label of a scene's button for one more take. @param {{usd?: number | null, left?: string, takes?: any[]}} scene */
export function redoLabel({ usd, left, takes }) {
  if (left === "paid") return "Fetch (paid)";
  const verb = left === "doubt" ? TEXTS.again : takes?.length ? "Redo" : "Make";
  return `${verb} (${price(usd)})`;
}
