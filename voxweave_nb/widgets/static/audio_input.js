// The widget of audio_input.py: a narration that is dropped, chosen or recorded.

import { Session } from "./audio_session.js";
import { AudioView } from "./audio_view.js";
import { keepMessages } from "./late_start.js";
/** @import { Model } from "./elements.js" */

export default () => {
  /** @type {Session} */
  let session;
  return {
    /** @param {{model: Model}} widget */
    initialize({ model }) {
      keepMessages({ model });
      session = new Session(model);
      return () => session.close();
    },
    /** @param {{el: HTMLElement}} view */
    render({ el }) {
      const view = new AudioView(session, el);
      return () => view.close();
    },
  };
};
