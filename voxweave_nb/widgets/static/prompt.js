// The prompt's field, with examples to click on and earlier prompts on the arrow keys; prompt.py is the other half.

import { h } from "./elements.js";
/** @import { Model } from "./elements.js" */

/** Everything that is said to a person. */
const TEXTS = {
  prompt: "Prompt",
  hint: "What the picture shall show: rain on neon glass",
  earlier: "Arrow up brings back earlier prompts",
  examples: "Examples",
};

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  el.classList.add("vx-prompt");
  const field = h("textarea", { rows: 3, placeholder: TEXTS.hint, "aria-label": TEXTS.prompt });
  const chips = h("div", { class: "vx-chips", role: "group", "aria-label": TEXTS.examples });
  el.replaceChildren(field, chips);

  let place = -1; // which of the earlier prompts is shown; -1 is what the person wrote
  let written = "";

  /** @param {string} text */
  const say = (text) => {
    field.value = text;
    model.set("value", text);
    model.save_changes();
  };
  const onValue = () => {
    if (field.value !== model.get("value")) field.value = model.get("value");
  };
  const onExamples = () => {
    const chip = (/** @type {string} */ text) => h("button", { type: "button", onclick: () => say(text) }, text);
    const place = [...chips.children].indexOf(/** @type {Element} */ (document.activeElement));
    chips.replaceChildren(...model.get("examples").map(chip));
    /** @type {HTMLElement | undefined} */ (chips.children[place])?.focus(); // new examples keep the focus where it was
  };
  const onRecent = () => { field.title = model.get("recent").length ? TEXTS.earlier : ""; };
  field.addEventListener("input", () => {
    place = -1;
    say(field.value);
  });
  field.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    event.stopPropagation(); // a notebook takes single letters as commands
    const step = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    const before = field.value.slice(0, field.selectionStart);
    const after = field.value.slice(field.selectionEnd);
    const atEdge = step > 0 ? !before.includes("\n") : place >= 0 && !after.includes("\n");
    const recent = model.get("recent");
    if (!step || !atEdge || event.shiftKey || place + step >= recent.length || place + step < -1) return;
    event.preventDefault();
    if (place < 0) written = field.value;
    place += step;
    say(place < 0 ? written : recent[place]);
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

export default { render };
