// Sends files to be judged and kept, tells how far that is, and shows what was found.

import { ask, sendForm, telling } from "./ask.js";
import { node } from "./dom.js";
import { columns, mappingOf } from "./mapping.js";
import { number, word } from "./words.js";

const SHOWN = 500;
const PAUSE_MS = 700;
const form = document.getElementById("import");
const { layer, file, try: tried, commit, keep, mapping: mappingFile, division, times } = form.elements;
const alert = form.querySelector("[role=alert]");
const status = form.querySelector("[role=status]");
const report = document.getElementById("report");
const inEnglish = document.documentElement.lang === "en";
const said = mappingOf(() => (commit.disabled = true));

function options() {
  const ticked = [...form.querySelectorAll("[type=checkbox]:enabled:checked")].map(({ name }) => [name, true]);
  return {
    ...Object.fromEntries([...ticked, ...filled("[data-option]").map(({ dataset, value }) => [dataset.option, value.trim()])]),
    ...said.options(),
    ...above(),
  };
}

// What is said of the levels above: where they come from by level, and the columns of their own files by field.
function above() {
  const told = { outlines: {}, names: {}, parent_codes: {}, parent_names: {}, upper_mapping: {} };
  for (const { kind, level, name } of upper()) told[kind][level] = name;
  for (const { dataset, value } of filled("[data-of]")) told[dataset.of][dataset.level] = value.trim();
  for (const { dataset, value } of filled("[data-upper]")) {
    told.upper_mapping[dataset.level] = { ...told.upper_mapping[dataset.level], [dataset.upper]: value.trim() };
  }
  return told;
}

function filled(selector) {
  return [...form.querySelectorAll(`${selector}:enabled`)].filter(({ value }) => value.trim());
}

// Files may share a name: each gets its own.
function upper() {
  return filled("[data-file]").map(({ dataset: { file: kind, level }, files: [one] }) => ({ kind, level, name: `${kind}-${level}-${one.name}`, file: one }));
}

function body(dryRun) {
  const made = new FormData();
  for (const one of file.files) made.append("file", one);
  for (const { name, file: sent } of upper()) made.append("upper", sent, name);
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
  const { rows, accepted, located, bad_rows: bad, files, problems, counts } = ended.report;
  const figures = { rows: number(rows), accepted: number(accepted), located: number(located), bad: number(bad) };
  document.getElementById("summary").textContent = word("imports.summary", figures);
  document.getElementById("files").replaceChildren(...files.map((one) => node("li", {}, word("imports.file_rows", { name: one.name, rows: number(one.rows) }))));
  document.getElementById("columns").replaceChildren(...columns(ended.report).map((value) => node("option", { value })));
  said.tell(ended.report);
  const several = files.length > 1;
  document.querySelector("#problems tbody").replaceChildren(...problems.slice(0, SHOWN).map((one) => problem(one, several)));
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  document.getElementById("more").textContent = total > SHOWN ? word("imports.more", { rest: number(total - SHOWN) }) : "";
  report.hidden = false;
  report.focus();
}

function problem({ file: name, row, severity, field, zh, en }, several) {
  const weight = word(`imports.severity.${severity}`);
  const place = [several && name, row].filter(Boolean).join(" · ");
  return node("tr", {}, node("td", { class: "number" }, place), node("td", {}, weight), node("td", {}, said.named(field)), node("td", {}, inEnglish ? en : zh));
}

function suit() {
  said.begin(layer.value);
  for (const [part, suits] of [[division, layer.value === "grids"], [times, said.hasTimes()]]) {
    part.disabled = !suits;
    part.hidden = !suits;
  }
}

async function open() {
  const [chosen] = mappingFile.files;
  mappingFile.value = "";
  if (chosen) await said.open(chosen);
}

function save() {
  const link = node("a", { href: URL.createObjectURL(new Blob([said.file()], { type: "application/yaml" })), download: `mapping-${layer.value}.yaml` });
  link.click();
  URL.revokeObjectURL(link.href);
}

form.addEventListener("change", ({ target }) => {
  commit.disabled = true;
  if (target === layer || target === file) suit();
});
mappingFile.addEventListener("change", () => telling(alert, open));
keep.addEventListener("click", save);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  run(event.submitter !== commit);
});
document.getElementById("timezones").append(...Intl.supportedValuesOf("timeZone").map((value) => node("option", { value })));
suit();

const before = new URLSearchParams(window.location.search).get("run");
if (before) {
  const ended = await telling(alert, () => end(before));
  if (ended) {
    layer.value = ended.layer;
    suit();
    tell(ended);
  }
}
