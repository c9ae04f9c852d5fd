// Keeps the list of grids and the map in step: what is chosen in one is shown in the other.

import "./choices.js";
import { onGrid, showGrid } from "./map.js";
import { GridTable } from "./table.js";

const table = document.getElementById("grids");

function keep(code) {
  const address = new URL(window.location.href);
  address.hash = code;
  window.history.replaceState(null, "", address);
}

if (table) {
  const listed = new GridTable(table, (code) => {
    keep(code);
    showGrid(code);
  });
  onGrid((code) => {
    listed.mark(code);
    keep(code);
  });
  const asked = decodeURIComponent(window.location.hash.slice(1));
  if (asked) {
    listed.mark(asked);
    showGrid(asked);
  }
}
