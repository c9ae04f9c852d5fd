// Keeps what is said in a form until it was sent: in this tab, for this sign-in alone.

import { telling } from "./ask.js";
import { word } from "./words.js";

const UNKEPT = new Set(["hidden", "file", "button", "submit"]);

function isTicked({ type }) {
  return type === "checkbox" || type === "radio";
}

// Beside its fields a form may keep what isn't typed, part by part: `kept` is what there was when the page was opened.
export function draftOf(form, alert) {
  const token = document.querySelector("[name=csrf_token]")?.value ?? "";
  const key = `draft of ${form.id} ${token.slice(-12)} ${window.location.pathname}${window.location.search}`;
  const kept = JSON.parse(window.sessionStorage.getItem(key) ?? "{}");
  const fields = [...form.elements].filter(({ name, type }) => name && !UNKEPT.has(type));

  function keep(part, value) {
    kept[part] = value;
    window.sessionStorage.setItem(key, JSON.stringify(kept));
  }

  function keepFields() {
    keep("fields", fields.map((field) => [field.name, isTicked(field) ? field.checked : field.value]));
  }

  // Fields that were asked for otherwise since then are left alone.
  function restore() {
    fields.forEach((field, at) => {
      const [name, value] = kept.fields?.[at] ?? [];
      if (name === field.name) field[isTicked(field) ? "checked" : "value"] = value;
    });
  }

  restore();
  form.addEventListener("input", keepFields);
  form.addEventListener("change", keepFields);

  // What is said is forgotten once that is done, and kept otherwise.
  async function finish(task) {
    const done = await telling(alert, task);
    if (done) window.sessionStorage.removeItem(key);
    else alert.append(" ", word("draft.kept"));
    return done;
  }

  let sent = null;

  // Does what sends the form: once, however often that is asked meanwhile.
  function send(task) {
    sent ??= finish(task).finally(() => (sent = null));
    return sent;
  }

  return { kept, keep, send };
}
