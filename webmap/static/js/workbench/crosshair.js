// Drawing without a mouse: the arrow keys move the map under a cross, and Space is a click there.

import { node } from "../dom.js";
import { theMap } from "../map.js";

const MOVES = [" ", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"];

export function clickWithSpace() {
  const container = theMap.getContainer();
  container.append(node("div", { class: "crosshair", "aria-hidden": "true" }));
  container.addEventListener("keydown", (event) => {
    if (event.target !== container || !MOVES.includes(event.key)) return;
    container.classList.add("by-keys");
    if (event.key !== " ") return;
    event.preventDefault();
    clickAt(theMap.getSize().divideBy(2), event.shiftKey);
  });
  container.addEventListener("mousemove", ({ isTrusted }) => isTrusted && container.classList.remove("by-keys"));
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
