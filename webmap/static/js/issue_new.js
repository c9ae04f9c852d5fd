// Reports an issue: the place from the phone or the map, the rest from the form.

import { Problem, send, telling } from "./ask.js";
import { draftOf } from "./drafts.js";
import { datum, theMap } from "./map.js";
import { photosOf } from "./photos.js";
import { position } from "./position.js";
import { word } from "./words.js";

const form = document.getElementById("new-issue");
const alert = document.getElementById("alert");
const due = document.getElementById("due");
const { category } = form.elements;
const draft = draftOf(form, alert);
const photos = photosOf(form, alert, draft);
const marker = L.circleMarker([0, 0], { className: "place", radius: 9, weight: 3, fillOpacity: 0.9 });
let place = null;

function take(chosen) {
  place = chosen;
  document.getElementById("place").textContent = word("issue.place", place);
  marker.setLatLng([place.lat, place.lon]).addTo(theMap).bringToFront();
}

function choose({ lat, lng }, datumOfPlace) {
  take({ lon: Number(lng.toFixed(7)), lat: Number(lat.toFixed(7)), datum: datumOfPlace });
  draft.keep("place", place);
}

function look() {
  theMap.setView(marker.getLatLng(), Math.max(theMap.getZoom(), 16));
}

// Before anything is sent it is told until when it has to be dealt with.
function tellDue() {
  const chosen = category.value.trim();
  const known = [...category.list.options].find(({ value }) => value === chosen);
  due.textContent = chosen ? (known?.dataset.due ?? due.dataset.due) : "";
}

theMap.on("click", ({ latlng }) => choose(latlng.wrap(), datum));

document.getElementById("by-position").addEventListener("click", async () => {
  const found = await telling(alert, position);
  if (!found) return;
  const { latitude: lat, longitude: lng } = found.coords;
  choose({ lat, lng }, "wgs84");
  look();
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  const made = await draft.send(async () => {
    if (!place) throw new Problem(word("issue.need_place"));
    return send("/api/v1/issues", { ...Object.fromEntries(given), place, photos: await photos() });
  });
  if (!made) return;
  form.inert = true; // what was sent isn't sent again while the next page is on its way
  window.addEventListener("pageshow", () => (form.inert = false));
  window.location.assign(`/issues/${encodeURIComponent(made.properties.number)}`);
});

if (draft.kept.place) {
  take(draft.kept.place);
  look();
}
category.addEventListener("input", tellDue);
tellDue();
form.inert = false;
