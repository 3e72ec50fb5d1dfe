// A notebook's outputs as VS Code shows them: widgets by its own widget manager, and the rest by MIME type.

import { activate } from "./ipywidgets.js";
import { KernelAPI, KernelConnection, ServerConnection } from "./services.js";

const WIDGET = "application/vnd.jupyter.widget-view+json";
const ORDER = [WIDGET, "text/html", "image/svg+xml", "image/png", "image/jpeg", "text/plain"];

activate();
window.vscIPyWidgets8.load();
// There it is the address of the widgets' scripts, not that of a notebook server.
document.body.dataset.baseUrl = new URL("scripts/", location.href).href;

const scripts = {
  widgetsRegisteredInRequireJs: new Set(),
  async loadWidgetScript(name) {
    requirejs.config({ paths: { [name]: `${document.body.dataset.baseUrl}${name}/index` } });
    this.widgetsRegisteredInRequireJs.add(name);
  },
  successHandler() {},
  errorHandler(name, module, version, error) { console.error(`${module}.${name}: ${error}`); },
};

class Notebook {
  constructor() {
    this.cells = [];
    this.shown = document.getElementById("container");
  }

  /** Connect to a new kernel. */
  async connect(baseUrl, token, file) {
    const serverSettings = ServerConnection.makeSettings({ baseUrl, wsUrl: baseUrl.replace("http", "ws"), token, appendToken: true });
    const model = await KernelAPI.startNew({ name: "python3" }, serverSettings);
    this.kernel = new KernelConnection({ model, serverSettings });
    this.manager = new window.vscIPyWidgets.WidgetManager(this.kernel, this.shown, scripts, () => {});
    this.kernel.iopubMessage.connect((_, message) => {
      if (message.header.msg_type === "update_display_data") this.update(message.content);
    });
    await this.kernel.requestExecute({ code: `__vsc_ipynb_file__ = ${JSON.stringify(file)}`, silent: true, store_history: false }).done;
  }

  /** Run a cell; resolves to its status once it is done. */
  async run(code) {
    const cell = this.add({ source: code, outputs: [] });
    const future = this.kernel.requestExecute({ code }, false);
    future.onIOPub = (message) => this.receive(cell, message);
    return (await future.done).content.status;
  }

  /** Show the cells of a saved notebook, without a kernel. */
  restore(cells) {
    for (const { source, outputs } of cells) {
      const cell = this.add({ source, outputs: [] });
      for (const { data, metadata } of outputs) this.append(cell, { data, metadata });
    }
  }

  async shutdown() { await this.kernel.shutdown(); }

  add(cell) {
    cell.shown = this.shown.appendChild(document.createElement("div"));
    cell.shown.className = "cell_container";
    this.cells.push(cell);
    return cell;
  }

  receive(cell, { header, content }) {
    if (header.msg_type === "clear_output") cell.outputs.splice(0).forEach(({ node }) => node.remove());
    else if (header.msg_type === "stream") this.append(cell, { data: { "text/plain": content.text } });
    else if (header.msg_type === "error") this.append(cell, { data: { "text/plain": content.traceback.join("\n") } });
    else if (["display_data", "execute_result"].includes(header.msg_type)) {
      this.append(cell, { data: content.data, metadata: content.metadata, id: content.transient?.display_id });
    }
  }

  append(cell, output) {
    output.node = cell.shown.appendChild(document.createElement("div"));
    output.node.className = "output";
    cell.outputs.push(output);
    void this.render(output);
  }

  update({ data, metadata, transient }) {
    for (const output of this.cells.flatMap((cell) => cell.outputs)) {
      if (output.id === undefined || output.id !== transient?.display_id) continue;
      Object.assign(output, { data, metadata });
      void this.render(output);
    }
  }

  /** Show an output by the first of its types that can be shown: a widget only where the kernel knows it. */
  async render({ data, node }) {
    node.replaceChildren();
    const model = data[WIDGET] && await this.manager?.get_model(data[WIDGET].model_id);
    const type = ORDER.find((each) => each in data && (each !== WIDGET || model));
    if (type === WIDGET) {
      node.classList.add("widget-output");
      this.manager.display_view(data[WIDGET], await this.manager.create_view(model, { el: node }), { node });
    } else if (type === "text/html" || type === "image/svg+xml") node.innerHTML = data[type];
    else if (type === "text/plain") node.appendChild(document.createElement("pre")).textContent = data[type];
    else if (type) node.appendChild(document.createElement("img")).src = `data:${type};base64,${data[type]}`;
  }

  /** Return each cell's source and outputs, as they are saved. */
  saved() {
    return this.cells.map(({ source, outputs }) => [source, outputs.map(({ data, metadata = {} }) => ({ data, metadata }))]);
  }
}

window.notebook = new Notebook();
