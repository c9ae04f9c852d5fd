// The tools: what is drawn, picked or painted with them becomes the proposal of an operation.

import { theMap } from "../map.js";
import { word } from "../words.js";
import { gridAt, overlapping, within } from "./geometry.js";
import { chosenGivers } from "./givers.js";
import { SNAPPING, snapAtClicks } from "./snapping.js";

const SHAPES = { split: "Line", border: "Line", reassign: "Polygon", draw: "Polygon", rectangle: "Rectangle", lasso: "Polygon" };
const PAINTED = { brush: "buildings", blocks: "blocks" };
const SELECTING = ["rectangle", "lasso"];
const CORNERS = { allowSelfIntersection: true, hideMiddleMarkers: true, snappable: false, preventMarkerRemoval: true };

export class Tools {
  active = "select";
  #drawnSoFar = [];

  constructor(parts) {
    Object.assign(this, parts);
    theMap.doubleClickZoom.disable();
    theMap.boxZoom.disable();
    theMap.tapHold.enable();
    theMap.pm.setGlobalOptions({ exitModeOnEscape: false, tooltips: false });
    theMap.on("pm:create", ({ layer }) => this.#drawn(layer));
    theMap.on("click", (event) => this.#clickedMap(event));
    theMap.on("mousemove", ({ latlng }) => this.#moved(latlng));
    for (const event of ["changed", "pending"]) this.draft.addEventListener(event, () => this.#dragFurther());
    snapAtClicks();
  }

  use(tool) {
    this.#stop();
    this.active = tool;
    if (tool in SHAPES) this.#drawShape(SHAPES[tool]);
    if (tool === "vertex") this.#dragCorners();
    if (tool in PAINTED) this.brush.start(PAINTED[tool]);
    if (tool === "way") this.ways.start();
  }

  clicked(key, isFurther) {
    if (this.active !== "select" && this.active !== "vertex") return;
    const { selected } = this.drawing;
    const rest = selected.filter((one) => one !== key);
    if (isFurther) this.drawing.select(rest.length < selected.length ? rest : [...selected, key]);
    else this.drawing.select([key]);
    if (this.active === "vertex") this.use("vertex");
  }

  // A finger has no Shift key: it stays a while instead.
  held(key) {
    if (this.active === "select") this.drawing.select([...this.drawing.selected, key]);
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
    this.following.stop();
    this.brush.stop();
    this.ways.stop();
    for (const key of this.#dragged) this.drawing.restore(key);
    this.#dragged = [];
    this.#drawnSoFar = [];
  }

  #drawShape(shape) {
    // Geoman takes Enter for the end of a rectangle that has no first corner yet.
    theMap.pm.setGlobalOptions({ finishOnEnter: shape !== "Rectangle" });
    const snappable = !SELECTING.includes(this.active) && this.drawing.snapToSight();
    theMap.once("pm:drawstart", ({ workingLayer }) => workingLayer.on("pm:vertexadded", ({ latlng }) => this.#corner(latlng)));
    theMap.pm.enableDraw(shape, { ...SNAPPING, snappable, ...(shape === "Line" && { finishOn: "dblclick" }) });
  }

  #corner(place) {
    this.draft.reject();
    this.#drawnSoFar.push(place);
  }

  // The figures on either side follow the pointer as soon as what is drawn could be something.
  #moved(place) {
    const places = [...this.#drawnSoFar, place];
    const least = SHAPES[this.active] === "Polygon" ? 3 : 2;
    if (!this.#drawnSoFar.length || SELECTING.includes(this.active) || places.length < least) return;
    this.following.show(this.gestures.readOnTheWay(this.active, places)?.operation, place);
  }

  async #drawn(layer) {
    const { geometry } = layer.toGeoJSON();
    const places = layer.getLatLngs().flat();
    const drawn = { geometry, places, bounds: layer.getBounds() };
    layer.remove();
    const tool = this.active;
    this.#drawnSoFar = [];
    this.following.stop();
    if (SELECTING.includes(tool)) this.drawing.select(this.#enclosed(tool, drawn));
    else this.#propose(tool, drawn);
    setTimeout(() => this.active === tool && this.use(tool));
  }

  #enclosed(tool, { geometry, bounds }) {
    const { grids } = this.draft;
    return tool === "lasso" ? within(grids, geometry, bounds) : overlapping(grids, bounds);
  }

  async #propose(tool, drawn) {
    const { need, operation: [kind, parameters] = [], givers = [] } = this.gestures.read(tool, drawn);
    if (need) return this.refuse(need);
    if (!givers.length) return this.propose(kind, parameters);
    const chosen = await chosenGivers(givers, this.draft.grids);
    return chosen && this.propose(kind, { ...parameters, ...chosen });
  }

  #clickedMap({ latlng, originalEvent }) {
    if (this.active !== "way") return null;
    if (!this.ways.pick(latlng, originalEvent.shiftKey)) return this.refuse(word("workbench.need.way"));
    const { selected } = this.drawing;
    const key = selected.length === 1 ? selected[0] : gridAt(this.draft.grids, latlng);
    const features = this.ways.chosen.map(({ id }) => id);
    return key && features.length ? this.propose("split", { key, features }) : this.refuse(word("workbench.need.inside"));
  }

  #dragFurther() {
    if (this.active === "vertex" && !this.draft.pending && this.drawing.selected.length) this.use("vertex");
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
    layer.on("pm:markerdrag", ({ markerEvent }) => {
      const { latlng } = markerEvent;
      this.following.show(["move-vertex", { vertex: from, to: [latlng.lng, latlng.lat] }], latlng);
    });
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
