// What the modules share beyond their drawing: words and figures, bytes, and what to do when nobody answers.

import { h } from "./elements.js";
/** @import { Model } from "./elements.js" */

/** Bytes in a piece; pieces.py says why. */
export const PIECE = 4 * 2 ** 20;
/** Pieces on their way at once. */
export const WINDOW = 2;

/** @param {string} text @param {Record<string, string | number>} [values] */
export function say(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** @param {number} bytes */
export function megabytes(bytes) {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes < 1e5 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** @param {number} seconds @param {number} [digits] */
export function clock(seconds, digits = 0) {
  const unit = 10 ** digits;
  const all = Math.floor(Math.max(0, seconds || 0) * unit + 1e-6) / unit;
  const rest = (all % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  const minutes = Math.floor(all / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** @param {number} value @param {number} low @param {number} high */
export const within = (value, low, high) => Math.min(high, Math.max(low, value));

/** @param {Uint8Array} bytes */
export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** Whether the front end is known to lose binary buffers. Written for Colab, and not seen there. */
export const speaksText = () => "google" in globalThis && Boolean(/** @type {any} */ (globalThis).google?.colab);

/** What a piece from the kernel holds. @param {{data?: string}} message @param {DataView[]} buffers @returns {BlobPart} */
export function bytesOf(message, buffers) {
  if (message.data === undefined) return /** @type {any} */ (buffers[0]);
  return Uint8Array.from(atob(message.data), (letter) => letter.charCodeAt(0));
}

/** What the page of a Jupyter front end says of itself, or nothing elsewhere. */
export function pageConfig() {
  try {
    return JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "null");
  } catch {
    return null;
  }
}

/** Where the notebook's server is, or nothing where the page does not say. @returns {string | undefined} */
export function serverAddress() {
  const base = pageConfig()?.baseUrl ?? document.body.dataset.baseUrl;
  return base && /^https?:$/.test(location.protocol) ? base.replace(/\/?$/, "/") : undefined;
}

const ASK_EVERY = 5000, ASK_AGAIN = 1500, PATIENCE = 4000;

/**
 * Tells when the kernel behind a view is gone for good ("kernel"), when the server does not answer ("server"), and when
 * it answers again (""). The server is asked for its version, and only while the view is looked at.
 * @param {Model} model @param {HTMLElement} el @param {AbortSignal} signal
 * @param {(gone: "" | "kernel" | "server") => void} onChange
 */
export function watchConnection(model, el, signal, onChange) {
  let gone = "", missed = 0;
  const say = (/** @type {"" | "kernel" | "server"} */ now) => {
    if (now === gone) return;
    gone = now;
    onChange(now);
  };
  const lost = () => say("kernel");
  model.on("comm_live_update", lost);
  const server = serverAddress();
  /** @type {number} */
  let timer;
  const ask = async () => {
    if (server && !document.hidden && el.isConnected && gone !== "kernel") {
      try {
        await fetch(`${server}api`, { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
        missed = 0;
        if (gone === "server") say("");
      } catch {
        if (++missed > 1) say("server");
      }
    }
    if (!signal.aborted) timer = setTimeout(ask, missed ? ASK_AGAIN : ASK_EVERY);
  };
  timer = setTimeout(ask, ASK_EVERY);
  signal.addEventListener("abort", () => { clearTimeout(timer); model.off("comm_live_update", lost); });
}

/**
 * Keeps a part's keys its own: in JupyterLab an arrow leads to the next cell, even from a list of choices. It looks for
 * this mark on the node that has the focus, before that node hears of the key. What goes with Ctrl stays JupyterLab's.
 * @param {() => Element | null} part @param {AbortSignal} signal
 */
export function keepKeys(part, signal) {
  window.addEventListener("keydown", (event) => {
    const node = /** @type {Element} */ (event.target);
    if (part()?.contains(node)) node.toggleAttribute("data-lm-suppress-shortcuts", !(event.ctrlKey || event.metaKey || event.altKey));
  }, { capture: true, signal });
}

/** What is said by more than one of the modules. */
export const SHARED_TEXTS = {
  again: "Run this cell again",
  press: "Click into this cell's code and press Shift and Enter to run it again.",
};

/**
 * Words on a kernel that is gone, with a button that runs the cell again, or words on how to where that cannot be.
 * @param {string} text @param {HTMLElement} el where it will stand
 */
export function goneNotice(text, el) {
  const words = h("span", {}, text);
  const press = () => { words.textContent = `${text} ${SHARED_TEXTS.press}`; button.remove(); };
  const button = h("button", { type: "button", onclick: () => runCellAgain(button, press) }, SHARED_TEXTS.again);
  const box = h("div", { class: "vx-notice" }, words, button);
  if (!el.closest(".jp-Cell")) press();
  return box;
}

/**
 * Runs the cell that a node stands in, as its keys do: a page's widgets are given no other way. Whether that was heard
 * is seen by the node being replaced.
 * @param {HTMLElement} node @param {() => void} onUnheard
 */
function runCellAgain(node, onUnheard) {
  const cell = /** @type {HTMLElement | null} */ (node.closest(".jp-Cell"));
  cell?.focus();
  const how = { key: "Enter", code: "Enter", keyCode: 13, ctrlKey: true, bubbles: true, cancelable: true, composed: true };
  cell?.dispatchEvent(new KeyboardEvent("keydown", how));
  setTimeout(() => { if (node.isConnected) onUnheard(); }, 1500);
}
