// Draws thousands of shapes in one go: a path of Leaflet's own costs an object and a change of style each.

const ZOOM_OF_ONE = -8;
const SEEN_PX = 3;
const BATCH = 400;
const MOST_MARKS = 4000;
const MOST_LABELS = 150;
const EVERYWHERE = L.bounds([-1e7, -1e7], [1e7, 1e7]);

export const Bulk = L.Path.extend({
  initialize(features, ink, options) {
    L.setOptions(this, { interactive: false, pmIgnore: true, ...options });
    this.shapes = features.flatMap(shapesOf);
    this.ink = ink;
    this._pxBounds = EVERYWHERE;
  },

  getBounds() {
    const boxes = this.shapes.map(({ box }) => L.bounds([box[0], box[1]], [box[2], box[3]]));
    const { min, max } = boxes.reduce((all, box) => all.extend(box), L.bounds([]));
    return L.latLngBounds([min, max].map((corner) => L.CRS.EPSG3857.pointToLatLng(corner, ZOOM_OF_ONE)));
  },

  _project() {
    const { x, y } = this._map.getPixelOrigin();
    this.frame = { scale: this._map.options.crs.scale(this._map.getZoom()), x, y };
  },

  _update() {
    this._project();
  },

  _updatePath() {
    const { _ctx: pen, _bounds: sheet } = this._renderer;
    draw(pen, sorted(sheet, this.shapes, this.frame), this.frame, this.ink);
  },
});

// What is in sight, by how it is drawn: what is smaller than a few pixels is a dot, whatever its shape.
function sorted({ min, max }, shapes, { scale, x, y }) {
  const [west, north, east, south] = [(min.x + x) / scale, (min.y + y) / scale, (max.x + x) / scale, (max.y + y) / scale];
  const found = { points: [], dots: [], lines: [], areas: [] };
  for (const shape of shapes) {
    const [left, top, right, bottom] = shape.box;
    if (left > east || right < west || top > south || bottom < north) continue;
    const isSmall = shape.kind === "areas" && (right - left) * scale < SEEN_PX;
    found[isSmall ? "dots" : shape.kind].push(shape);
  }
  return found;
}

function draw(pen, { points, dots, lines, areas }, frame, ink) {
  Object.assign(pen, { globalAlpha: 1, lineJoin: "round", lineCap: "round", lineWidth: ink.width ?? 0 });
  Object.assign(pen, { fillStyle: ink.fill ?? ink.line, strokeStyle: ink.line ?? ink.fill });
  const mark = points.length > MOST_MARKS ? dot : ink.mark ?? dot;
  for (const shape of dots) dot(pen, ...middle(shape, frame));
  for (const shape of points) mark(pen, ...middle(shape, frame));
  if (ink.label && points.length <= MOST_LABELS) write(pen, points, frame, ink.label);
  for (const batch of batches(areas)) {
    trace(pen, batch, frame);
    pen.fill("evenodd");
    if (ink.width) pen.stroke();
  }
  for (const batch of batches(lines)) {
    trace(pen, batch, frame);
    pen.stroke();
  }
}

// One path with thousands of parts takes longer than many with some hundreds.
function* batches(shapes) {
  for (let n = 0; n < shapes.length; n += BATCH) yield shapes.slice(n, n + BATCH);
}

function trace(pen, shapes, { scale, x, y }) {
  pen.beginPath();
  for (const { rings } of shapes) {
    for (const ring of rings) {
      pen.moveTo(ring[0] * scale - x, ring[1] * scale - y);
      for (let n = 2; n < ring.length; n += 2) pen.lineTo(ring[n] * scale - x, ring[n + 1] * scale - y);
    }
  }
}

function middle({ box }, { scale, x, y }) {
  return [((box[0] + box[2]) / 2) * scale - x, ((box[1] + box[3]) / 2) * scale - y];
}

// With few things in sight there is room for what is known of each.
function write(pen, shapes, frame, label) {
  Object.assign(pen, { font: "11px sans-serif", textBaseline: "middle" });
  for (const shape of shapes) {
    const [x, y] = middle(shape, frame);
    pen.fillText(label(shape.properties), x + 6, y);
  }
}

function dot(pen, x, y) {
  pen.fillRect(x - 1, y - 1, 2, 2);
}

// GeoJSON as flat rings in the plane of the map, whose width is 1, so that a zoom is a multiplication.
function shapesOf({ geometry, properties }) {
  return partsOf(geometry).map(([kind, lines]) => ({ ...shape(kind, lines), properties }));
}

function partsOf({ type, coordinates, geometries }) {
  switch (type) {
    case "Point": return [["points", [[coordinates]]]];
    case "MultiPoint": return coordinates.map((place) => ["points", [[place]]]);
    case "LineString": return [["lines", [coordinates]]];
    case "MultiLineString": return [["lines", coordinates]];
    case "Polygon": return [["areas", coordinates]];
    case "MultiPolygon": return coordinates.map((rings) => ["areas", rings]);
    case "GeometryCollection": return geometries.flatMap(partsOf);
    default: return [];
  }
}

function shape(kind, lines) {
  const rings = lines.filter((line) => line.length).map(flat);
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const ring of rings) {
    for (let n = 0; n < ring.length; n += 2) {
      box[0] = Math.min(box[0], ring[n]);
      box[1] = Math.min(box[1], ring[n + 1]);
      box[2] = Math.max(box[2], ring[n]);
      box[3] = Math.max(box[3], ring[n + 1]);
    }
  }
  return { kind, rings, box };
}

function flat(line) {
  const ring = new Float64Array(2 * line.length);
  line.forEach(([lng, lat], n) => {
    const sine = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180);
    ring[2 * n] = lng / 360 + 0.5;
    ring[2 * n + 1] = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
  });
  return ring;
}
