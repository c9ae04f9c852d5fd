// What became of a subject that has left the market.

import { send, telling } from "./ask.js";

const alert = document.getElementById("alert");

for (const item of document.querySelectorAll("[data-deregistration]")) {
  for (const button of item.querySelectorAll("[data-outcome]")) {
    button.addEventListener("click", async () => {
      const path = `/api/v1/deregistrations/${item.dataset.deregistration}/end`;
      if (await telling(alert, () => send(path, { outcome: button.dataset.outcome }))) item.remove();
    });
  }
}
