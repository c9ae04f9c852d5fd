// Commits to a draw, reveals it, repeats it.

import { ask, send, telling } from "./ask.js";
import { word } from "./words.js";

const alert = document.getElementById("alert");
const verdict = document.getElementById("verdict");

document.getElementById("new-draw")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { title, target, size, grid } = Object.fromEntries(new FormData(event.target));
  const made = await telling(alert, () => send("/api/v1/draws", { title, target, size: Number(size), grid }));
  if (made) window.location.assign(`/draws/${made.id}`);
});

document.getElementById("reveal")?.addEventListener("click", async ({ target }) => {
  const made = await telling(alert, () => send(`/api/v1/draws/${target.dataset.draw}/reveal`, {}));
  if (made) window.location.reload();
});

document.getElementById("repeat")?.addEventListener("click", async ({ target }) => {
  verdict.textContent = "";
  const found = await telling(alert, async () => send("/api/v1/draws/repeat", await ask(`/api/v1/draws/${target.dataset.draw}/proof`)));
  if (found) verdict.textContent = found.holds ? word("draws.holds") : word("draws.fails");
});
