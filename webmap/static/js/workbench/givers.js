// Asks which grids may give ground to a new one, and what it is to be called.

import { node } from "../dom.js";
import { answered } from "./controls.js";
import { nameOf } from "./figures.js";

const dialog = document.getElementById("givers");

export async function chosenGivers(givers, grids) {
  const boxes = givers.map(({ key, isChosen }) => {
    const box = node("input", { type: "checkbox", value: key, checked: isChosen ? "" : null });
    return node("label", { class: "layer" }, box, nameOf({ key, ...grids.get(key).properties }));
  });
  document.getElementById("givers-list").replaceChildren(...boxes);
  const name = document.getElementById("givers-name");
  name.value = "";
  if ((await answered(dialog)) !== "go") return null;
  const chosen = [...dialog.querySelectorAll("[type=checkbox]:checked")].map((box) => box.value);
  return { givers: chosen, ...(name.value && { name: name.value }) };
}
