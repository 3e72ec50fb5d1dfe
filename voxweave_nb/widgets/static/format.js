// Formatting of text, times and sizes for people.

/** Fill in the `{name}` fields of a text; a field without a value becomes empty. @param {string} text @param {Record<string, string | number>} [values] */
export function format(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** Format a size: 12 kB, 3.4 MB, 1.2 GB. @param {number} bytes */
export function fileSize(bytes) {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes < 1e5 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** Format a time as m:ss or h:mm:ss, rounded down. @param {number} seconds @param {number} [digits] decimals of the seconds */
export function clock(seconds, digits = 0) {
  const unit = 10 ** digits;
  const all = Math.floor(Math.max(0, seconds || 0) * unit + 1e-6) / unit;
  const rest = (all % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  const minutes = Math.floor(all / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** Limit a value to a range. @param {number} value @param {number} low @param {number} high */
export const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
