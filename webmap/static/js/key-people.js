// A look at somebody on the register, with its reason; what is seen then may be changed.

import { bodyOf, sending } from "./sending.js";

const FIELDS = ["kind", "grid", "name", "phone", "id_number", "note"];

function show(row, seen) {
  row.querySelector(".name").textContent = seen.name;
  row.querySelector(".phone").textContent = seen.phone ?? "–";
  const after = row.nextElementSibling;
  if (!after?.matches(".after-look")) return;
  after.hidden = false;
  for (const form of after.querySelectorAll("form")) form.dataset.revision = seen.revision;
  const { elements } = after.querySelector(".change");
  for (const name of FIELDS) elements[name].value = seen[name] ?? "";
  elements.grid.dispatchEvent(new Event("change"));
}

for (const form of document.querySelectorAll("form.look")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const seen = await sending(form, () => bodyOf(form));
    if (!seen) return;
    show(form.closest("tr"), seen);
    form.closest("details").open = false;
  });
}

for (const form of document.querySelectorAll(".after-look form")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (await sending(form, () => bodyOf(form))) window.location.reload();
  });
}
