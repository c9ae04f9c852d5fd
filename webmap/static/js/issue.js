// The steps on the page of one issue: each form is sent to the interface, and the page shown anew.

import { photosOf } from "./photos.js";
import { bodyOf, sending } from "./sending.js";

function tell(form, { address }) {
  const told = form.querySelector(".told");
  const link = told.querySelector("a");
  link.href = address;
  link.textContent = new URL(address, window.location.href);
  told.hidden = false;
}

for (const form of document.querySelectorAll(".act form")) {
  const photos = photosOf(form, form.querySelector("[role=alert]"));
  const takesPhotos = form.querySelector("[data-photos]") !== null;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await sending(form, async () => (takesPhotos ? { ...bodyOf(form), photos: await photos() } : bodyOf(form)));
    if (answer?.address) tell(form, answer);
    else if (answer) window.location.reload();
  });
}

for (const details of document.querySelectorAll(".act")) {
  details.addEventListener("toggle", () => {
    if (details.open) details.querySelector("textarea, input:not([type=hidden]), select, form button").focus();
  });
}

// Until here a click would send the forms as browsers do without a script.
for (const acts of document.querySelectorAll(".acts")) acts.inert = false;
