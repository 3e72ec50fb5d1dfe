// DOM building blocks of every widget. assets.py puts the modules that a widget imports into one ES module, because a
// notebook page cannot import a file by its path.

/** @typedef {{get(name: string): any, set(name: string, value: any): void, save_changes(): void,
 *   send(content: any, callbacks?: any, buffers?: any[]): void, widget_manager?: any,
 *   on(name: string, callback: (...args: any[]) => void): void, off(name?: any, callback?: any): void}} Model */

export const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an HTML element. Properties named `on...` are event listeners, the others attributes; `false` and `undefined`
 * leave an attribute out.
 * @param {string} tag @param {Record<string, any>} [properties] @param {...(Node | string)} children @returns {any}
 */
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/**
 * Follow a pressed pointer over a node until it is released.
 * @param {HTMLElement} node @param {PointerEvent} pressed @param {(event: PointerEvent) => void} onMove
 * @param {() => void} [onEnd]
 */
export function followPointer(node, pressed, onMove, onEnd = () => {}) {
  node.setPointerCapture(pressed.pointerId);
  const drag = new AbortController();
  const end = () => { drag.abort(); onEnd(); };
  node.addEventListener("pointermove", onMove, { signal: drag.signal });
  node.addEventListener("pointerup", end, { signal: drag.signal });
  node.addEventListener("pointercancel", end, { signal: drag.signal });
}
