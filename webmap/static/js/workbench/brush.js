// Paints buildings, or the blocks between roads, over to a grid: one stroke of the pointer is one operation.

import { colour, theMap } from "../map.js";
import { word } from "../words.js";
import { boundsOf, gridAt } from "./geometry.js";

const INK = { color: colour("hot-1"), weight: 2, fillColor: colour("hot-1"), fillOpacity: 0.55, interactive: false, pmIgnore: true };
const WIDTH_PX = 10;

export class Brush {
  unit = null;
  #marks = L.layerGroup().addTo(theMap);
  #stroke = null;

  constructor({ draft, drawing, context, propose, refuse }) {
    Object.assign(this, { draft, drawing, context, propose, refuse });
    const container = theMap.getContainer();
    container.addEventListener("pointerdown", (event) => this.#begin(event));
    container.addEventListener("pointermove", (event) => this.#stroke && this.#paint(event));
    container.addEventListener("pointerup", () => this.#end());
    container.addEventListener("pointercancel", () => this.stop());
  }

  start(unit) {
    this.unit = unit;
    theMap.dragging.disable();
    theMap.getContainer().classList.add("painting");
    if (unit === "buildings" && !this.context.isOn("building")) this.context.switch("building", true);
  }

  stop() {
    this.unit = null;
    this.#stroke = null;
    this.#marks.clearLayers();
    theMap.dragging.enable();
    theMap.getContainer().classList.remove("painting");
  }

  #begin(event) {
    if (!this.unit || event.button > 0 || event.target.closest(".leaflet-control")) return;
    const [to, ...from] = this.drawing.selected;
    if (!to) return this.refuse(word("workbench.need.receiver"));
    this.#marks.clearLayers();
    this.#stroke = { to, from, sources: new Set(), painted: new Map(), buildings: this.unit === "buildings" ? this.#buildingsInSight() : [] };
    return this.#paint(event);
  }

  #paint(event) {
    const point = theMap.mouseEventToContainerPoint(event);
    if (this.unit === "blocks") return this.#paintPlace(point);
    for (const building of this.#stroke.buildings) {
      if (building.middle.distanceTo(point) <= Math.max(WIDTH_PX, building.size)) this.#take(building.feature.id, building.at, L.geoJSON(building.feature, INK));
    }
    return null;
  }

  #paintPlace(point) {
    const at = theMap.containerPointToLatLng(point);
    this.#take(`${Math.round(point.x / WIDTH_PX)},${Math.round(point.y / WIDTH_PX)}`, at, L.circleMarker(at, { ...INK, radius: WIDTH_PX / 2 }));
  }

  // Only what lies in another grid is taken, and only from those that were named, if any were.
  #take(id, at, mark) {
    const { to, from, sources, painted } = this.#stroke;
    if (painted.has(id)) return;
    const source = gridAt(this.draft.grids, at);
    if (!source || source === to || (from.length && !from.includes(source)) || this.draft.grids.get(source).properties.locked) return;
    sources.add(source);
    painted.set(id, at);
    this.#marks.addLayer(mark);
  }

  #end() {
    if (!this.#stroke) return null;
    const { to, sources, painted } = this.#stroke;
    this.#stroke = null;
    if (!painted.size) return this.refuse(word("workbench.need.painted"));
    const what = this.unit === "buildings" ? [...painted.keys()] : [...painted.values()].map(({ lng, lat }) => [lng, lat]);
    return this.propose("reassign", { sources: [...sources], to, [this.unit]: what }).finally(() => this.#marks.clearLayers());
  }

  #buildingsInSight() {
    const sight = theMap.getBounds();
    return this.context.featuresOf("building").map((feature) => ({ feature, bounds: boundsOf([feature]) }))
      .filter(({ bounds }) => sight.intersects(bounds))
      .map(({ feature, bounds }) => {
        const [one, other] = [bounds.getNorthWest(), bounds.getSouthEast()].map((corner) => theMap.latLngToContainerPoint(corner));
        return { feature, at: bounds.getCenter(), middle: one.add(other).divideBy(2), size: Math.min(other.x - one.x, other.y - one.y) / 2 };
      });
  }
}
