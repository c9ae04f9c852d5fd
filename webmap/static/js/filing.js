// Records a visit or an activity: which fields are asked for follows from the kind that is chosen.

import { ask, send, telling } from "./ask.js";
import { node } from "./dom.js";
import { draftOf } from "./drafts.js";
import { position } from "./position.js";
import { word } from "./words.js";

const MINUTE = 60_000;
const form = document.getElementById("filing");
const alert = document.getElementById("alert");
const kept = document.getElementById("kept");
const team = document.getElementById("team");
const { kind, grid, at, entity, household } = form.elements;
let ref = crypto.randomUUID();
let place = null;

function chosenKind() {
  return kind.selectedOptions[0].dataset;
}

function only(name, isShown) {
  form.querySelector(`[data-only=${name}]`).hidden = !isShown;
}

function show() {
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== chosenKind().record;
  only("attendance", chosenKind().attendance === "yes");
}

function fill(select, options, chosen) {
  select.replaceChildren(select.options[0], ...options.map(([value, words]) => node("option", { value }, words)));
  select.value = options.some(([value]) => String(value) === chosen) ? chosen : "";
}

async function loadEntities() {
  const found = await telling(alert, () => ask("/api/v1/entities", { grid: grid.value, limit: 1000 }));
  if (!found) return;
  const kinds = new Map(found.features.map(({ id, properties }) => [String(id), properties.kind]));
  fill(entity, found.features.map(({ id, properties }) => [id, properties.name]), form.dataset.entity);
  entity.dataset.buildings = JSON.stringify([...kinds].filter(([, value]) => value === "building").map(([id]) => id));
  await loadHouseholds();
}

async function loadHouseholds() {
  const isBuilding = JSON.parse(entity.dataset.buildings).includes(entity.value);
  only("household", isBuilding);
  if (!isBuilding) return;
  const found = await telling(alert, () => ask(`/api/v1/entities/${entity.value}/households`));
  if (found) fill(household, found.households.map(({ id, door }) => [id, door]), form.dataset.household);
}

async function loadTeam() {
  const found = await telling(alert, () => ask("/api/v1/activities/team", { grid: grid.value }));
  if (!found) return;
  team.replaceChildren(...found.people.map(({ id, name }) => node("label", { class: "attendee" }, name,
    node("select", { "data-person": id },
      node("option", { value: "" }, word("filing.not_asked")),
      node("option", { value: "present" }, word("filing.present")),
      node("option", { value: "absent" }, word("filing.absent"))))));
}

function load() {
  return Promise.all([loadEntities(), loadTeam()]);
}

function given(name) {
  return form.elements[name].value.trim() || null;
}

function visit() {
  return {
    ref, kind: kind.value, visited_at: new Date(at.value).toISOString(), place, result: given("result"), note: given("note"),
    entity_id: Number(entity.value) || null, household_id: household.closest("[hidden]") ? null : Number(household.value) || null,
  };
}

function activity() {
  const starts = new Date(at.value);
  const asked = [...team.querySelectorAll("select")].filter(({ value }) => value);
  const isAttended = chosenKind().attendance === "yes";
  return {
    ref, kind: kind.value, title: given("title") ?? kind.selectedOptions[0].textContent, grid: grid.value, place, note: given("note"),
    starts_at: starts.toISOString(),
    ends_at: new Date(starts.getTime() + Number(form.elements.minutes.value) * MINUTE).toISOString(),
    attendances: isAttended ? asked.map(({ dataset, value }) => ({ person_id: Number(dataset.person), state: value })) : [],
  };
}

function now() {
  const local = new Date(Date.now() - new Date().getTimezoneOffset() * MINUTE);
  return local.toISOString().slice(0, 16);
}

function take(found) {
  place = found;
  document.getElementById("place").textContent = word("filing.place", { lon: place.lon.toFixed(6), lat: place.lat.toFixed(6) });
}

document.getElementById("by-position").addEventListener("click", async () => {
  const found = await telling(alert, position);
  if (!found) return;
  take({ lon: found.coords.longitude, lat: found.coords.latitude, datum: "wgs84" });
  draft.keep("place", place);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  kept.textContent = "";
  const isVisit = chosenKind().record === "visit";
  const path = isVisit ? "/api/v1/visits" : "/api/v1/activities";
  const made = await draft.send(() => send(path, isVisit ? visit() : activity()));
  if (!made) return;
  kept.textContent = word("filing.kept");
  ref = crypto.randomUUID();
});

const draft = draftOf(form, alert);
kind.addEventListener("change", show);
grid.addEventListener("change", load);
entity.addEventListener("change", loadHouseholds);
at.value ||= now();
if (draft.kept.place) take(draft.kept.place);
show();
if (grid.value) load();
