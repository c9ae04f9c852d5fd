// Which grid lies where, as far as the page has to know: the server does all the rest.

const NEAR_PX = 14;
const SAME_PX = 1;

export function gridAt(grids, { lng, lat }) {
  for (const [key, { geometry }] of grids) {
    if (holds(geometry, lng, lat)) return key;
  }
  return null;
}

// By the even-odd rule over all rings, so that holes are outside.
export function holds(geometry, x, y) {
  let isInside = false;
  for (const ring of ringsOf(geometry)) {
    for (let n = 1; n < ring.length; n += 1) {
      const [[ax, ay], [bx, by]] = [ring[n - 1], ring[n]];
      if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) isInside = !isInside;
    }
  }
  return isInside;
}

export function ringsOf({ type, coordinates }) {
  return type === "MultiPolygon" ? coordinates.flat() : coordinates;
}

export function boundsOf(features) {
  return L.geoJSON({ type: "FeatureCollection", features }).getBounds();
}

export function overlapping(grids, bounds) {
  return [...grids].filter(([, grid]) => bounds.overlaps(boundsOf([grid]))).map(([key]) => key);
}

// The grids whose borders run, on the screen, past every one of some places.
export function bordering(map, grids, places) {
  const points = places.map((place) => map.latLngToLayerPoint(place));
  return overlapping(grids, L.latLngBounds(places).pad(0.5))
    .filter((key) => points.every((point) => distance(map, grids.get(key).geometry, point) <= NEAR_PX));
}

export function isAtBorder(map, geometry, place) {
  return distance(map, geometry, map.latLngToLayerPoint(place)) <= NEAR_PX;
}

function distance(map, geometry, point) {
  return Math.min(...edgesOf(map, geometry).map(([a, b]) => L.LineUtil.pointToSegmentDistance(point, a, b)));
}

function edgesOf(map, geometry) {
  return ringsOf(geometry).flatMap((ring) => {
    const corners = ring.map(([lng, lat]) => map.latLngToLayerPoint([lat, lng]));
    return corners.slice(1).map((corner, n) => [corners[n], corner]);
  });
}

// The point of the border that some grids have in common which is nearest to a place.
export function nearestOnBorder(map, grids, [key, ...others], place) {
  const point = map.latLngToLayerPoint(place);
  const neighbours = others.map((other) => grids.get(other).geometry);
  const found = edgesOf(map, grids.get(key).geometry)
    .filter(([a, b]) => neighbours.some((geometry) => distance(map, geometry, a.add(b).divideBy(2)) <= SAME_PX))
    .map(([a, b]) => L.LineUtil.closestPointOnSegment(point, a, b))
    .toSorted((one, other) => one.distanceTo(point) - other.distanceTo(point));
  return found.length ? map.layerPointToLatLng(found[0]) : place;
}

// The grids of which the greater part lies in a polygon, told by their corners.
export function within(grids, polygon, bounds) {
  return overlapping(grids, bounds).filter((key) => {
    const corners = ringsOf(grids.get(key).geometry).flat();
    const inside = corners.filter(([x, y]) => holds(polygon, x, y));
    return 2 * inside.length > corners.length;
  });
}
