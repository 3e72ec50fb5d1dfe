// The upper part of a lab's view: name, order, filters, the run, warnings.

import { h } from "./elements.js";
import { format } from "./format.js";
import { labIcon } from "./lab_icons.js";
import { filtersOf, sortsOf } from "./lab_list.js";
import { choice, popover } from "./tools.js";
/** @import { Filters, Item } from "./lab_list.js" */
/** @import { LabView } from "./lab_view.js" */

const TEXTS = {
  count: "{made} of {all} made",
  shown: "{shown} of {all} shown",
  columns: "Columns",
  sort: "Sort by",
  reverse: "Reverse the order",
  filter: "Filter",
  clear: "Clear filters",
  compare: "Compare {count} marked",
  enlarge: "Enlarge",
  unmark: "Clear marks",
  back: "Back to all",
  run: "Progress of the run",
  cancel: "Cancel",
  canceling: "Canceling …",
};
const MOST_COLUMNS = 6;

/** The head of a view. `filters`, `sort` and `reversed` say what is shown. */
export class LabHead {
  /** @param {LabView} view @param {AbortSignal} signal */
  constructor(view, signal) {
    this.view = view;
    /** @type {Filters} */
    this.filters = {};
    this.sort = "place";
    this.reversed = false;
    this.name = h("b", { class: "vl-name" });
    this.count = h("span", { class: "vl-count", role: "status" });
    this.verdict = h("span", { class: "vl-verdict" });
    this.columns = choice(TEXTS.columns, Object.fromEntries(Array.from({ length: MOST_COLUMNS }, (_, index) => [index + 1, String(index + 1)])), "3", (value) => view.setColumns(Number(value)));
    this.sorter = h("span", {});
    this.order = h("button", { type: "button", class: "vp-tool", "aria-label": TEXTS.reverse, title: TEXTS.reverse, "aria-pressed": "false", onclick: () => this._reverse() }, labIcon("order"));
    this.filter = popover(TEXTS.filter, "style", () => this._filterChoices(), signal);
    this.compare = h("button", { type: "button", class: "vl-button", onclick: () => view.enlarge() });
    this.unmark = h("button", { type: "button", class: "vl-button", hidden: true, onclick: () => view.clearMarks() }, TEXTS.unmark);
    this.back = h("button", { type: "button", class: "vl-button", hidden: true, onclick: () => view.leave() }, labIcon("leave"), TEXTS.back);
    this.tools = h("div", { class: "vl-tools" }, this.columns, this.sorter, this.order, this.filter);
    this._buildRun();
    this.warnings = h("div", { class: "vl-warnings" });
    this.root = h("header", { class: "vl-head" },
      h("div", { class: "vl-titles" }, this.name, this.count, this.verdict, h("span", { class: "vl-space" }), this.back, this.unmark, this.compare, this.tools),
      this.runBox, this.warnings);
  }

  _buildRun() {
    this.progress = h("progress", { max: "1", "aria-label": TEXTS.run });
    this.runText = h("span", { class: "vl-runtext", role: "status" });
    this.cancel = h("button", { type: "button", class: "vl-button", onclick: () => { this.cancel.textContent = TEXTS.canceling; this.cancel.disabled = true; this.view.cancelRun(); } }, TEXTS.cancel);
    this.runBox = h("div", { class: "vl-run", hidden: true }, this.progress, this.runText, this.cancel);
  }

  /** @param {string} name @param {string[]} warnings @param {Item[]} items */
  update(name, warnings, items) {
    this.name.textContent = name;
    this._all = format(TEXTS.count, { made: items.filter(({ state }) => state === "made").length, all: items.length });
    this.warnings.replaceChildren(...warnings.map((text) => h("div", { class: "vl-warning" }, text)));
    const sorts = sortsOf(items), key = JSON.stringify(sorts);
    if (this.sorter.dataset.key === key) return;
    this.sorter.dataset.key = key;
    if (!(this.sort in sorts)) this.sort = "place";
    this.sorter.replaceChildren(choice(TEXTS.sort, sorts, this.sort, (value) => { this.sort = value; this.view.arrange(); }));
  }

  /** @param {number} shown @param {number} all */
  showCount(shown, all) {
    const text = shown < all ? `${this._all} · ${format(TEXTS.shown, { shown, all })}` : this._all ?? "";
    if (this.count.textContent !== text) this.count.textContent = text;
    const active = Object.values(this.filters).some(Boolean);
    this.filter.firstElementChild.dataset.state = active ? "on" : "";
  }

  /** @param {boolean} comparing @param {number} marked @param {number} columns */
  showMode(comparing, marked, columns) {
    this.back.hidden = !comparing;
    this.tools.hidden = this.compare.hidden = comparing;
    this.unmark.hidden = comparing || !marked;
    this.compare.replaceChildren(labIcon("grow"), marked ? format(TEXTS.compare, { count: marked }) : TEXTS.enlarge);
    if (!comparing) this.columns.querySelector("select").value = String(columns);
  }

  /** @param {string} text */
  showVerdict(text) { this.verdict.textContent = text; }

  /** @param {{running?: boolean, fraction?: number, text?: string, message?: string, usd?: number}} run */
  showRun(run) {
    this.runBox.hidden = !run.text || (!run.running && !run.message);
    if (!run.text) return;
    if (this.progress.value !== run.fraction) this.progress.value = run.fraction ?? 0;
    this.progress.hidden = !run.running;
    this.runText.textContent = run.message && !run.running ? `${run.text}. ${run.message}` : run.text;
    if (run.running && this.cancel.hidden) { this.cancel.disabled = false; this.cancel.textContent = TEXTS.cancel; }
    this.cancel.hidden = !run.running;
  }

  _reverse() {
    this.reversed = !this.reversed;
    this.order.setAttribute("aria-pressed", String(this.reversed));
    this.view.arrange();
  }

  _filterChoices() {
    const set = (/** @type {string} */ name, /** @type {string} */ value) => { this.filters = { ...this.filters, [name]: value }; this.view.arrange(); };
    const choices = filtersOf(this.view.items).map(({ name, label, options }) => choice(label, options, this.filters[name] ?? "", (value) => set(name, value)));
    return [...choices, h("button", { type: "button", class: "vp-item", onclick: () => { this.filters = {}; this.view.arrange(); } }, TEXTS.clear)];
  }
}
