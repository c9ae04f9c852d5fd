// The form of an inspection: one step after the other, photos, a signature, and what the rules refuse.

import { Problem, send } from "./ask.js";
import { draftOf } from "./drafts.js";
import { photosOf } from "./photos.js";
import { fieldOf } from "./sending.js";
import { signaturePad } from "./signature.js";
import { word } from "./words.js";

const form = document.getElementById("inspection");
const alert = document.getElementById("alert");
const steps = [...(form?.querySelectorAll("[data-step]") ?? [])];
let current = 0;
let place = null;
let pad = null;
let photos = null;
let draft = null;

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

// What happened: no correction changes it.
async function happened() {
  return {
    entity_id: Number(form.dataset.entity),
    visited_at: visitedAt(),
    place,
    officers: chosen("officers").map(Number),
    photos: (await photos()).visit,
    ref: form.dataset.ref,
  };
}

function said() {
  const orders = form.querySelector("[data-orders]:checked") !== null;
  return {
    form: chosen("form")[0] ?? "-",
    result: chosen("result")[0] ?? "-",
    answers: answers(),
    measures: chosen("measures"),
    hazards: chosen("hazards"),
    correct_by: orders ? written("correct_by") : null,
    findings: written("findings"),
    subject_name: written("subject_name"),
    subject_phone: written("subject_phone"),
    ...acknowledgement(),
  };
}

// What is refused is shown where it stands.
function point(problem) {
  const name = fieldOf(problem);
  for (const marked of form.querySelectorAll(".wanting")) marked.classList.remove("wanting");
  const field = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  if (!field) return;
  show(steps.indexOf(field.closest("[data-step]")));
  field.classList.add("wanting");
  field.scrollIntoView({ block: "center" });
}

async function file() {
  const { corrects } = form.dataset;
  const kept = await draft.send(async () => {
    try {
      return corrects
        ? await send(`/api/v1/inspections/${corrects}/corrections`, { ...said(), reason: written("reason") ?? "" })
        : await send("/api/v1/inspections", { ...said(), ...await happened() });
    } catch (failure) {
      if (failure instanceof Problem) point(failure);
      throw failure;
    }
  });
  if (kept) window.location.assign(`/inspections/${kept.id}`);
}

function tellPlace(words) {
  document.getElementById("place").textContent = words;
}

function take({ metres, ...found }) {
  place = found;
  tellPlace(word("inspection.located", { metres }));
}

function locate() {
  const found = ({ coords }) => {
    const taken = { lon: coords.longitude, lat: coords.latitude, metres: Math.round(coords.accuracy) };
    take(taken);
    draft.keep("place", taken);
  };
  const refused = () => tellPlace(word("inspection.not_located"));
  navigator.geolocation.getCurrentPosition(found, refused, { enableHighAccuracy: true, timeout: 15000 });
}

function acknowledge() {
  const [how] = chosen("acknowledgement");
  for (const part of form.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== how;
}

function correct() {
  document.getElementById("until").hidden = form.querySelector("[data-orders]:checked") === null;
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
  draft = draftOf(form, alert);
  photos = photosOf(form, alert, draft);
  if (draft.kept.place) take(draft.kept.place);
  form.querySelector("#here")?.addEventListener("click", locate);
  for (const input of form.querySelectorAll("[name=acknowledgement]")) input.addEventListener("change", acknowledge);
  for (const input of form.querySelectorAll("[name=measures]")) input.addEventListener("change", correct);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    file();
  });
  acknowledge();
  correct();
  show(0);
}
