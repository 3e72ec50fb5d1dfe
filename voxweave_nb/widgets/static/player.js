// The widget of player.py: a video to watch, read and search.

import { keepMessages } from "./late_start.js";
import { PlayerView } from "./player_view.js";
/** @import { Model } from "./elements.js" */

export default {
  initialize: keepMessages,
  /** @param {{model: Model, el: HTMLElement}} view */
  render({ model, el }) {
    const end = new AbortController();
    new PlayerView(model, el, end.signal);
    return () => end.abort();
  },
};
