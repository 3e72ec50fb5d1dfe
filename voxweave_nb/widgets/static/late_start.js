// Messages from the kernel for a widget that starts late.

/** @import { Model } from "./elements.js" */

/**
 * Keep the kernel's messages coming in a busy page. anywidget waits 2 s for a model's module and, after that, withholds
 * every message and every change from the kernel for good, although it still shows the widget (`ready` in its runtime.ts).
 * Then the model receives them from its comm itself, and requests the state that it has missed.
 * A widget calls this in `initialize`, and asks the kernel there or in `render` for what else it needs.
 * @param {{model: Model}} widget
 */
export function keepMessages({ model }) {
  if (!model.widget_manager) return; // not in Jupyter
  // The event names the model of ipywidgets, which anywidget's model hides.
  const onChange = (/** @type {any} */ own) => {
    model.off("change:_own", onChange);
    own._handle_comm_msg({ content: { data: {} } }).catch(() => {
      const receive = Object.getPrototypeOf(Object.getPrototypeOf(own))._handle_comm_msg;
      own.comm?.on_msg(receive.bind(own));
      own.comm?.send({ method: "request_state" }, {});
    });
  };
  model.on("change:_own", onChange);
  model.set("_own", true);
  model.set("_own", undefined); // neither sent nor saved
}
