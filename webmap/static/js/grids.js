// Keeps the list of grids and the map in step: what is chosen in one is shown in the other.

import "./choices.js";
import { onGrid, showGrid } from "./map.js";
import { mark, selectable, sortable } from "./table.js";

const table = document.getElementById("grids");

function choose(code) {
  mark(table, code);
  const address = new URL(window.location.href);
  address.hash = code;
  window.history.replaceState(null, "", address);
}

if (table) {
  sortable(table);
  selectable(table, (code) => {
    choose(code);
    showGrid(code);
  });
  onGrid(choose);
  const asked = decodeURIComponent(window.location.hash.slice(1));
  if (asked) {
    mark(table, asked);
    showGrid(asked);
  }
}
