// Two divisions on two maps in step, beside each other or under a border that can be moved.

import "../choices.js";
import { theMap } from "../map.js";
import { GridTable } from "../table.js";
import { Drawing } from "./drawing.js";
import { swipeable } from "./swipe.js";
import { keepInStep, twinOf } from "./twin.js";

const pair = document.getElementById("pair");
const table = document.getElementById("grids");
const listed = table && new GridTable(table, show);
const form = document.getElementById("choices");
const compared = JSON.parse(document.getElementById("compared").textContent);

export const twin = twinOf(theMap, document.getElementById("twin"));
const drawings = [new Drawing(theMap, compared.before, compared, choose), new Drawing(twin, compared.after, compared, choose)];

keepInStep(theMap, twin);
swipeable(pair, document.getElementById("swipe"));

function choose(key) {
  const cells = drawings.map((drawing) => drawing.choose(key)).filter(Boolean);
  listed.mark(key);
  return cells;
}

function show(key) {
  const [first, ...others] = choose(key).map((cell) => cell.getBounds());
  theMap.fitBounds(others.reduce((bounds, other) => bounds.extend(other), first), { maxZoom: 16, padding: [40, 40], animate: false });
}

function look(view) {
  pair.dataset.view = view;
  form.elements.view.value = view;
  for (const button of document.querySelectorAll("[data-view][aria-pressed]")) {
    button.setAttribute("aria-pressed", String(button.dataset.view === view));
  }
  window.history.replaceState(null, "", inView(window.location.href, view));
  for (const link of document.querySelectorAll(".tongue, .swap")) link.href = inView(link.href, view);
  theMap.invalidateSize({ animate: false });
  twin.invalidateSize({ animate: false });
  twin.setView(theMap.getCenter(), theMap.getZoom(), { animate: false });
}

function inView(address, view) {
  const other = new URL(address);
  other.searchParams.set("view", view);
  return other.href;
}

for (const button of document.querySelectorAll("[data-view][aria-pressed]")) {
  button.addEventListener("click", () => look(button.dataset.view));
}
