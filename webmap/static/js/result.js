// Sends what a reporter says of the outcome.

import { send, telling } from "./ask.js";
import { word } from "./words.js";

const form = document.getElementById("rating");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const body = { code: form.dataset.code, score: Number(given.get("score")), words: given.get("words") };
  const kept = await telling(form.querySelector("[role=alert]"), () => send(form.dataset.path, body));
  if (!kept) return;
  const said = form.querySelector("[role=status]");
  said.textContent = word("results.thanks");
  said.hidden = false;
});

if (form) form.inert = false;
