// The widget of lab_view.py and lab_duel.py: a lab's videos in tiles, or two of them at a time.

import { DuelView } from "./lab_duel.js";
import { LabView } from "./lab_view.js";
import { keepMessages } from "./late_start.js";
/** @import { Model } from "./elements.js" */

export default {
  initialize: keepMessages,
  /** @param {{model: Model, el: HTMLElement}} view */
  render({ model, el }) {
    const end = new AbortController();
    const View = model.get("_kind") === "duel" ? DuelView : LabView;
    new View(model, el, end.signal);
    return () => end.abort();
  },
};
