// The map of a page and its layers. What comes from data becomes text, never markup.

export let theMap = null;
export let datum = "wgs84";

const cells = new Map();
const layers = new Map();
const listeners = [];

const BORDER = { color: colour("border"), weight: 0.8, opacity: 0.8 };
const CHOSEN = { color: colour("ink"), weight: 3, opacity: 1 };
const GROUND_PANE = "ground";
const HATCH_STEP = 8;
const FILL_OPACITY = 0.78;

// The theme is written on the page as custom properties.
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function createMap(id, options) {
  datum = options.datum;
  theMap = L.map(id, options);
  theMap.attributionControl.setPrefix(false);
  L.control.zoom({ zoomInTitle: options.zoomInTitle, zoomOutTitle: options.zoomOutTitle }).addTo(theMap);
  L.control.scale({ imperial: false }).addTo(theMap);
  theMap.createPane(GROUND_PANE).classList.add("ground-pane");
  return theMap;
}

// What is in sight, or any bounds, as questions name them.
export function boxOf(bounds) {
  return [Math.max(-180, bounds.getWest()), Math.max(-90, bounds.getSouth()), Math.min(180, bounds.getEast()), Math.min(90, bounds.getNorth())].join(",");
}

export function layerNamed(name) {
  return layers.get(name);
}

export function onGrid(listener) {
  listeners.push(listener);
}

export function showGrid(code) {
  const cell = cells.get(code);
  if (!cell) return;
  theMap.fitBounds(cell.getBounds(), { maxZoom: 16, padding: [40, 40] });
  choose(cell);
  cell.openPopup();
}

export function choropleth(id) {
  const { grids, columns, legend } = dataOf(id);
  const fills = legend.entries.map(fillOf);
  const layer = L.geoJSON(grids, {
    renderer: overlayRenderer(),
    style: (grid) => ({ ...BORDER, ...fills[grid.properties.entry] }),
    onEachFeature: ({ properties }, cell) => {
      cells.set(properties.code, cell);
      cell.bindTooltip(() => text("span", properties.name), { sticky: true });
      if (columns.length) cell.bindPopup(() => popup(properties.name, properties.code, columns, properties.values));
      cell.on("click", () => {
        choose(cell);
        for (const listener of listeners) listener(properties.code);
      });
    },
  });
  return withLegend(layer, legend);
}

export function points(id) {
  const data = dataOf(id);
  const circles = data.points.toReversed().map((point) => {
    const circle = L.circleMarker(point.place, {
      renderer: overlayRenderer(),
      radius: 5,
      weight: 1,
      color: colour("paper"),
      fillColor: data.legend.entries[point.entry].colour,
      fillOpacity: FILL_OPACITY,
      bubblingMouseEvents: false,
    });
    return circle.bindPopup(() => popup(point.title, "", data.columns, point.values));
  });
  return withLegend(L.layerGroup(circles), data.legend);
}

export function heat(id) {
  const { bins, gradient, legend } = dataOf(id);
  // leaflet.heat dims what is below its maxZoom, and the switch of layers disables what is above it: so the
  // glow has the maxZoom 0 and the switch gets the group.
  const glow = L.heatLayer(bins, { radius: 18, blur: 14, maxZoom: 0, minOpacity: 0.25, gradient });
  return withLegend(L.layerGroup([glow]), legend);
}

export function ground(id) {
  const { features } = dataOf(id);
  const renderer = L.canvas({ pane: GROUND_PANE });
  return L.geoJSON(features, {
    pane: GROUND_PANE,
    renderer,
    interactive: false,
    style: ({ properties: { kind } }) => ({
      color: colour(`ground-${kind}`),
      weight: { road: 1.5, river: 4, outline: 2 }[kind] ?? 0,
      fill: !["road", "outline"].includes(kind),
      fillColor: colour(`ground-${kind}`),
      fillOpacity: 0.7,
    }),
    pointToLayer: (_feature, place) => L.circleMarker(place, { radius: 1 }),
  });
}

export function outlines(id) {
  const renderer = L.canvas({ pane: GROUND_PANE });
  const style = { color: colour("border"), weight: 2.5, dashArray: "1 5", opacity: 0.9, fill: false };
  const layer = L.geoJSON(dataOf(id).features, { pane: GROUND_PANE, renderer, interactive: false, pmIgnore: true, style });
  layers.set("outlines", layer);
  return layer;
}

let sharedRenderer = null;

// One canvas for all that can be clicked: of two, the upper one would keep the mouse from the lower one.
function overlayRenderer() {
  sharedRenderer ??= L.canvas({ padding: 0.3 });
  return sharedRenderer;
}

let chosen = null;

function choose(cell) {
  chosen?.setStyle(BORDER);
  chosen = cell;
  cell.setStyle(CHOSEN);
}

function dataOf(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function text(tag, words, className = "") {
  const node = document.createElement(tag);
  node.textContent = words;
  node.className = className;
  return node;
}

function popup(title, code, columns, values) {
  const node = text("div", "", "map-popup");
  const facts = document.createElement("dl");
  columns.forEach((column, n) => facts.append(text("dt", column), text("dd", values[n])));
  node.append(text("strong", title), text("span", code, "code"), facts);
  return node;
}

function fillOf(entry) {
  return entry.hatched
    ? { fillColor: hatching(entry.colour), fillOpacity: FILL_OPACITY }
    : { fillColor: entry.colour, fillOpacity: FILL_OPACITY };
}

export function hatching(ink) {
  const tile = hatchedTile(ink);
  return tile.getContext("2d").createPattern(tile, "repeat");
}

function hatchedTile(ink) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = HATCH_STEP;
  const pen = tile.getContext("2d");
  pen.strokeStyle = ink;
  pen.lineWidth = 1.5;
  for (const shift of [-HATCH_STEP, 0, HATCH_STEP]) {
    pen.moveTo(shift, HATCH_STEP);
    pen.lineTo(shift + HATCH_STEP, 0);
  }
  pen.stroke();
  return tile;
}

function withLegend(layer, legend) {
  if (!legend.title) return layer;
  const control = L.control({ position: "bottomright" });
  control.onAdd = () => legendNode(legend);
  layer.on("add", () => control.addTo(theMap));
  layer.on("remove", () => control.remove());
  return layer;
}

function legendNode({ title, note, entries }) {
  const node = document.createElement("details");
  node.className = "map-legend";
  node.open = window.matchMedia("(min-width: 50rem)").matches;
  const list = document.createElement("ul");
  list.append(...entries.map(legendEntry));
  node.append(text("summary", title), list, text("p", note));
  L.DomEvent.disableClickPropagation(node);
  return node;
}

function legendEntry(entry) {
  const item = document.createElement("li");
  const swatch = text("span", "", "swatch");
  if (entry.hatched) swatch.style.backgroundImage = `url(${hatchedTile(entry.colour).toDataURL()})`;
  else swatch.style.backgroundColor = entry.colour;
  swatch.style.opacity = FILL_OPACITY;
  item.append(swatch, entry.label);
  return item;
}
