// Picks roads and rivers on the map: together they part a grid.

import { colour, theMap } from "../map.js";

const NEAR_PX = 12;
const INK = { color: colour("hot-1"), weight: 5, opacity: 0.9, interactive: false, pmIgnore: true };

export class Ways {
  chosen = [];
  #marks = L.layerGroup().addTo(theMap);

  constructor(context) {
    this.context = context;
  }

  start() {
    for (const name of ["road", "river"]) if (!this.context.isOn(name)) this.context.switch(name, true);
  }

  stop() {
    this.chosen = [];
    this.#marks.clearLayers();
  }

  // With Shift one more, or one of them less.
  pick(place, isFurther) {
    const way = this.#at(place);
    if (!way) return null;
    const rest = this.chosen.filter(({ id }) => id !== way.id);
    this.chosen = isFurther ? (rest.length < this.chosen.length ? rest : [...rest, way]) : [way];
    this.#marks.clearLayers();
    for (const one of this.chosen) this.#marks.addLayer(L.geoJSON(one, INK));
    return way;
  }

  #at(place) {
    const point = theMap.latLngToLayerPoint(place);
    const near = [...this.context.featuresOf("road"), ...this.context.featuresOf("river")]
      .map((feature) => ({ feature, away: distance(feature.geometry, point) }))
      .filter(({ away }) => away <= NEAR_PX)
      .toSorted((one, other) => one.away - other.away);
    return near[0]?.feature ?? null;
  }
}

function distance({ type, coordinates }, point) {
  const lines = type === "MultiLineString" || type === "Polygon" ? coordinates : [coordinates];
  const gaps = lines.flatMap((line) => {
    const corners = line.map(([lng, lat]) => theMap.latLngToLayerPoint([lat, lng]));
    return corners.slice(1).map((corner, n) => L.LineUtil.pointToSegmentDistance(point, corners[n], corner));
  });
  return Math.min(Infinity, ...gaps);
}
