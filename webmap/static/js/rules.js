// Lets an administrator adopt a profile or set a single value: what would be different is shown first.

import { Problem, ask, send, telling } from "./ask.js";
import { node } from "./dom.js";
import { word } from "./words.js";

const grid = new URLSearchParams(window.location.search).get("grid") || null;
const adoption = document.getElementById("adoption");
const withdrawal = document.getElementById("withdrawal");
const override = document.getElementById("override");
const dialog = document.getElementById("change");

function text(value) {
  if (value === null || value === undefined) return word("rule.absent");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function day(date) {
  return date === null ? word("rule.always") : word("rule.since", { day: date });
}

function tell(place, { regulation, differences }) {
  const inWords = document.documentElement.lang === "en" ? "told" : "told_zh";
  const rows = differences
    .filter((one) => one[inWords])
    .map(({ path, [inWords]: { rule, before, after } }) =>
      node("li", { title: path }, node("strong", {}, rule), ` ${before} → ${after}`),
    );
  const summary = rows.length ? word("rule.differences", { count: rows.length }) : word("rule.same");
  place.replaceChildren(node("p", {}, regulation ? word("rule.kept") : summary), node("ul", { class: "small" }, ...rows));
}

function whole(form, commit) {
  return { valid_from: form.elements.valid_from.value, grid, commit };
}

async function chosen() {
  const [file] = adoption.elements.file.files;
  return file ? { document: await file.text() } : { profile: adoption.elements.profile.value };
}

function explained(problem) {
  const faults = problem.document?.errors?.filter((fault) => fault.path !== undefined);
  if (!faults?.length) throw problem;
  const detail = document.documentElement.lang === "en" ? "detail" : "detail_zh";
  throw new Problem(faults.map((fault) => `${fault.path}: ${fault[detail]}`).join("\n"), problem.document);
}

function submitting(form, alert, path, body) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const commit = event.submitter.value === "commit";
    const report = await telling(document.getElementById(alert), async () =>
      send(path, { ...(await body()), ...whole(form, commit) }).catch(explained),
    );
    if (!report) return;
    tell(form.querySelector(".told"), report);
    if (report.regulation) window.location.reload();
  });
}

function typed(value) {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

// What the page itself calls a rule and its value.
function called(button) {
  return `${button.closest("article").querySelector("h3").textContent} › ${button.closest("div").querySelector("dt").textContent}`;
}

async function open(button) {
  const { path, value } = button.dataset;
  document.getElementById("path").textContent = path;
  document.getElementById("rule").textContent = called(button);
  override.elements.value.value = typeof typed(value) === "string" ? typed(value) : value;
  override.querySelector(".told").replaceChildren();
  document.getElementById("change-alert").textContent = "";
  dialog.showModal();
  const asked = grid ? { path, grid } : { path };
  const found = await telling(document.getElementById("change-alert"), () => ask("/api/v1/rules/history", asked));
  const rows = found?.spells.map((spell) => node("li", {}, `${day(spell.since)}: ${text(spell.value)} (${spell.regulation.adopted_by})`));
  document.getElementById("history").replaceChildren(...(rows ?? []));
}

submitting(adoption, "alert", "/api/v1/rules/regulations", chosen);
if (withdrawal) submitting(withdrawal, "alert", "/api/v1/rules/withdrawals", async () => ({}));
submitting(override, "change-alert", "/api/v1/rules/values", async () => ({
  path: document.getElementById("path").textContent,
  value: typed(override.elements.value.value),
}));
for (const button of document.querySelectorAll("button.change")) button.addEventListener("click", () => open(button));
document.getElementById("close").addEventListener("click", () => dialog.close());
