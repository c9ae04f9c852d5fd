// Keeps what is typed into a form until it was sent: in this tab, for this sign-in alone.

import { telling } from "./ask.js";
import { word } from "./words.js";

const UNKEPT = new Set(["hidden", "file", "button", "submit"]);

function isTicked({ type }) {
  return type === "checkbox" || type === "radio";
}

export function draftOf(form, alert) {
  const token = document.querySelector("[name=csrf_token]")?.value ?? "";
  const key = `draft ${token.slice(-12)} ${window.location.pathname}${window.location.search} ${form.id}`;
  const fields = [...form.elements].filter(({ name, type }) => name && !UNKEPT.has(type));

  function keep() {
    const values = fields.map((field) => [field.name, isTicked(field) ? field.checked : field.value]);
    window.sessionStorage.setItem(key, JSON.stringify(values));
  }

  // Fields that were asked for otherwise since then are left alone.
  function restore() {
    const values = JSON.parse(window.sessionStorage.getItem(key) ?? "[]");
    fields.forEach((field, at) => {
      const [name, value] = values[at] ?? [];
      if (name === field.name) field[isTicked(field) ? "checked" : "value"] = value;
    });
  }

  restore();
  form.addEventListener("input", keep);
  form.addEventListener("change", keep);

  // Does what sends the form; what is typed is forgotten once that is done, and kept otherwise.
  return async (task) => {
    const done = await telling(alert, task);
    if (done) window.sessionStorage.removeItem(key);
    else alert.append(" ", word("draft.kept"));
    return done;
  };
}
