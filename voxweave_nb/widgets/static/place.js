// The output under a widget that holds finished videos. A page that was loaded again is told of no output that changes:
// here it compares its notebook with what the kernel has, and writes what is missing. place.py is the other half.

/** @typedef {{send(content: any): void, on(event: string, listener: (message: any) => void): void,
 *  off(event: string, listener: (message: any) => void): void, widget_manager?: any}} Model */

/** The notebook that the widget is in; JupyterLab and Notebook let it be read. @param {Model} model */
function notebookOf(model) {
  return model.widget_manager?.context?.model;
}

/** The output of that name. @param {any} notebook @param {string} name */
function find(notebook, name) {
  for (let place = 0; place < notebook.cells.length; place++) {
    const outputs = notebook.cells.get(place).outputs;
    for (let index = 0; index < (outputs?.length ?? 0); index++) {
      const own = outputs.get(index).metadata?.voxweave;
      if (own?.name === name) return { outputs, index, count: own.count };
    }
  }
  return null;
}

/** Once for each page, whether or not anything is drawn. @param {{model: Model}} widget */
function initialize({ model }) {
  /** @param {any} message */
  const hear = (message) => {
    const notebook = notebookOf(model);
    if (!notebook || !(message.look || message.kind === "films")) return;
    const found = find(notebook, message.name);
    if (!found) return model.send({ kind: "missing" });
    if (found.count >= message.count) return;
    if (message.kind !== "films") return model.send({ kind: "want" });
    const { data, metadata } = message;
    found.outputs.set(found.index, { output_type: "display_data", data, metadata });
  };
  model.on("msg:custom", hear);
  model.send({ kind: "hello" });
  return () => model.off("msg:custom", hear);
}

/** Hides what the widget beside it shows itself; only a living kernel says so. @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const style = document.createElement("style");
  /** @param {any} message */
  const hear = (message) => {
    if (message.kind === "state") style.textContent = `.${message.hidden}{display:none}`;
  };
  el.replaceChildren(style);
  model.on("msg:custom", hear);
  model.send({ kind: "hello" });
  return () => model.off("msg:custom", hear);
}

export default { initialize, render };
