// Reports an issue: the place from the map or the phone, the rest from the form.

import { Problem, send, telling } from "./ask.js";
import { datum, theMap } from "./map.js";
import { photosOf } from "./photos.js";
import { word } from "./words.js";

const form = document.getElementById("new-issue");
const alert = document.getElementById("alert");
const photos = photosOf(form, alert);
const marker = L.circleMarker([0, 0], { className: "place", radius: 9, weight: 3, fillOpacity: 0.9 });
let place = null;

function choose({ lat, lng }, datumOfPlace) {
  place = { lon: Number(lng.toFixed(7)), lat: Number(lat.toFixed(7)), datum: datumOfPlace };
  document.getElementById("place").textContent = word("issue.place", place);
  marker.setLatLng([lat, lng]).addTo(theMap).bringToFront();
}

function position() {
  return new Promise((resolve, reject) => {
    const refused = () => reject(new Problem(word("issue.no_position")));
    navigator.geolocation.getCurrentPosition(resolve, refused, { enableHighAccuracy: true, timeout: 15000 });
  });
}

theMap.on("click", ({ latlng }) => choose(latlng.wrap(), datum));

document.getElementById("by-position").addEventListener("click", async () => {
  const found = await telling(alert, position);
  if (!found) return;
  const { latitude: lat, longitude: lng } = found.coords;
  choose({ lat, lng }, "wgs84");
  theMap.setView([lat, lng], Math.max(theMap.getZoom(), 16));
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
  const made = await telling(alert, async () => {
    if (!place) throw new Problem(word("issue.need_place"));
    return send("/api/v1/issues", { ...Object.fromEntries(given), place, photos: await photos() });
  });
  if (made) window.location.assign(`/issues/${encodeURIComponent(made.properties.number)}`);
});

form.inert = false;
