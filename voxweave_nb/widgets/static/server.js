// The notebook's server, and whether it and the kernel still answer.

import { inVSCode } from "./front_end.js";
/** @import { Model } from "./elements.js" */

const CHECK_INTERVAL = 5000, RETRY_INTERVAL = 1500, TIMEOUT = 4000;

/** @typedef {"" | "kernel" | "server"} Unreached */

/** Read the configuration that JupyterLab and Notebook leave in their page; null elsewhere. */
export function pageConfig() {
  try {
    return JSON.parse(document.getElementById("jupyter-config-data")?.textContent || "null");
  } catch {
    return null;
  }
}

/** Return the base address of the notebook's server with a slash at its end; undefined where the page does not contain it. @returns {string | undefined} */
export function serverAddress() {
  if (inVSCode()) return undefined; // its base address is that of the widgets' scripts
  const base = pageConfig()?.baseUrl ?? document.body.dataset.baseUrl;
  return base && /^https?:$/.test(location.protocol) ? base.replace(/\/?$/, "/") : undefined;
}

/**
 * Report when the kernel behind a view is gone for good ("kernel"), when the server does not answer ("server"), and when
 * it answers again (""). The server is asked for its version every 5 s, and only while the view is visible.
 * @param {Model} model @param {HTMLElement} el @param {AbortSignal} signal ends the watch
 * @param {(unreached: Unreached) => void} onChange
 */
export function watchConnection(model, el, signal, onChange) {
  let unreached = "", missed = 0;
  const report = (/** @type {Unreached} */ now) => {
    if (now === unreached) return;
    unreached = now;
    onChange(now);
  };
  const onKernelGone = () => report("kernel");
  model.on("comm_live_update", onKernelGone);
  const server = serverAddress();
  /** @type {number} */
  let timer;
  const check = async () => {
    if (server && !document.hidden && el.isConnected && unreached !== "kernel") {
      try {
        await fetch(`${server}api`, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
        missed = 0;
        if (unreached === "server") report("");
      } catch {
        if (++missed > 1) report("server"); // one request may fail by chance
      }
    }
    if (!signal.aborted) timer = setTimeout(check, missed ? RETRY_INTERVAL : CHECK_INTERVAL);
  };
  timer = setTimeout(check, CHECK_INTERVAL);
  signal.addEventListener("abort", () => { clearTimeout(timer); model.off("comm_live_update", onKernelGone); });
}
