// Snapping of drawn lines to borders, where the pointer is and not where it was.

import { theMap } from "../map.js";

export const SNAPPING = { snapDistance: 12, snapSegment: true };

// Geoman puts a corner where its own marker was at the last move of the pointer. A finger doesn't move before it
// touches, and a quick hand clicks before the last move has been seen: so the marker is moved right before a click.
export function snapAtClicks() {
  theMap.on("preclick", (event) => {
    const drawing = theMap.pm.Draw[theMap.pm.Draw.getActiveShape()];
    drawing?._syncHintMarker?.({ latlng: event.latlng, originalEvent: event.originalEvent });
  });
}
