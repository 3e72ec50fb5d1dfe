// Says in the panel that its kernel or its server is gone, offers what can be done about it, and keeps its keys its own.

import { h } from "./elements.js";
import { goneNotice, keepKeys, watchConnection } from "./shared.js";
/** @import { Model } from "./elements.js" */

/** Everything that is said to a person. */
const TEXTS = {
  kernel: "The kernel was restarted or closed, and this panel no longer reaches it. Paid jobs go on and can be picked up here.",
  server: "The notebook server does not answer. The panel goes on when it is back; what runs in the kernel runs on.",
};

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const end = new AbortController();
  const box = h("div", { role: "alert" });
  el.replaceChildren(box);
  watchConnection(model, el, end.signal, (gone) => {
    const words = gone && (gone === "kernel" ? goneNotice(TEXTS.kernel, el) : h("div", { class: "vx-notice" }, h("span", {}, TEXTS.server)));
    box.replaceChildren(...(words ? [words] : []));
  });
  keepKeys(() => el.closest(".voxweave-panel"), end.signal);
  /** Answers after all that was to be sent before; connection.py says why. @param {{kind: string, turn: number}} message */
  const hear = ({ kind, turn }) => { if (kind === "settle") model.send({ kind: "settled", turn }); };
  model.on("msg:custom", hear);
  model.send({ kind: "shown" });
  return () => { end.abort(); model.off("msg:custom", hear); };
}

export default { render };
