// The form of an inspection: one step after the other, photos, a signature, and what the rules refuse.

import { Problem, send, sendForm, telling } from "./ask.js";
import { node } from "./dom.js";
import { signaturePad } from "./signature.js";
import { word } from "./words.js";

const form = document.getElementById("inspection");
const alert = document.getElementById("alert");
const steps = [...(form?.querySelectorAll("[data-step]") ?? [])];
const photos = [];
let current = 0;
let place = null;
let pad = null;

function show(number) {
  current = Math.max(0, Math.min(number, steps.length - 1));
  steps.forEach((step, n) => step.classList.toggle("shown", n === current));
  for (const button of form.querySelectorAll("[data-go]")) {
    if (button.dataset.go === steps[current].dataset.step) button.setAttribute("aria-current", "step");
    else button.removeAttribute("aria-current");
  }
  const isLast = current === steps.length - 1;
  form.querySelector("#back").disabled = current === 0;
  form.querySelector("#next").hidden = isLast;
  form.querySelector("#file").hidden = !isLast;
}

function go(number) {
  show(number);
  steps[current].querySelector("legend").scrollIntoView({ block: "start" });
  steps[current].querySelector("input, textarea")?.focus({ preventScroll: true });
}

function chosen(name) {
  return [...form.querySelectorAll(`[name="${name}"]:checked`)].map((input) => input.value);
}

function written(name) {
  return form.elements[name]?.value.trim() || null;
}

function answers() {
  return [...form.querySelectorAll("[data-item]")].flatMap(({ dataset: { item } }) => {
    const [answer] = chosen(`answer.${item}`);
    return answer ? [{ item, answer, note: written(`note.${item}`) }] : [];
  });
}

// The clock of the city, not of the device, tells when it was.
function visitedAt() {
  return `${form.elements.visited_at.value}:00${form.dataset.offset}`;
}

function acknowledgement() {
  const [how] = chosen("acknowledgement");
  const refused = how === "refused";
  return {
    acknowledgement: how,
    signature: how === "signed" ? pad.strokes() : null,
    refusal_reason: refused ? written("refusal_reason") : null,
    witness: refused ? written("witness") : null,
  };
}

function record() {
  const corrects = form.querySelector("[data-corrects]:checked") !== null;
  return {
    entity_id: Number(form.dataset.entity),
    visited_at: visitedAt(),
    place,
    officers: chosen("officers").map(Number),
    photos: photos.map(({ id }) => id),
    ref: form.dataset.ref,
    form: chosen("form")[0] ?? "-",
    result: chosen("result")[0] ?? "-",
    answers: answers(),
    measures: chosen("measures"),
    hazards: chosen("hazards"),
    correct_by: corrects ? written("correct_by") : null,
    findings: written("findings"),
    subject_name: written("subject_name"),
    subject_phone: written("subject_phone"),
    ...acknowledgement(),
  };
}

// What is refused is shown where it stands.
function point(problem) {
  const name = problem.document.fields?.field ?? problem.document.errors?.[0]?.field ?? "";
  for (const marked of form.querySelectorAll(".wanting")) marked.classList.remove("wanting");
  const field = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (!field) return;
  show(steps.indexOf(field.closest("[data-step]")));
  field.classList.add("wanting");
  field.scrollIntoView({ block: "center" });
}

async function file() {
  alert.textContent = "";
  try {
    const kept = await send("/api/v1/inspections", record());
    window.location.assign(`/inspections/${kept.id}`);
  } catch (failure) {
    if (!(failure instanceof Problem)) throw failure;
    alert.textContent = failure.message;
    point(failure);
  }
}

async function upload(picture) {
  const body = new FormData();
  body.append("file", picture);
  const kept = await telling(alert, () => sendForm("/api/v1/photos", body));
  if (!kept) return;
  photos.push(kept);
  const image = node("img", { src: `/api/v1/photos/${kept.id}`, alt: picture.name });
  const drop = node("button", { type: "button", class: "quiet" }, word("inspection.drop"));
  const item = node("li", {}, image, drop);
  drop.addEventListener("click", () => {
    photos.splice(photos.indexOf(kept), 1);
    item.remove();
  });
  document.getElementById("thumbnails").append(item);
}

function locate() {
  const told = document.getElementById("place");
  const found = ({ coords }) => {
    place = { lon: coords.longitude, lat: coords.latitude };
    told.textContent = word("inspection.located", { metres: Math.round(coords.accuracy) });
  };
  const refused = () => {
    told.textContent = word("inspection.not_located");
  };
  navigator.geolocation.getCurrentPosition(found, refused, { enableHighAccuracy: true, timeout: 15000 });
}

function acknowledge() {
  const [how] = chosen("acknowledgement");
  for (const part of form.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== how;
}

function correct() {
  document.getElementById("until").hidden = form.querySelector("[data-corrects]:checked") === null;
}

function key() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(16)).join("-");
}

if (form) {
  form.dataset.ref = key();
  pad = signaturePad(document.getElementById("pad"), document.getElementById("wipe"));
  form.querySelector("#back").addEventListener("click", () => go(current - 1));
  form.querySelector("#next").addEventListener("click", () => go(current + 1));
  for (const button of form.querySelectorAll("[data-go]")) {
    button.addEventListener("click", () => go(steps.findIndex((step) => step.dataset.step === button.dataset.go)));
  }
  form.querySelector("#here").addEventListener("click", locate);
  form.querySelector("#pictures").addEventListener("change", async ({ target }) => {
    for (const picture of target.files) await upload(picture);
    target.value = "";
  });
  for (const input of form.querySelectorAll("[name=acknowledgement]")) input.addEventListener("change", acknowledge);
  for (const input of form.querySelectorAll("[name=measures]")) input.addEventListener("change", correct);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    file();
  });
  acknowledge();
  show(0);
}
