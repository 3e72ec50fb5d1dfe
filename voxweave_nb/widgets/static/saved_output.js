// The widget of saved_output.py: the output below a panel that holds finished videos. A page that was reloaded is not told of
// outputs that have changed; here it compares its notebook with what the kernel has, and writes what is missing.

import { keepMessages } from "./late_start.js";
/** @import { Model } from "./elements.js" */

/** Return the notebook that contains the widget; undefined outside JupyterLab and Notebook. @param {Model} model */
function notebookOf(model) {
  const notebook = model.widget_manager?.context?.model;
  return notebook?.cells?.length ? notebook : undefined; // VS Code's widget manager has a notebook without cells
}

/** Find the output of a name; null where there is none. @param {any} notebook @param {string} name */
function findOutput(notebook, name) {
  for (let place = 0; place < notebook.cells.length; place++) {
    const outputs = notebook.cells.get(place).outputs;
    for (let index = 0; index < (outputs?.length ?? 0); index++) {
      const own = outputs.get(index).metadata?.voxweave;
      if (own?.name === name) return { outputs, index, count: own.count };
    }
  }
  return null;
}

/** Complete the output, once in each page, with or without a view. @param {{model: Model}} widget */
function initialize({ model }) {
  keepMessages({ model });
  /** @param {any} message */
  const receive = (message) => {
    const notebook = notebookOf(model);
    if (!notebook || !(message.look || message.kind === "films")) return;
    const found = findOutput(notebook, message.name);
    if (!found) return model.send({ kind: "missing" });
    if (found.count >= message.count) return;
    if (message.kind !== "films") return model.send({ kind: "want" });
    const { data, metadata } = message;
    found.outputs.set(found.index, { output_type: "display_data", data, metadata });
  };
  model.on("msg:custom", receive);
  model.send({ kind: "hello" });
  return () => model.off("msg:custom", receive);
}

/** Hide in the output what the widget beside it shows; only a running kernel asks for that. @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const style = document.createElement("style");
  /** @param {any} message */
  const receive = (message) => {
    if (message.kind === "state") style.textContent = `.${message.hidden}{display:none}`;
  };
  el.replaceChildren(style);
  model.on("msg:custom", receive);
  model.send({ kind: "hello" });
  return () => model.off("msg:custom", receive);
}

export default { initialize, render };
