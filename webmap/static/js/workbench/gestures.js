// What is drawn with a tool, as the operation that it asks for, or as the words for what is missing.

import { theMap } from "../map.js";
import { word } from "../words.js";
import { bordering, gridAt, nearestOnBorder, overlapping } from "./geometry.js";

export class Gestures {
  constructor(draft, drawing) {
    Object.assign(this, { draft, drawing });
  }

  read(tool, drawn) {
    return this[tool](drawn);
  }

  // While a border is on its way, the rest of the way leads straight back to it.
  readOnTheWay(tool, places) {
    if (tool !== "border" || places.length < 2) return this.read(tool, drawnThrough(tool, places));
    const sides = this.#sidesOf([places[0]]);
    if (sides.length < 2) return null;
    const end = nearestOnBorder(theMap, this.draft.grids, sides, places.at(-1));
    const { operation } = this.#redrawn(sides, drawnThrough(tool, [...places, end]).geometry);
    return { operation };
  }

  split({ geometry: lines, places }) {
    const { selected } = this.drawing;
    const key = selected.length === 1 ? selected[0] : gridAt(this.draft.grids, middleOf(places));
    return key ? { operation: ["split", { key, lines }] } : { need: word("workbench.need.inside") };
  }

  border({ geometry: path, places }) {
    const sides = this.#sidesOf([places[0], places.at(-1)]);
    return sides.length < 2 ? { need: word("workbench.need.sides") } : this.#redrawn(sides, path);
  }

  reassign({ geometry: area, bounds }) {
    const [to, ...named] = this.drawing.selected;
    if (!to) return { need: word("workbench.need.receiver") };
    const sources = named.length ? named : this.giversOf(to, bounds);
    return sources.length ? { operation: ["reassign", { sources, to, area }] } : { need: word("workbench.need.givers") };
  }

  draw({ geometry: polygon, places, bounds }) {
    const { selected } = this.drawing;
    const { grids } = this.draft;
    const near = selected[0] ?? gridAt(grids, places[0]);
    const parent = grids.get(near)?.properties.parent ?? null;
    const mayGive = overlapping(grids, bounds).filter((key) => !grids.get(key).properties.locked);
    const givers = mayGive.map((key) => ({ key, isChosen: selected.length ? selected.includes(key) : grids.get(key).properties.parent === parent }));
    const chosen = givers.filter(({ isChosen }) => isChosen).map(({ key }) => key);
    return { operation: ["draw", { polygon, parent, ...(selected.length && { givers: chosen }) }], givers };
  }

  giversOf(to, bounds) {
    const { grids } = this.draft;
    const { parent } = grids.get(to).properties;
    return overlapping(grids, bounds).filter((key) => {
      const { locked, parent: other } = grids.get(key).properties;
      return key !== to && !locked && other === parent;
    });
  }

  #sidesOf(places) {
    const { selected } = this.drawing;
    if (selected.length > 1) return selected;
    const sides = bordering(theMap, this.draft.grids, places);
    return sides.length === 2 ? sides : [];
  }

  #redrawn([key, ...others], path) {
    return { operation: ["move-border", { key, others, path }] };
  }
}

export function drawnThrough(tool, places) {
  const line = places.map(({ lng, lat }) => [lng, lat]);
  const isLine = tool === "split" || tool === "border";
  const geometry = isLine ? { type: "LineString", coordinates: line } : { type: "Polygon", coordinates: [[...line, line[0]]] };
  return { geometry, places, bounds: L.latLngBounds(places) };
}

function middleOf(places) {
  const n = Math.floor((places.length - 1) / 2);
  const [one, other] = [places[n], places[n + 1]];
  return L.latLng((one.lat + other.lat) / 2, (one.lng + other.lng) / 2);
}
