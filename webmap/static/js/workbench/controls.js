// Controls that several parts of the panel have.

import { node } from "../dom.js";

export function button(words, onClick) {
  const made = node("button", { class: "quiet small", type: "button" }, words);
  made.addEventListener("click", onClick);
  return made;
}

// Shows a dialog, and tells how it was closed.
export async function answered(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue;
}
