// Sends files to be judged and kept, tells how far that is, and shows what was found.

import { ask, sendForm, telling } from "./ask.js";
import { node } from "./dom.js";
import { number, word } from "./words.js";

const SHOWN = 500;
const PAUSE_MS = 700;
const form = document.getElementById("import");
const { layer, file, reference, on_existing: existing, try: tried, commit, division } = form.elements;
const alert = form.querySelector("[role=alert]");
const status = form.querySelector("[role=status]");
const report = document.getElementById("report");
const inEnglish = document.documentElement.lang === "en";
let chosen = {};

function options() {
  const upper = outlines();
  const ticked = [...form.querySelectorAll("[type=checkbox]:enabled:checked")].map(({ name }) => [name, true]);
  return {
    ...Object.fromEntries(ticked),
    on_existing: existing.value,
    mapping: chosen,
    ...(reference.value && { reference: reference.value }),
    ...(!division.disabled && form.elements.name.value && { name: form.elements.name.value }),
    ...(upper.length && { outlines: Object.fromEntries(upper.map(({ level, name }) => [level, name])) }),
  };
}

// Files may share a name: each level has its own.
function outlines() {
  const fields = [...form.querySelectorAll("[name=upper]:enabled")].filter(({ files }) => files.length);
  return fields.map(({ dataset, files }) => ({ level: dataset.level, name: `${dataset.level}-${files[0].name}`, file: files[0] }));
}

function body(dryRun) {
  const made = new FormData();
  made.append("file", file.files[0]);
  for (const { name, file: sent } of outlines()) made.append("upper", sent, name);
  made.append("options", JSON.stringify(options()));
  made.append("dry_run", dryRun);
  return made;
}

async function run(dryRun) {
  report.hidden = true;
  busy(true);
  const ended = await telling(alert, async () => {
    const begun = await sendForm(`/api/v1/imports/${layer.value}`, body(dryRun), { prefer: "respond-async" });
    window.history.replaceState(null, "", `/imports?run=${begun.id}`);
    return end(begun.id);
  });
  busy(false);
  if (ended) tell(ended);
  commit.disabled = !(dryRun && ended?.report && mayBeKept(ended.report));
}

async function end(id) {
  for (;;) {
    const now = await ask(`/api/v1/imports/runs/${id}`);
    if (now.state !== "running") return now;
    status.textContent = word(`imports.stage.${now.stage}`);
    await new Promise((go) => setTimeout(go, PAUSE_MS));
  }
}

function busy(is) {
  tried.disabled = is;
  commit.disabled = true;
  status.textContent = is ? word("imports.sending") : "";
}

function mayBeKept({ bad_rows: bad, problems }) {
  const blocked = problems.some(({ row, severity }) => row === null && severity === "error");
  return !blocked && (bad === 0 || form.elements.skip_bad.checked);
}

function tell(ended) {
  status.textContent = word(`imports.ended.${ended.report?.state ?? ended.state}`, { batch: ended.batch ?? "" });
  if (ended.problem) alert.textContent = inEnglish ? ended.problem.detail : ended.problem.detail_zh;
  if (!ended.report) return;
  const { rows, accepted, located, bad_rows: bad, mapping, files, problems, counts } = ended.report;
  const figures = { rows: number(rows), accepted: number(accepted), located: number(located), bad: number(bad) };
  document.getElementById("summary").textContent = word("imports.summary", figures);
  fill("mapping", mapping.map((source) => mapped(source, files)));
  fill("problems", problems.slice(0, SHOWN).map(problem));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  document.getElementById("more").textContent = total > SHOWN ? word("imports.more", { rest: number(total - SHOWN) }) : "";
  report.hidden = false;
  report.focus();
}

function fill(id, rows) {
  document.querySelector(`#${id} tbody`).replaceChildren(...rows);
}

// What was guessed can be said otherwise; the next try goes by it.
function mapped({ field, column, guessed }, files) {
  const columns = [...new Set(files.flatMap((one) => one.columns))];
  const choice = node("select", { "aria-label": field }, ...columns.map((name) => node("option", { value: name }, name)));
  choice.value = column;
  choice.addEventListener("change", () => {
    chosen = { ...chosen, [field]: choice.value };
    commit.disabled = true;
  });
  const origin = guessed ? word("imports.guessed") : word("imports.said");
  return node("tr", {}, node("th", { scope: "row" }, field), node("td", {}, choice), node("td", {}, origin));
}

function problem({ row, severity, field, zh, en }) {
  const weight = word(`imports.severity.${severity}`);
  return node("tr", {}, node("td", { class: "number" }, row ?? ""), node("td", {}, weight), node("td", {}, field ?? ""), node("td", {}, inEnglish ? en : zh));
}

function suit() {
  division.disabled = layer.value !== "grids";
  division.hidden = division.disabled;
}

form.addEventListener("change", ({ target }) => {
  commit.disabled = true;
  if (target === layer || target === file) chosen = {};
  suit();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(event.submitter !== commit);
});
suit();

const before = new URLSearchParams(window.location.search).get("run");
if (before) {
  const ended = await telling(alert, () => end(before));
  if (ended) tell(ended);
}
