// A form that is sent to the interface: where to stands in its data, and what is refused is told at its field.

import { Problem, telling, write } from "./ask.js";

function valueOf(field) {
  return "number" in field.dataset ? Number(field.value) : field.value.trim();
}

export function bodyOf(form) {
  const fields = [...form.elements].filter((field) => field.name && !("inPath" in field.dataset));
  return Object.fromEntries(fields.map((field) => [field.name, valueOf(field)]).filter(([, value]) => value !== ""));
}

function pathOf(form) {
  const part = form.querySelector("[data-in-path]");
  return part ? form.dataset.path.replace(`{${part.name}}`, encodeURIComponent(part.value)) : form.dataset.path;
}

// What a problem is about: the field that a rule or a value names, or the first that can't be read.
export function fieldOf({ document: { fields, errors } }) {
  return fields?.field ?? errors?.[0]?.field ?? "";
}

function point(form, problem) {
  const named = form.elements[fieldOf(problem)];
  if (!(named instanceof HTMLElement)) return;
  const field = named.type === "hidden" ? named.parentElement.querySelector("input:not([type=hidden])") : named;
  field?.setAttribute("aria-invalid", "true");
  field?.focus();
}

function forget(form) {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

// Gives the answer, or null where it was refused.
export async function sending(form, body) {
  const { method = "POST", revision } = form.dataset;
  const button = form.querySelector("button:not([type=button])");
  forget(form);
  button.disabled = true;
  const answer = await telling(form.querySelector("[role=alert]"), async () => {
    const asked = write(method, pathOf(form), await body(), revision);
    return asked.catch((failure) => {
      if (failure instanceof Problem) point(form, failure);
      throw failure;
    });
  });
  button.disabled = false;
  return answer;
}
