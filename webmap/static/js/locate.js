// Finds the grid of an address, of coordinates, of a click on the map, or of the reader's own position.

import { ask, Problem, telling } from "./ask.js";
import { node } from "./dom.js";
import { datum, showGrid, theMap } from "./map.js";
import { number, word } from "./words.js";

const STORED = "wgs84";
const SHIFTED = ["gcj02", "bd09"];
const NARROW = window.matchMedia("(max-width: 50rem)");
const seek = document.getElementById("by-address");
const coordinates = document.getElementById("by-coordinates");
const alert = document.getElementById("alert");
const candidates = document.getElementById("candidates");
const answer = document.getElementById("answer");

const EVERYTHING = theMap.getBounds();
const marker = L.circleMarker([0, 0], { className: "place", radius: 9, weight: 3, fillOpacity: 0.9 });

const asked = Object.fromEntries(new URLSearchParams(window.location.search));
const asOf = asked.at ? { at: asked.at } : {};

function remember(parameters) {
  const address = new URL(window.location.href);
  address.search = new URLSearchParams({ ...parameters, ...asOf });
  window.history.replaceState(null, "", address);
}

function show(section, ...children) {
  document.getElementById("hint").hidden = true;
  section.replaceChildren(...children);
  section.hidden = false;
}

function bringIntoView(section) {
  if (NARROW.matches) section.scrollIntoView({ block: "nearest" });
}

function step(grid) {
  return node("li", {},
    node("span", { class: "level" }, word(`level.${grid.level}`)),
    node("span", { class: "name" }, grid.name),
    node("span", { class: "code" }, grid.code));
}

function person(responsible, grid) {
  const post = document.documentElement.lang === "en" ? responsible.post_en : responsible.post_zh;
  const call = responsible.phone
    ? [node("a", { class: "button tel", href: `tel:${responsible.phone}` }, responsible.phone)]
    : [];
  const standing = responsible.stands_in ? [word("stands_in")] : [];
  return node("li", {},
    node("span", { class: "post" }, [post, grid.name, ...standing].join(" · ")),
    node("span", { class: "name" }, responsible.name),
    ...call);
}

function peopleOf(chain) {
  const people = chain.toReversed().flatMap((grid) => grid.responsible.map((one) => person(one, grid)));
  return people.length
    ? node("ul", { class: "people" }, ...people)
    : node("p", { class: "soft" }, word("locate.nobody"));
}

function inside(found) {
  const border = found.on_border ? [node("p", { class: "notice" }, word("locate.on_border"))] : [];
  return [
    ...border,
    node("h2", {}, word("locate.chain")),
    node("ol", { class: "chain" }, ...found.chain.map(step)),
    node("h2", {}, word("locate.people")),
    peopleOf(found.chain),
  ];
}

function outside(found) {
  const said = [node("p", { class: "notice" }, word("locate.outside"))];
  if (found.nearest) {
    const nearest = { name: found.nearest.name, metres: number(found.nearest.distance_m) };
    said.push(node("p", {}, word("locate.nearest", nearest)));
  }
  return said;
}

let wanted = null;

// Whoever asks for something else doesn't wait for the answer any more.
async function answerTo(question) {
  wanted = question;
  const found = await telling(alert, question);
  return wanted === question ? found : null;
}

async function lookUp(place) {
  remember(place);
  const found = await answerTo(() => ask("/api/v1/locate", { ...place, ...asOf }));
  if (!found) return;
  const isInside = found.chain.length > 0;
  show(answer, ...(isInside ? inside(found) : outside(found)));
  if (isInside) showGrid(found.chain.at(-1).code);
  if (place.datum === datum) pin(place);
  else if (!SHIFTED.includes(datum)) pin(found);
  bringIntoView(answer);
}

function pin({ lat, lon }) {
  const point = L.latLng(lat, lon);
  marker.setLatLng(point).addTo(theMap).bringToFront();
  if (!theMap.getBounds().contains(point)) theMap.fitBounds(EVERYTHING.extend(point));
}

function fill(place) {
  for (const [name, value] of Object.entries(place)) coordinates.elements[name].value = value;
}

function choose({ lat, lon }, datumOfPlace) {
  const place = { lon: lon.toFixed(6), lat: lat.toFixed(6), datum: datumOfPlace };
  fill(place);
  return lookUp(place);
}

function candidate({ address, score, chain }) {
  const where = chain.length ? chain.map((grid) => grid.name).join(" · ") : word("locate.no_grid");
  const button = node("button", { type: "button" },
    node("span", {}, address.properties.text),
    node("span", { class: "score" }, word("locate.score", { score: number(score * 100) })),
    node("span", { class: "small soft" }, where));
  button.disabled = !address.geometry;
  button.addEventListener("click", () => {
    const [lon, lat] = address.geometry.coordinates;
    choose({ lat, lon }, STORED);
  });
  return node("li", {}, button);
}

async function search(q) {
  remember({ q });
  answer.hidden = true;
  const found = await answerTo(() => ask("/api/v1/addresses", { q }));
  if (!found) return;
  show(candidates, node("h2", {}, word("locate.candidates")), found.candidates.length
    ? node("ul", { class: "candidates" }, ...found.candidates.map(candidate))
    : node("p", { class: "empty" }, word("locate.no_candidates")));
  bringIntoView(candidates);
}

function position() {
  return new Promise((resolve, reject) => {
    const refused = () => reject(new Problem(word("locate.no_position")));
    navigator.geolocation.getCurrentPosition(resolve, refused, { enableHighAccuracy: true, timeout: 15000 });
  });
}

seek.addEventListener("submit", (event) => {
  event.preventDefault();
  search(seek.elements.q.value.trim());
});

coordinates.addEventListener("submit", (event) => {
  event.preventDefault();
  candidates.hidden = true;
  const { lon, lat, datum: given } = Object.fromEntries(new FormData(coordinates));
  lookUp({ lon, lat, datum: given });
});

coordinates.elements.at.addEventListener("change", ({ target }) => {
  if (!target.validity.valid) return; // a year that is being typed
  const address = new URL(window.location.href);
  if (target.value) address.searchParams.set("at", target.value);
  else address.searchParams.delete("at");
  window.location.assign(address);
});

document.getElementById("by-position").addEventListener("click", async () => {
  const here = await telling(alert, position);
  if (here) choose({ lat: here.coords.latitude, lon: here.coords.longitude }, STORED);
});

theMap.on("click", ({ latlng }) => choose({ lat: latlng.lat, lon: latlng.lng }, datum));

if (asked.q) {
  seek.elements.q.value = asked.q;
  search(asked.q);
} else if (asked.lon && asked.lat) {
  const place = { lon: asked.lon, lat: asked.lat, datum: asked.datum ?? STORED };
  fill(place);
  lookUp(place);
}
