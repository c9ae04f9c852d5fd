// The keyboard: each button tells its own key, and pressing the key presses the button.

import { node } from "../dom.js";

const FIELDS = "input:not([type=checkbox], [type=radio]), textarea, select, dialog[open] *";

export function listen() {
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.target.closest(FIELDS)) return;
    const button = buttonOf(event);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
}

// On a button that has the focus, Enter presses that one.
function buttonOf(event) {
  if (event.key === "Enter" && event.target.closest("button, a, [role=tab], summary")) return null;
  const pressed = nameOf(event);
  return shown().find((button) => !button.disabled && button.getAttribute("aria-keyshortcuts") === pressed);
}

function nameOf({ key, ctrlKey, metaKey, shiftKey }) {
  const name = key.length === 1 ? key.toUpperCase() : key;
  if (!ctrlKey && !metaKey) return name;
  return name === "Z" && shiftKey ? "Control+Y" : `Control+${name}`;
}

function shown() {
  return [...document.querySelectorAll("button[aria-keyshortcuts]")].filter((button) => button.offsetParent);
}

export function fillSheet(list) {
  const rows = [...document.querySelectorAll("button[aria-keyshortcuts]")].flatMap((button) => [
    node("dt", {}, ...button.getAttribute("aria-keyshortcuts").split("+").map((key) => node("kbd", {}, key))),
    node("dd", {}, (button.querySelector("span") ?? button.firstChild).textContent.trim(),
      node("span", { class: "small soft" }, button.title)),
  ]);
  list.replaceChildren(...rows);
}
