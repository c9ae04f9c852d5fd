// A second map of the same ground, and two maps that always show the same place.

import { ground } from "../map.js";

export function twinOf(map, container) {
  const twin = L.map(container, { ...map.options, zoomControl: false, center: map.getCenter(), zoom: map.getZoom() });
  twin.attributionControl.setPrefix(false);
  twin.createPane("ground").classList.add("ground-pane");
  for (const data of document.querySelectorAll('script[id^="ground_"]')) ground(data.id).addTo(twin);
  map.eachLayer((layer) => {
    if (layer instanceof L.TileLayer) L.tileLayer(layer._url, layer.options).addTo(twin);
  });
  return twin;
}

export function keepInStep(one, other) {
  let isFollowing = false;
  const lead = (leader, follower) => {
    const follow = (center, zoom) => {
      if (isFollowing) return;
      isFollowing = true;
      follower.setView(center, zoom, { animate: false });
      isFollowing = false;
    };
    leader.on("move", () => follow(leader.getCenter(), leader.getZoom()));
    leader.on("zoomanim", ({ center, zoom }) => follow(center, zoom));
  };
  lead(one, other);
  lead(other, one);
}
