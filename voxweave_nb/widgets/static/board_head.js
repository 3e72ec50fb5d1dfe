// The head of a board: name, money, the button that makes what is missing, the progress of a run, and warnings.

import { costWords, dollars, makeLabel } from "./board_money.js";
import { h } from "./elements.js";
import { clock, format } from "./format.js";
/** @import { BoardView } from "./board_view.js" */

const TEXTS = {
  facts: "{scenes} scenes · {time} · {made} made",
  spent: "Spent",
  toMake: "To make",
  nothing: "nothing",
  underway: "under way",
  budget: "Budget",
  budgetTip: "US dollars that this board may cost in all; empty keeps the limit that was given before",
  noBudget: "no limit",
  cancel: "Cancel",
  canceling: "Canceling …",
  canceled: "Paid scenes go on at their providers; making again fetches them.",
  run: "Progress of the making",
  left: "about {time} left",
  notes: "Notes of the run ({count})",
  bible: "Every prompt begins with",
};
const STATES = ["made", "own", "running", "waiting", "stale", "failed", "refused", "gone", "to make"];

/** The head of a board. */
export class BoardHead {
  /** @param {BoardView} view */
  constructor(view) {
    this.view = view;
    this._ended = "";
    this._warned = "";
    this.name = h("b", { class: "vb-name" });
    this.facts = h("span", { class: "vb-soft" });
    this.animatic = view.film.button("animatic", "vb-button");
    this.assemble = view.film.button("film", "vb-button");
    this.spent = h("b", {});
    this.cost = h("b", {});
    this.budget = h("input", { type: "number", min: "0", step: "0.1", class: "vb-budget", placeholder: TEXTS.noBudget, title: TEXTS.budgetTip, "aria-label": TEXTS.budgetTip });
    this.make = h("button", { type: "button", class: "vb-button vb-main", onclick: () => this._make() });
    this.bar = h("div", { class: "vb-states", "aria-hidden": "true" });
    this.progress = h("progress", { max: "1", "aria-label": TEXTS.run });
    this.runText = h("span", { class: "vb-soft", role: "status" });
    this.cancel = h("button", { type: "button", class: "vb-button", onclick: () => this._cancel() }, TEXTS.cancel);
    this.runBox = h("div", { class: "vb-run", hidden: true }, this.progress, this.runText, this.cancel);
    this.runEnd = h("div", { class: "vb-runend" });
    this.bible = h("p", { class: "vb-bible", hidden: true });
    this.warnings = h("div", { class: "vb-warnings" });
    this.root = h("header", { class: "vb-head" },
      h("div", { class: "vb-line" }, this.name, this.facts, h("span", { class: "vb-space" }), this.animatic, this.assemble),
      this.bar,
      h("div", { class: "vb-line vb-money" }, h("span", {}, `${TEXTS.spent} `, this.spent), h("span", {}, `${TEXTS.toMake} `, this.cost), h("span", { class: "vb-space" }),
        h("label", { class: "vb-soft" }, `${TEXTS.budget} $ `, this.budget), this.make),
      this.runBox, this.runEnd, this.bible, this.warnings);
  }

  update() {
    const { about, scenes } = this.view, cost = about.cost ?? { count: 0, usd: 0, unknown: 0, left: 0, doubt: 0 };
    const made = scenes.filter(({ state }) => state === "made" || state === "own").length;
    this.name.textContent = about.name;
    this.facts.textContent = format(TEXTS.facts, { scenes: scenes.length, time: clock(about.seconds), made });
    this.spent.textContent = dollars(about.spent ?? 0);
    const underway = scenes.some(({ state }) => state === "running" || state === "waiting");
    this.cost.textContent = cost.count ? costWords(cost) : underway ? TEXTS.underway : TEXTS.nothing;
    if (document.activeElement !== this.budget && !this.budget.value && about.budget !== null && about.budget !== undefined) this.budget.value = String(about.budget);
    this.make.textContent = makeLabel(cost);
    this.bible.hidden = !about.bible;
    this.bible.replaceChildren(`${TEXTS.bible} `, h("q", {}, about.bible ?? ""));
    this._updateBar();
    this._setWarnings(about.warnings ?? []);
    this.updateRun();
  }

  /** A share of the bar for each state. */
  _updateBar() {
    const { scenes, seconds } = this.view;
    const shares = STATES.map((state) => /** @type {const} */ ([state, scenes.filter((scene) => scene.state === state).reduce((sum, { start, end }) => sum + end - start, 0)]));
    this.bar.replaceChildren(...shares.filter(([, length]) => length).map(([state, length]) => {
      const part = h("i", { style: `width:${(100 * length / (seconds || 1)).toFixed(2)}%` });
      part.dataset.state = state;
      return part;
    }));
  }

  updateRun() {
    const run = this.view.model.get("_run") ?? {}, { calls, about } = this.view;
    const running = Boolean(run.running);
    this.runBox.hidden = !running;
    this.make.disabled = running || calls.isOpen("make") || !about.cost?.count;
    this.make.hidden = running;
    if (running) {
      this.progress.value = run.fraction;
      this.runText.textContent = [run.text, run.remaining > 2 ? format(TEXTS.left, { time: clock(run.remaining) }) : ""].filter(Boolean).join(" · ");
    } else {
      this.cancel.textContent = TEXTS.cancel;
      this.cancel.disabled = false;
    }
    this._showEnd(run, running);
  }

  /** @param {any} run @param {boolean} running */
  _showEnd(run, running) {
    const notes = run.notes ?? [], failed = !running && (run.state === "failed" || run.state === "canceled") ? [run.message, run.state === "canceled" ? TEXTS.canceled : ""] : [];
    const key = JSON.stringify([notes, failed]);
    if (key === this._ended) return;
    this._ended = key;
    const list = notes.map((/** @type {string} */ note) => h("li", {}, note));
    this.runEnd.replaceChildren(...(failed.length ? [h("div", { class: run.state === "failed" ? "vb-error" : "vb-warning", role: "status" }, failed.filter(Boolean).join(" "))] : []),
      ...(list.length ? [h("details", {}, h("summary", {}, format(TEXTS.notes, { count: list.length })), h("ul", {}, ...list))] : []));
  }

  /** @param {string[]} warnings */
  _setWarnings(warnings) {
    const said = this.view.model.get("_said") ?? {}, known = new Set(this.view.scenes.map(({ id }) => id));
    const errors = Object.entries(said).filter(([id]) => !known.has(id)).map(([, text]) => text);
    const key = JSON.stringify([warnings, errors]);
    if (key === this._warned) return;
    this._warned = key;
    this.warnings.replaceChildren(...errors.map((text) => h("div", { class: "vb-error", role: "alert" }, text)), ...warnings.map((text) => h("div", { class: "vb-warning" }, text)));
  }

  /** Pay for what is missing, once for one press. */
  _make() {
    const cost = this.view.about.cost, budget = this.budget.value === "" ? null : Number(this.budget.value);
    void this.view.send("make", { kind: "make", usd: cost.usd, unknown: cost.unknown, budget });
  }

  _cancel() {
    this.cancel.textContent = TEXTS.canceling;
    this.cancel.disabled = true;
    void this.view.send("cancel", { kind: "cancel" });
  }
}
