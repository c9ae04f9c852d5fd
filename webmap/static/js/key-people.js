// A look at somebody on the register, with its reason; and somebody new on it.

import { send, telling } from "./ask.js";

const alert = document.getElementById("alert");

for (const form of document.querySelectorAll("form.look")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const row = form.closest("tr");
    const path = `/api/v1/key-people/${row.dataset.person}/looks`;
    const seen = await telling(alert, () => send(path, { reason: form.elements.reason.value.trim() }));
    if (!seen) return;
    row.querySelector(".name").textContent = seen.name;
    row.querySelector(".phone").textContent = seen.phone ?? "–";
    form.closest("details").open = false;
  });
}

document.getElementById("new-person")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const filled = [...new FormData(event.target)].filter(([, value]) => value.trim() !== "");
  const kept = await telling(alert, () => send("/api/v1/key-people", Object.fromEntries(filled)));
  if (kept) window.location.reload();
});
