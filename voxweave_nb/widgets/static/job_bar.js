// The widget of job_bar.py: a job's progress, and a button that cancels it.

import { keepMessages } from "./late_start.js";

/** @param {{model: any, el: HTMLElement}} view */
function render({ model, el }) {
  const [page, button] = ["div", "button"].map((tag) => document.createElement(tag));
  const show = () => {
    page.innerHTML = model.get("_html"); // escaped by the kernel
    button.hidden = !model.get("_running");
  };
  button.className = "vx-cancel";
  button.textContent = model.get("_cancel");
  button.onclick = () => model.send({ kind: "cancel" });
  el.className = "voxweave-job";
  el.innerHTML = model.get("_style");
  el.append(page, button);
  show();
  model.on("change:_html", show);
  model.on("change:_running", show);
  return () => { model.off("change:_html", show); model.off("change:_running", show); };
}

export default { initialize: keepMessages, render };
