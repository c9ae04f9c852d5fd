// Where the device is, or words that tell what to do instead.

import { Problem } from "./ask.js";
import { word } from "./words.js";

export function position() {
  return new Promise((resolve, reject) => {
    const refused = ({ code, PERMISSION_DENIED: denied }) => {
      reject(new Problem(code === denied ? word("position.denied") : word("position.unavailable")));
    };
    navigator.geolocation.getCurrentPosition(resolve, refused, { enableHighAccuracy: true, timeout: 15000 });
  });
}
