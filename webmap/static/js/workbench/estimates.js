// Figures of a change that is still being drawn, guessed at once from what the page has loaded: by the households of
// each grid, else by its buildings, else by its ground on either side. The server alone decides what becomes of it.

import { theMap } from "../map.js";
import { boundsOf, holds, isAtBorder, overlapping, ringsOf } from "./geometry.js";

const SAMPLES = 24;
const NEW = "…";

// Which grids an operation divides, and whose each place in them would be.
const DIVIDING = {
  split: ({ key, lines }, grids) => {
    const { geometry } = grids.get(key);
    const ends = [lines.coordinates.at(0), lines.coordinates.at(-1)];
    if (ends.some(([x, y]) => holds(geometry, x, y) && !isAtBorder(theMap, geometry, [y, x]))) return null;
    return { keys: [key], ownerOf: (_, x, y) => `${key}.${isLeft(lines.coordinates, x, y) ? 1 : 2}` };
  },
  "move-border": ({ key, others, path }) => {
    if (others.length > 1) return null;
    const between = { type: "Polygon", coordinates: [[...path.coordinates, path.coordinates[0]]] };
    const other = { [key]: others[0], [others[0]]: key };
    return { keys: [key, ...others], ownerOf: (has, x, y) => (holds(between, x, y) ? other[has] : has) };
  },
  "move-vertex": ({ vertex, to }, grids) => {
    const moved = [...grids].filter(([, { geometry }]) => ringsOf(geometry).flat().some((corner) => isSame(corner, vertex)))
      .map(([key, { geometry }]) => [key, { type: "Polygon", coordinates: ringsOf(geometry).map((ring) => ring.map((corner) => (isSame(corner, vertex) ? to : corner))) }]);
    return { keys: moved.map(([key]) => key), ownerOf: (has, x, y) => moved.find(([, ground]) => holds(ground, x, y))?.[0] ?? has };
  },
  reassign: ({ sources, to, area }) => ({ keys: [to, ...sources], ownerOf: (has, x, y) => (holds(area, x, y) ? to : has) }),
  draw: ({ polygon, parent, givers }, grids) => {
    const keys = givers ?? overlapping(grids, boundsOf([{ type: "Feature", geometry: polygon }])).filter((key) => grids.get(key).properties.parent === parent);
    return { keys, ownerOf: (has, x, y) => (holds(polygon, x, y) ? NEW : has) };
  },
};

export class Estimates {
  #places = new Map();

  constructor(draft, context) {
    Object.assign(this, { draft, context });
    draft.addEventListener("changed", () => this.#places.clear());
    context.addEventListener("loaded", () => this.#places.clear());
  }

  of([kind, parameters]) {
    const divided = DIVIDING[kind]?.(parameters, this.draft.grids);
    if (!divided) return null;
    const after = new Map();
    for (const key of divided.keys) this.#share(key, divided.ownerOf, after);
    const before = divided.keys.map((key) => ({ key, ...this.draft.grids.get(key).properties }));
    return { before, after: [...after.values()].filter(({ area_m2: area }) => area > 0), isGuess: true };
  }

  #share(key, ownerOf, after) {
    const { properties } = this.draft.grids.get(key);
    const { ground, dwellings } = this.#placesIn(key);
    for (const [field, places] of [["area_m2", ground], ["households", dwellings]]) {
      if (properties[field] === null) continue;
      const whole = places.reduce((sum, { weight }) => sum + weight, 0);
      for (const { x, y, weight } of places) {
        const owner = this.#figuresOf(ownerOf(key, x, y), properties, after);
        owner[field] += (properties[field] * weight) / whole;
      }
    }
  }

  #figuresOf(key, { name }, after) {
    if (!after.has(key)) after.set(key, { key, name: key === NEW ? "" : this.draft.grids.get(key)?.properties.name ?? name, area_m2: 0, households: null, is_estimated: true });
    return after.get(key);
  }

  #placesIn(key) {
    if (!this.#places.has(key)) this.#places.set(key, this.#lookAround(this.draft.grids.get(key)));
    return this.#places.get(key);
  }

  #lookAround(grid) {
    const ground = samplesOf(grid);
    const bounds = boundsOf([grid]);
    const isInside = ({ x, y }) => bounds.contains([y, x]) && holds(grid.geometry, x, y);
    const known = ["households", "building"].map((name) => this.context.featuresOf(name).map(placeOf).filter(isInside));
    return { ground, dwellings: [...known, ground].find(({ length }) => length) ?? [] };
  }
}

function placeOf(feature) {
  const { lng: x, lat: y } = boundsOf([feature]).getCenter();
  return { x, y, weight: feature.properties.households ?? 1 };
}

function samplesOf(grid) {
  const bounds = boundsOf([grid]);
  const [wide, high] = [bounds.getEast() - bounds.getWest(), bounds.getNorth() - bounds.getSouth()];
  return Array.from({ length: SAMPLES ** 2 }, (_, n) => ({
    x: bounds.getWest() + (wide * ((n % SAMPLES) + 0.5)) / SAMPLES,
    y: bounds.getSouth() + (high * (Math.floor(n / SAMPLES) + 0.5)) / SAMPLES,
    weight: 1,
  })).filter(({ x, y }) => holds(grid.geometry, x, y));
}

// By the nearest part of a line.
function isLeft(line, x, y) {
  const place = L.point(x, y);
  let [nearest, left] = [Infinity, false];
  for (let n = 1; n < line.length; n += 1) {
    const [a, b] = [L.point(line[n - 1]), L.point(line[n])];
    const away = L.LineUtil.pointToSegmentDistance(place, a, b);
    if (away < nearest) [nearest, left] = [away, (b.x - a.x) * (y - a.y) > (b.y - a.y) * (x - a.x)];
  }
  return left;
}

function isSame([ax, ay], [bx, by]) {
  return ax === bx && ay === by;
}
