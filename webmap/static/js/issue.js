// The steps on the page of one issue: each form is sent to the interface, and the page shown anew.

import { telling, write } from "./ask.js";

function valueOf(field) {
  return "number" in field.dataset ? Number(field.value) : field.value.trim();
}

function bodyOf(form) {
  const fields = [...form.elements].filter((field) => field.name && !("inPath" in field.dataset));
  return Object.fromEntries(fields.map((field) => [field.name, valueOf(field)]).filter(([, value]) => value !== ""));
}

function pathOf(form) {
  const part = form.querySelector("[data-in-path]");
  return part ? form.dataset.path.replace(`{${part.name}}`, encodeURIComponent(part.value)) : form.dataset.path;
}

function tell(form, { address }) {
  const told = form.querySelector(".told");
  const link = told.querySelector("a");
  link.href = address;
  link.textContent = new URL(address, window.location.href);
  told.hidden = false;
}

async function act(form) {
  const { method, revision } = form.dataset;
  const body = Object.keys(form.elements).length ? bodyOf(form) : {};
  const button = form.querySelector("button");
  button.disabled = true;
  const answer = await telling(form.querySelector("[role=alert]"), () => write(method, pathOf(form), body, revision));
  button.disabled = false;
  if (answer?.address) tell(form, answer);
  else if (answer) window.location.reload();
}

for (const form of document.querySelectorAll(".act form")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(form);
  });
}

for (const details of document.querySelectorAll(".act")) {
  details.addEventListener("toggle", () => {
    if (details.open) details.querySelector("textarea, input:not([type=hidden]), select, form button").focus();
  });
}

// Until here a click would send the forms as browsers do without a script.
for (const acts of document.querySelectorAll(".acts")) acts.inert = false;
