// Draws the draft: its grids, what is selected, the change that waits, and what is wrong.

import { colour, hatching, theMap } from "../map.js";
import { number } from "../words.js";
import { boundsOf } from "./geometry.js";

const LABEL_PX = { height: 32, digit: 7, character: 13 };
const MOST_SNAPPED = 300;
const PLAIN = { color: colour("border"), weight: 1.4, opacity: 1, dashArray: null, fillColor: colour("paper"), fillOpacity: 0.15 };
const NEW = { fillColor: colour("accent"), fillOpacity: 0.14 };
const LOCKED = { fillColor: hatching(colour("no-data")), fillOpacity: 0.8 };
const SELECTED = { color: colour("ink"), weight: 3.5, fillColor: colour("accent"), fillOpacity: 0.32 };
const GOING = { color: colour("muted"), weight: 1, dashArray: "2 4", fillOpacity: 0.05 };
const PENDING = { color: colour("hot-1"), weight: 3, opacity: 1, fillColor: hatching(colour("hot-1")), fillOpacity: 0.75 };
const WRONG = { color: colour("overdue"), weight: 4, opacity: 1, dashArray: "8 5", fillColor: colour("overdue"), fillOpacity: 0.25 };
const MOVED = { color: colour("cold-1"), weight: 2, opacity: 1, fillColor: hatching(colour("cold-1")), fillOpacity: 0.9 };

export class Drawing {
  selected = [];
  #layers = new Map();
  #labels = L.layerGroup().addTo(theMap);
  #renderer = L.canvas({ padding: 0.3 });
  #above = { pending: null, wrong: null, moved: null };
  #isLabelled = true;

  constructor(draft, { onClick, onHold }) {
    Object.assign(this, { draft, onClick, onHold });
    draft.addEventListener("changed", () => this.redraw());
    draft.addEventListener("pending", () => this.#showPending());
    theMap.on("moveend", () => this.#label());
  }

  redraw() {
    const { grids } = this.draft;
    for (const [key, drawn] of this.#layers) {
      if (grids.get(key) === drawn.feature) continue;
      drawn.layer.remove();
      this.#layers.delete(key);
    }
    for (const [key, feature] of grids) if (!this.#layers.has(key)) this.#draw(key, feature);
    this.selected = this.selected.filter((key) => grids.has(key));
    this.restyle();
    this.#label();
  }

  // What was dragged out of its place goes back there until the server says what becomes of it.
  restore(key) {
    this.#layers.get(key)?.layer.remove();
    this.#layers.delete(key);
    this.redraw();
  }

  layerOf(key) {
    return this.#layers.get(key).layer;
  }

  select(keys) {
    this.selected = [...new Set(keys)];
    this.restyle();
    this.draft.tell("selected");
  }

  restyle() {
    const going = new Set((this.draft.pending?.before ?? []).map(({ key }) => key));
    for (const [key, { layer, feature }] of this.#layers) {
      const { is_new: isNew, locked } = feature.properties;
      const isSelected = this.selected.includes(key);
      layer.setStyle({ ...PLAIN, ...(isNew && NEW), ...(isSelected && SELECTED), ...(locked && LOCKED), ...(going.has(key) && GOING) });
      if (isSelected) layer.bringToFront();
    }
    this.#above.pending?.bringToFront();
  }

  // Snapping looks at every border at each move of the pointer: those out of sight are left out, and where too
  // many are in sight the server alone moves the ends of lines onto borders.
  snapToSight() {
    const sight = theMap.getBounds();
    let seen = 0;
    for (const { layer } of this.#layers.values()) {
      const isSeen = sight.overlaps(layer.getBounds());
      layer.options.snapIgnore = !isSeen;
      seen += Number(isSeen);
    }
    return seen <= MOST_SNAPPED;
  }

  zoomTo(keys, options = {}) {
    const features = keys.map((key) => this.draft.grids.get(key)).filter(Boolean);
    if (features.length) theMap.fitBounds(boundsOf(features), { maxZoom: 17, padding: [40, 40], ...options });
  }

  zoomToGround(geometry) {
    this.wrong(geometry);
    theMap.fitBounds(boundsOf([asFeature(geometry)]), { maxZoom: 18, padding: [60, 60] });
  }

  wrong(geometry) {
    this.#put("wrong", geometry ? [asFeature(geometry)] : [], WRONG);
  }

  moved(features) {
    this.#put("moved", features, MOVED);
  }

  toggleLabels() {
    this.#isLabelled = !this.#isLabelled;
    this.#label();
  }

  #draw(key, feature) {
    const layer = L.geoJSON(feature, { renderer: this.#renderer, style: PLAIN }).getLayers()[0];
    layer.on("click", ({ originalEvent }) => this.onClick(key, originalEvent.shiftKey));
    layer.on("contextmenu", () => this.onHold(key));
    layer.addTo(theMap);
    this.#layers.set(key, { feature, layer });
  }

  #showPending() {
    const { changed, after } = this.draft.pending ?? { changed: { features: [] }, after: [] };
    const divided = new Set(after.map(({ key }) => key));
    this.#put("pending", changed.features.filter(({ properties }) => divided.has(properties.key)), PENDING);
    this.restyle();
  }

  #put(place, features, style) {
    this.#above[place]?.remove();
    this.#above[place] = L.geoJSON(features, {
      renderer: this.#renderer,
      interactive: false,
      pmIgnore: true,
      style,
      pointToLayer: (_feature, latlng) => L.circleMarker(latlng, { ...style, renderer: this.#renderer, radius: 8, interactive: false }),
    }).addTo(theMap);
  }

  #label() {
    this.#labels.clearLayers();
    if (!this.#isLabelled) return;
    const sight = theMap.getBounds();
    for (const { layer, feature } of this.#layers.values()) {
      if (sight.intersects(layer.getBounds()) && hasRoom(layer, nameOf(feature))) this.#labels.addLayer(labelOf(layer, feature));
    }
  }
}

function hasRoom(layer, name) {
  const bounds = layer.getBounds();
  const [top, bottom] = [bounds.getNorthEast(), bounds.getSouthWest()].map((corner) => theMap.latLngToLayerPoint(corner));
  const wide = [...name].reduce((sum, sign) => sum + (sign < "\u2e80" ? LABEL_PX.digit : LABEL_PX.character), 0);
  return top.x - bottom.x >= wide && bottom.y - top.y >= LABEL_PX.height;
}

function nameOf({ properties }) {
  return properties.name || properties.code || properties.key;
}

function labelOf(layer, feature) {
  const { households, is_estimated: isEstimated } = feature.properties;
  const words = document.createElement("div");
  const count = document.createElement("span");
  words.append(nameOf(feature), count);
  count.textContent = households === null ? "" : number(households) + (isEstimated ? "*" : "");
  const options = { permanent: true, direction: "center", className: "grid-label", interactive: false, pmIgnore: true };
  return L.tooltip(options).setLatLng(layer.getCenter()).setContent(words);
}

function asFeature(geometry) {
  return { type: "Feature", properties: {}, geometry };
}
