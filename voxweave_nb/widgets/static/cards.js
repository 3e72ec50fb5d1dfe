// The widget of cards.py: the styles as a row of cards, and below it the chosen style's three backdrops, to choose from.

import { h } from "./elements.js";
import { icon } from "./icons.js";
import { keepMessages } from "./late_start.js";
/** @import { Model } from "./elements.js" */

const TEXTS = {
  group: "Style",
  backdrops: "Backdrop",
  prompt: "The prompt picks a backdrop, unless you choose one.",
  chosen: "Click it again to let the prompt pick.",
};

const BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==";

/** @typedef {{name: string, label: string, tagline: string, backdrops: string[]}} Style */

/** The images of the cards, in their order; requested once for all views. @type {string[]} */
const faces = [];

/** The images of the backdrops after the first, by style; requested once for all views. @type {Map<string, string[]>} */
const images = new Map();

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  /** @type {Style[]} */
  const styles = model.get("styles");
  const chosenPlace = () => Math.max(0, styles.findIndex((style) => style.name === model.get("chosen")));
  const about = h("div", { class: "vx-about" });
  const cards = styles.map((style, place) => {
    const card = h("button", { type: "button", role: "radio", class: "vx-card", title: style.tagline, onclick: () => choose(place) },
      style.label, icon("check"));
    return card;
  });
  const row = h("div", { class: "vx-cards", role: "radiogroup", "aria-label": TEXTS.group, onkeydown: (/** @type {KeyboardEvent} */ event) => onKey(event) }, ...cards);
  el.replaceChildren(row, about);

  /** @param {number} place */
  const choose = (place) => {
    model.set("chosen", styles[place].name);
    model.save_changes();
    cards[place].focus();
  };
  /** @param {string} variation */
  const pick = (variation) => {
    model.set("variation", variation);
    model.save_changes();
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    const steps = /** @type {Record<string, number>} */ ({ ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 });
    const ends = /** @type {Record<string, number>} */ ({ Home: 0, End: styles.length - 1 });
    const step = steps[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!step && !(event.key in ends))) return;
    event.preventDefault();
    event.stopPropagation(); // JupyterLab would go to the next cell
    choose(step ? (chosenPlace() + step + styles.length) % styles.length : ends[event.key]);
  };
  const update = () => {
    const chosen = chosenPlace();
    cards.forEach((card, place) => {
      if (faces.length) card.style.backgroundImage = `url("${faces[place]}")`;
      card.setAttribute("aria-checked", String(place === chosen));
      card.tabIndex = place === chosen ? 0 : -1;
    });
    const { name, label, tagline, backdrops } = styles[chosen];
    const all = [faces[chosen], ...(images.get(name) ?? [])];
    const variation = model.get("variation"), focused = backdrops.indexOf(document.activeElement?.textContent ?? "");
    const buttons = backdrops.map((backdrop, place) =>
      h("button", { type: "button", "aria-pressed": String(backdrop === variation), onclick: () => pick(backdrop === variation ? "" : backdrop) },
        h("img", { src: all[place] ?? BLANK, alt: "" }), h("span", {}, backdrop, icon("check"))));
    const refocus = about.contains(document.activeElement);
    about.replaceChildren(
      h("div", { role: "status" }, h("b", {}, label), ` · ${tagline}`),
      h("div", { class: "vx-backdrops", role: "group", "aria-label": TEXTS.backdrops }, ...buttons),
      h("div", {}, variation ? TEXTS.chosen : TEXTS.prompt),
    );
    if (refocus) buttons[focused]?.focus();
    if (!images.has(name)) model.send({ kind: "backdrops", style: name });
  };
  /** @param {{kind: string, style: string, images: string[]}} message */
  const receive = (message) => {
    if (message.kind === "cards") faces.splice(0, faces.length, ...message.images);
    else if (message.kind !== "backdrops" || images.has(message.style)) return;
    else images.set(message.style, message.images);
    if (message.kind === "cards" || styles[chosenPlace()].name === message.style) update();
  };
  model.on("change:chosen change:variation", update);
  model.on("msg:custom", receive);
  if (!faces.length) model.send({ kind: "cards" });
  update();
  return () => {
    model.off("change:chosen change:variation", update);
    model.off("msg:custom", receive);
  };
}

export default { initialize: keepMessages, render };
