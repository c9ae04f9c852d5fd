// The gestures: what is drawn with a tool becomes the proposal of an operation.

import { theMap } from "../map.js";
import { word } from "../words.js";
import { bordering, gridAt, overlapping } from "./geometry.js";

const SNAPPING = { snapDistance: 12, snapSegment: true };
const SHAPES = { split: "Line", border: "Line", reassign: "Polygon", draw: "Polygon", rectangle: "Rectangle" };
const CORNERS = { allowSelfIntersection: true, hideMiddleMarkers: true, snappable: false, preventMarkerRemoval: true };

export class Tools {
  active = "select";

  constructor(draft, drawing, propose, refuse) {
    Object.assign(this, { draft, drawing, propose, refuse });
    theMap.doubleClickZoom.disable();
    theMap.boxZoom.disable();
    theMap.pm.setGlobalOptions({ exitModeOnEscape: false, tooltips: false });
    theMap.on("pm:create", ({ layer }) => this.#drawn(layer));
  }

  use(tool) {
    this.#stop();
    this.active = tool;
    if (tool in SHAPES) this.#drawShape(SHAPES[tool]);
    if (tool === "vertex") this.#dragCorners();
  }

  clicked(key, { originalEvent }) {
    if (this.active !== "select" && this.active !== "vertex") return;
    const { selected } = this.drawing;
    const rest = selected.filter((one) => one !== key);
    if (originalEvent.shiftKey) this.drawing.select(rest.length < selected.length ? rest : [...selected, key]);
    else this.drawing.select([key]);
    if (this.active === "vertex") this.use("vertex");
  }

  merge() {
    if (this.drawing.selected.length < 2) return this.refuse(word("workbench.need.two"));
    return this.propose("merge", { keys: this.drawing.selected });
  }

  lock() {
    const { selected } = this.drawing;
    if (!selected.length) return this.refuse(word("workbench.need.one"));
    const areLocked = selected.every((key) => this.draft.grids.get(key).properties.locked);
    return this.propose(areLocked ? "unlock" : "lock", { keys: selected });
  }

  #dragged = [];

  #stop() {
    theMap.pm.disableDraw();
    for (const key of this.#dragged) this.drawing.restore(key);
    this.#dragged = [];
  }

  #drawShape(shape) {
    // Geoman takes Enter for the end of a rectangle that has no first corner yet.
    theMap.pm.setGlobalOptions({ finishOnEnter: shape !== "Rectangle" });
    const snappable = this.drawing.snapToSight();
    theMap.once("pm:drawstart", ({ workingLayer }) => workingLayer.on("pm:vertexadded", () => this.draft.reject()));
    theMap.pm.enableDraw(shape, { ...SNAPPING, snappable, ...(shape === "Line" && { finishOn: "dblclick" }) });
  }

  #drawn(layer) {
    const { geometry } = layer.toGeoJSON();
    const places = layer.getLatLngs().flat();
    layer.remove();
    const tool = this.active;
    if (tool === "rectangle") this.drawing.select(overlapping(this.draft.grids, layer.getBounds()));
    else this[tool](geometry, places, layer);
    if (this.active === tool) setTimeout(() => this.use(tool));
  }

  split(lines, places) {
    const { selected } = this.drawing;
    const key = selected.length === 1 ? selected[0] : gridAt(this.draft.grids, middleOf(places));
    return key ? this.propose("split", { key, lines }) : this.refuse(word("workbench.need.inside"));
  }

  border(path, places) {
    const { selected } = this.drawing;
    const sides = selected.length > 1 ? selected : bordering(theMap, this.draft.grids, [places[0], places.at(-1)]);
    if (sides.length < 2 || (selected.length < 2 && sides.length > 2)) return this.refuse(word("workbench.need.sides"));
    const [key, ...others] = sides;
    return this.propose("move-border", { key, others, path });
  }

  reassign(area, _places, layer) {
    const [to, ...named] = this.drawing.selected;
    if (!to) return this.refuse(word("workbench.need.receiver"));
    const sources = named.length ? named : this.#givers(to, layer.getBounds());
    return this.propose("reassign", { sources, to, area });
  }

  draw(polygon, places) {
    const { selected } = this.drawing;
    const near = selected[0] ?? gridAt(this.draft.grids, places[0]);
    const parent = this.draft.grids.get(near)?.properties.parent ?? null;
    return this.propose("draw", { polygon, parent, ...(selected.length && { givers: selected }) });
  }

  #givers(to, bounds) {
    const { grids } = this.draft;
    const { parent } = grids.get(to).properties;
    return overlapping(grids, bounds).filter((key) => {
      const { locked, parent: other } = grids.get(key).properties;
      return key !== to && !locked && other === parent;
    });
  }

  #dragCorners() {
    this.#dragged = [...this.drawing.selected];
    for (const key of this.#dragged) this.#dragCornersOf(key);
    if (!this.#dragged.length) this.refuse(word("workbench.need.one"));
  }

  #dragCornersOf(key) {
    const layer = this.drawing.layerOf(key);
    let from = null;
    layer.pm.enable(CORNERS);
    layer.on("pm:markerdragstart", ({ markerEvent }) => (from = position(markerEvent.target)));
    layer.on("pm:markerdragend", async ({ markerEvent }) => {
      const to = position(markerEvent.target);
      this.#stop();
      await this.propose("move-vertex", { vertex: from, to });
    });
  }
}

function position(marker) {
  const { lng, lat } = marker.getLatLng();
  return [lng, lat];
}

function middleOf(places) {
  const n = Math.floor((places.length - 1) / 2);
  const [one, other] = [places[n], places[n + 1]];
  return L.latLng((one.lat + other.lat) / 2, (one.lng + other.lng) / 2);
}
