// The widget of board_view.py: a storyboard's film, its waveform, and the table of its scenes.

import { BoardView } from "./board_view.js";
import { keepMessages } from "./late_start.js";
/** @import { Model } from "./elements.js" */

export default {
  initialize: keepMessages,
  /** @param {{model: Model, el: HTMLElement}} view */
  render({ model, el }) {
    const end = new AbortController();
    new BoardView(model, el, end.signal);
    return () => end.abort();
  },
};
