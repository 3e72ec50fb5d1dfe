// The widget of connection.py: reports in the panel that its kernel or server is gone, and keeps the panel's keys.

import { h } from "./elements.js";
import { keepMessages } from "./late_start.js";
import { goneNotice, keepKeys } from "./notebook.js";
import { watchConnection } from "./server.js";
/** @import { Model } from "./elements.js" */

const TEXTS = {
  kernel: "The kernel was restarted or closed, so this panel is disconnected. Paid jobs continue and can be resumed here.",
  server: "The notebook server does not answer. The panel continues when the server is back; the kernel keeps working.",
};

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const end = new AbortController();
  const box = h("div", { role: "alert" });
  el.replaceChildren(box);
  watchConnection(model, el, end.signal, (unreached) => {
    if (!unreached) box.replaceChildren();
    else if (unreached === "kernel") box.replaceChildren(goneNotice(TEXTS.kernel, el));
    else box.replaceChildren(h("div", { class: "vx-notice" }, h("span", {}, TEXTS.server)));
  });
  keepKeys(() => el.closest(".voxweave-panel"), end.signal);
  /** Answer once everything that was to be sent before has been sent. @param {{kind: string, turn: number}} message */
  const receive = ({ kind, turn }) => { if (kind === "settle") model.send({ kind: "settled", turn }); };
  model.on("msg:custom", receive);
  model.send({ kind: "shown" });
  return () => { end.abort(); model.off("msg:custom", receive); };
}

export default { initialize: keepMessages, render };
