// The styles as a row of pictures to choose from, and below it three scenes of the chosen one; cards.py is the other half.

import { h, icon } from "./elements.js";
/** @import { Model } from "./elements.js" */

/** Everything that is said to a person. */
const TEXTS = {
  group: "Style",
  scenes: "The prompt picks one of three scenes",
};

/** @typedef {{name: string, label: string, tagline: string, scenes: string[], picture: string}} Style */

/** Pictures of the scenes by style, as the kernel sends them; every view may use them. @type {Map<string, string[]>} */
const pictures = new Map();

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  /** @type {Style[]} */
  const styles = model.get("styles");
  const chosen = () => Math.max(0, styles.findIndex((style) => style.name === model.get("chosen")));
  const about = h("div", { class: "vx-about" });
  const cards = styles.map((style, place) => {
    const card = h("button", { type: "button", role: "radio", class: "vx-card", title: style.tagline, onclick: () => choose(place) },
      style.label, icon("check"));
    card.style.backgroundImage = `url("${style.picture}")`;
    return card;
  });
  const row = h("div", { class: "vx-cards", role: "radiogroup", "aria-label": TEXTS.group, onkeydown: (/** @type {KeyboardEvent} */ event) => walk(event) }, ...cards);
  el.replaceChildren(row, about);

  /** @param {number} place */
  const choose = (place) => {
    model.set("chosen", styles[place].name);
    model.save_changes();
    cards[place].focus();
  };
  /** @param {KeyboardEvent} event */
  const walk = (event) => {
    const steps = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 });
    const ends = /** @type {Record<string, number>} */ ({ Home: 0, End: styles.length - 1 });
    const step = steps[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!step && !(event.key in ends))) return;
    event.preventDefault();
    event.stopPropagation(); // a notebook would go to the next cell
    choose(step ? (chosen() + step + styles.length) % styles.length : ends[event.key]);
  };
  const show = () => {
    const now = chosen();
    cards.forEach((card, place) => {
      card.setAttribute("aria-checked", String(place === now));
      card.tabIndex = place === now ? 0 : -1;
    });
    const { name, label, tagline, scenes, picture } = styles[now];
    const stills = [picture, ...(pictures.get(name) ?? [])];
    about.replaceChildren(
      h("div", { role: "status" }, h("b", {}, label), ` · ${tagline}`),
      h("ul", { class: "vx-scenes", "aria-label": TEXTS.scenes, title: TEXTS.scenes }, ...scenes.map((scene, place) =>
        h("li", {}, h("img", { src: stills[place] ?? EMPTY, alt: "" }), h("span", {}, scene)))),
    );
    if (!pictures.has(name)) model.send({ kind: "scenes", style: name });
  };
  /** @param {{kind: string, style: string, pictures: string[]}} message */
  const hear = (message) => {
    if (message.kind !== "scenes" || pictures.has(message.style)) return;
    pictures.set(message.style, message.pictures);
    if (styles[chosen()].name === message.style) show();
  };
  model.on("change:chosen", show);
  model.on("msg:custom", hear);
  show();
  return () => {
    model.off("change:chosen", show);
    model.off("msg:custom", hear);
  };
}

const EMPTY = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

export default { render };
