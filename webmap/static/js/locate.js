// Finds the grid of an address, of coordinates, of a click on the map, or of the reader's own position.

import { ask, Problem, telling } from "./ask.js";
import { node } from "./dom.js";
import { theMap } from "./map.js";
import { number, word } from "./words.js";

const NARROW = window.matchMedia("(max-width: 50rem)");
const seek = document.getElementById("by-address");
const coordinates = document.getElementById("by-coordinates");
const alert = document.getElementById("alert");
const candidates = document.getElementById("candidates");
const answer = document.getElementById("answer");

const marker = L.circleMarker([0, 0], { className: "place", radius: 9, weight: 3, fillOpacity: 0.9 });

function remember(parameters) {
  const address = new URL(window.location.href);
  address.search = new URLSearchParams(parameters);
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
  return node("li", {},
    node("span", { class: "post" }, `${post} · ${grid.name}`),
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

async function lookUp(place) {
  remember(place);
  const found = await telling(alert, () => ask("/api/v1/locate", place));
  if (!found) return;
  show(answer, ...(found.chain.length ? inside(found) : outside(found)));
  pin(found.lat, found.lon);
  bringIntoView(answer);
}

function pin(lat, lon) {
  marker.setLatLng([lat, lon]).addTo(theMap);
  if (!theMap.getBounds().contains([lat, lon]) || theMap.getZoom() < 15) theMap.setView([lat, lon], 15);
}

function fill(place) {
  for (const [name, value] of Object.entries(place)) coordinates.elements[name].value = value;
}

function choose(lat, lon, datum = "wgs84") {
  const place = { lon: lon.toFixed(6), lat: lat.toFixed(6), datum };
  fill(place);
  return lookUp(place);
}

function candidate(feature) {
  const { text, score, chain } = feature.properties;
  const where = chain.length ? chain.map((grid) => grid.name).join(" · ") : word("locate.no_grid");
  const button = node("button", { type: "button" },
    node("span", {}, text),
    node("span", { class: "score" }, word("locate.score", { score: number(score * 100) })),
    node("span", { class: "small soft" }, where));
  button.disabled = !feature.geometry;
  button.addEventListener("click", () => {
    const [lon, lat] = feature.geometry.coordinates;
    choose(lat, lon);
  });
  return node("li", {}, button);
}

async function search(q) {
  remember({ q });
  const found = await telling(alert, () => ask("/api/v1/addresses", { q }));
  if (!found) return;
  answer.hidden = true;
  show(candidates, node("h2", {}, word("locate.candidates")), found.features.length
    ? node("ul", { class: "candidates" }, ...found.features.map(candidate))
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
  lookUp(Object.fromEntries(new FormData(coordinates)));
});

document.getElementById("by-position").addEventListener("click", async () => {
  const here = await telling(alert, position);
  if (here) choose(here.coords.latitude, here.coords.longitude);
});

theMap.on("click", (event) => choose(event.latlng.lat, event.latlng.lng));

const asked = Object.fromEntries(new URLSearchParams(window.location.search));
if (asked.q) {
  seek.elements.q.value = asked.q;
  search(asked.q);
} else if (asked.lon && asked.lat) {
  const place = { lon: asked.lon, lat: asked.lat, datum: asked.datum ?? "wgs84" };
  fill(place);
  lookUp(place);
}
