// The widget of connection.py: reports in a panel or job that its kernel or server is gone, and keeps a panel's keys.

import { h } from "./elements.js";
import { keepMessages } from "./late_start.js";
import { goneNotice, keepKeys } from "./notebook.js";
import { watchConnection } from "./server.js";
/** @import { Model } from "./elements.js" */

const TEXTS = {
  kernel: "The kernel was restarted or closed, so this panel is disconnected. Free jobs were interrupted; paid ones continue and can be resumed here.",
  job: "The kernel was restarted or closed. A free job was interrupted; a paid one continues and can be resumed in a panel.",
  server: "The notebook server does not answer. The panel continues when the server is back; the kernel keeps working.",
};

const UNFINISHED = ".progress-bar:not(.progress-bar-success, .progress-bar-danger, .progress-bar-warning)";

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const end = new AbortController();
  const box = h("div", { role: "alert" });
  el.replaceChildren(box);
  watchConnection(model, el, end.signal, (unreached) => {
    const part = el.closest(".voxweave-panel, .voxweave-job");
    const notice = (/** @type {string} */ text) => h("div", { class: "vx-notice" }, h("span", {}, text));
    if (!unreached) box.replaceChildren();
    else if (unreached === "server") box.replaceChildren(notice(TEXTS.server));
    else if (part?.matches(".voxweave-job")) {
      if (part.querySelector(UNFINISHED)) box.replaceChildren(notice(TEXTS.job));
    } else box.replaceChildren(goneNotice(TEXTS.kernel, el));
    if (unreached !== "kernel") return;
    // The player keeps what it has loaded.
    for (const each of part?.children ?? []) each.toggleAttribute("inert", !each.contains(el) && !each.querySelector(".voxweave-player"));
  });
  keepKeys(() => el.closest(".voxweave-panel"), end.signal);
  /** Answer once everything that was to be sent before has been sent. @param {{kind: string, turn: number}} message */
  const receive = ({ kind, turn }) => { if (kind === "settle") model.send({ kind: "settled", turn }); };
  model.on("msg:custom", receive);
  model.send({ kind: "shown" });
  return () => { end.abort(); model.off("msg:custom", receive); };
}

export default { initialize: keepMessages, render };
