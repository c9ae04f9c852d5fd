// A supervisor says why a record is as it should be.

import { send, telling } from "./ask.js";

const alert = document.getElementById("alert");

for (const form of document.querySelectorAll("form.explain")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { kind, visit, other } = form.closest("tr").dataset;
    const said = {
      kind,
      visit_id: Number(visit),
      other_visit_id: other ? Number(other) : null,
      reason: form.elements.reason.value.trim(),
    };
    if (await telling(alert, () => send("/api/v1/suspicions/explanations", said))) window.location.reload();
  });
}
