// Drawing without a mouse: the arrow keys move the map under a cross, and Space is a click there.

import { node } from "../dom.js";
import { theMap } from "../map.js";

export function clickWithSpace() {
  const container = theMap.getContainer();
  container.append(node("div", { class: "crosshair", "aria-hidden": "true" }));
  container.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target !== container) return;
    event.preventDefault();
    clickAt(theMap.getSize().divideBy(2), event.shiftKey);
  });
}

// What lies there gets the same events as from a mouse.
function clickAt({ x, y }, shiftKey) {
  const box = theMap.getContainer().getBoundingClientRect();
  const [clientX, clientY] = [box.left + x, box.top + y];
  const target = document.elementFromPoint(clientX, clientY);
  for (const type of ["mousemove", "mousedown", "mouseup", "click"]) {
    target.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, view: window, clientX, clientY, shiftKey }));
  }
}
