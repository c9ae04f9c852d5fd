// The list of plans: opens one, begins a new one, branches one off.

import { ask, send, telling } from "../ask.js";
import { node } from "../dom.js";
import { number, word } from "../words.js";

const TIME = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
const alert = document.getElementById("alert");
const table = document.getElementById("plans");
const form = document.getElementById("new-plan");

async function show() {
  const { plans } = await ask("/api/v1/plans");
  table.tBodies[0].replaceChildren(...plans.map(row));
  document.getElementById("none").hidden = plans.length > 0;
  table.hidden = plans.length === 0;
}

function row(plan) {
  const state = node("span", { class: "state", "data-state": plan.state }, word(`workbench.state.${plan.state}`));
  return node("tr", {},
    node("td", {}, picture(plan)),
    node("th", { scope: "row" }, node("a", { href: `/workbench/${plan.id}` }, plan.name), origin(plan)),
    node("td", {}, state),
    node("td", {}, plan.created_by),
    node("td", {}, TIME.format(new Date(plan.updated_at))),
    node("td", { class: "number" }, number(plan.revision)),
    node("td", {}, ...("branches" in table.dataset ? [branchButton(plan)] : [])));
}

function picture({ id, revision }) {
  return node("img", { class: "thumbnail", src: `/workbench/${id}/thumbnail.svg?revision=${revision}`, alt: "", width: "90", height: "60", loading: "lazy" });
}

function origin({ branched_from_id: from }) {
  return node("span", { class: "code" }, from ? word("workbench.branched_from", { id: from }) : "");
}

function branchButton({ id, name }) {
  const button = node("button", { class: "quiet", type: "button" }, word("workbench.branch"));
  button.addEventListener("click", () => begin({ name: word("workbench.branch_of", { name }), branch_of: id }));
  return button;
}

async function begin(wishes) {
  const plan = await telling(alert, () => send("/api/v1/plans", wishes));
  if (plan) window.location.assign(`/workbench/${plan.id}`);
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  begin({ name: form.elements.name.value });
});

telling(alert, show);
