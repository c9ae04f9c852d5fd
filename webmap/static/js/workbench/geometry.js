// Which grid lies where, as far as the page has to know: the server does all the rest.

const NEAR_PX = 14;

export function gridAt(grids, { lng, lat }) {
  for (const [key, { geometry }] of grids) {
    if (holds(geometry, lng, lat)) return key;
  }
  return null;
}

// By the even-odd rule over all rings, so that holes are outside.
function holds(geometry, x, y) {
  let isInside = false;
  for (const ring of ringsOf(geometry)) {
    for (let n = 1; n < ring.length; n += 1) {
      const [[ax, ay], [bx, by]] = [ring[n - 1], ring[n]];
      if (ay > y !== by > y && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) isInside = !isInside;
    }
  }
  return isInside;
}

function ringsOf({ type, coordinates }) {
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

function distance(map, geometry, point) {
  const gaps = ringsOf(geometry).map((ring) => {
    const corners = ring.map(([lng, lat]) => map.latLngToLayerPoint([lat, lng]));
    return Math.min(...corners.slice(1).map((corner, n) => L.LineUtil.pointToSegmentDistance(point, corners[n], corner)));
  });
  return Math.min(...gaps);
}
