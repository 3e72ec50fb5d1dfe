// The widget of prompt.py: the prompt's field, with examples to click and earlier prompts on the arrow keys.

import { h } from "./elements.js";
import { keepMessages } from "./late_start.js";
import { PromptHistory } from "./prompt_history.js";
/** @import { Model } from "./elements.js" */

const TEXTS = {
  prompt: "Prompt",
  hint: "What the video shows: rain on neon glass",
  earlier: "Arrow up brings back earlier prompts",
  examples: "Examples",
};

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  el.classList.add("vx-prompt");
  const field = h("textarea", { rows: 3, placeholder: TEXTS.hint, "aria-label": TEXTS.prompt });
  const chips = h("div", { class: "vx-chips", role: "group", "aria-label": TEXTS.examples });
  el.replaceChildren(field, chips);
  const history = new PromptHistory();

  /** @param {string} text */
  const setValue = (text) => {
    field.value = text;
    model.set("value", text);
    model.save_changes();
  };
  const onValue = () => {
    if (field.value !== model.get("value")) field.value = model.get("value");
  };
  const onExamples = () => {
    const chip = (/** @type {string} */ text) => h("button", { type: "button", onclick: () => setValue(text) }, text);
    const focused = [...chips.children].indexOf(/** @type {Element} */ (document.activeElement));
    chips.replaceChildren(...model.get("examples").map(chip));
    /** @type {HTMLElement | undefined} */ (chips.children[focused])?.focus(); // new examples leave the focus where it was
  };
  const onRecent = () => { field.title = model.get("recent").length ? TEXTS.earlier : ""; };
  field.addEventListener("input", () => {
    history.leave();
    setValue(field.value);
  });
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation(); // JupyterLab takes single letters as commands
    const step = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (!step || event.shiftKey) return;
    const text = history.move(step, model.get("recent"), field.value, field.selectionStart, field.selectionEnd);
    if (text === undefined) return;
    event.preventDefault();
    setValue(text);
    field.setSelectionRange(0, 0);
  });
  model.on("change:value", onValue);
  model.on("change:examples", onExamples);
  model.on("change:recent", onRecent);
  onValue();
  onExamples();
  onRecent();
  return () => {
    model.off("change:value", onValue);
    model.off("change:examples", onExamples);
    model.off("change:recent", onRecent);
  };
}

export default { initialize: keepMessages, render };
