// A click on the map of the start page asks which grid is there.

import { datum, theMap } from "./map.js";

theMap.on("click", ({ latlng }) => {
  const place = { lon: latlng.lng.toFixed(6), lat: latlng.lat.toFixed(6), datum };
  window.location.assign(`/locate?${new URLSearchParams(place)}`);
});
