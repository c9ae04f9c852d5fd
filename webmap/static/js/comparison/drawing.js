// The grids that changed on one of the two maps, with what changed hands above them.

import { node } from "../dom.js";
import { colour, hatching } from "../map.js";

const FILL_OPACITY = 0.72;

export class Drawing {
  constructor(map, grids, compared, onChoice) {
    this.map = map;
    this.renderer = L.canvas({ padding: 0.3 });
    this.border = { color: colour("border"), weight: 1.2, opacity: 1 };
    this.cells = new Map();
    this.#outlines(compared.around);
    this.#grids(grids, compared.fills, onChoice);
    this.#handed(compared.handed);
  }

  choose(key) {
    this.chosen?.setStyle(this.border);
    this.chosen = this.cells.get(key);
    this.chosen?.setStyle({ color: colour("ink"), weight: 4 });
    return this.chosen;
  }

  #outlines(around) {
    const style = { color: colour("border"), weight: 0.6, opacity: 0.7, fill: false };
    L.geoJSON(around, { renderer: this.renderer, interactive: false, style }).addTo(this.map);
  }

  #grids(grids, fills, onChoice) {
    const styles = fills.map((fill) => ({
      fillColor: fill.hatched ? hatching(fill.colour) : fill.colour,
      fillOpacity: FILL_OPACITY,
    }));
    L.geoJSON(grids, {
      renderer: this.renderer,
      style: ({ properties }) => ({ ...this.border, ...styles[properties.entry] }),
      onEachFeature: ({ properties }, cell) => {
        this.cells.set(properties.key, cell);
        cell.bindTooltip(() => told(properties.title, properties.text), { sticky: true });
        cell.on("click", () => onChoice(properties.key));
      },
    }).addTo(this.map);
  }

  #handed(handed) {
    const style = { color: colour("ink"), weight: 2.5, opacity: 1, fillColor: hatching(colour("ink")), fillOpacity: 0.55 };
    L.geoJSON(handed, { renderer: this.renderer, interactive: false, style }).addTo(this.map);
  }
}

function told(title, text) {
  return node("div", {}, node("strong", {}, title), node("div", {}, text));
}
