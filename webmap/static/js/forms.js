// Forms whose address says all: each is sent to the interface, and the page shown anew.

import { bodyOf, sending } from "./sending.js";

for (const form of document.querySelectorAll("form.send")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await sending(form, () => bodyOf(form))) window.location.reload();
  });
}
