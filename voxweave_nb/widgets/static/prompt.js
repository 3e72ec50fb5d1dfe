/** @typedef {{get(name: string): any, set(name: string, value: any): void, save_changes(): void,
 *  on(event: string, listener: () => void): void, off(event: string, listener: () => void): void}} Model */

const HINT = "What the picture shall show: rain on neon glass";

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  el.classList.add("vx-prompt");
  const field = document.createElement("textarea");
  field.rows = 3;
  field.placeholder = HINT;
  field.setAttribute("aria-label", "Prompt");
  field.title = "Arrow up brings back earlier prompts";
  const chips = document.createElement("div");
  chips.className = "vx-chips";
  chips.setAttribute("role", "group");
  chips.setAttribute("aria-label", "Examples");
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
    chips.replaceChildren(
      ...model.get("examples").map((/** @type {string} */ text) => {
        const chip = document.createElement("button");
        chip.type = "button";
        chip.textContent = text;
        chip.onclick = () => say(text);
        return chip;
      }),
    );
  };
  field.addEventListener("input", () => {
    place = -1;
    say(field.value);
  });
  field.addEventListener("keydown", (event) => {
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
  onValue();
  onExamples();
  return () => {
    model.off("change:value", onValue);
    model.off("change:examples", onExamples);
  };
}

export default { render };
