// The workbench: puts draft, drawing, tools and panel together, and tells what goes wrong.

import { Problem } from "../ask.js";
import { theMap } from "../map.js";
import { word } from "../words.js";
import { Checks } from "./checks.js";
import { Comparison } from "./comparison.js";
import { Draft } from "./draft.js";
import { Drawing } from "./drawing.js";
import { changeTable } from "./figures.js";
import { fillSheet, listen } from "./keys.js";
import { Operations } from "./operations.js";
import { Selection } from "./selection.js";
import { Steps } from "./steps.js";
import { tabs } from "./tabs.js";
import { Tools } from "./tools.js";

const CHECK_AFTER_MS = 400;
const at = (id) => document.getElementById(id);
theMap.options.zoomSnap = 0.25;

const draft = new Draft(at("plan").dataset.plan);
const drawing = new Drawing(draft, (key, event) => tools.clicked(key, event));
const tools = new Tools(draft, drawing, propose, refuse);
const checks = new Checks(at("checks"), at("tab-checks"), { draft, drawing, propose, attempt });
const comparison = new Comparison(at("comparison"), draft, drawing);
new Selection(at("selection"), draft, drawing, propose);
new Operations(at("operations"), draft, (seq) => attempt(() => draft.walk("jump", { to_seq: seq })), (keys) => drawing.zoomTo(keys));
new Steps([...at("steps").children], draft, attempt, (words) => (at("told").textContent = words));
let tab = "selection";
const showTab = tabs(document.querySelector("[role=tablist]"), (id) => {
  if (tab === "comparison") comparison.leave();
  tab = id;
  if (id === "comparison") attempt(() => comparison.refresh());
});

const COMMANDS = {
  merge: () => tools.merge(),
  lock: () => tools.lock(),
  fix: () => fix(),
  undo: () => (draft.pending ? draft.reject() : attempt(() => draft.walk("undo"))),
  redo: () => attempt(() => draft.walk("redo")),
  labels: () => drawing.toggleLabels(),
  whole: () => drawing.zoomTo([...draft.grids.keys()]),
  help: () => at("sheet").showModal(),
};

// One thing after the other: each change stands on the revision that the one before it gave.
let last = Promise.resolve();

function attempt(task) {
  last = last.catch(() => null).then(() => tried(task));
  return last;
}

async function tried(task) {
  at("alert").textContent = "";
  drawing.wrong(null);
  try {
    return await task();
  } catch (failure) {
    if (!(failure instanceof Problem)) throw failure;
    return tell(failure);
  }
}

function tell({ message, document: problem }) {
  drawing.wrong(problem.geometry ?? null);
  at("alert").textContent = message;
  return problem.code === "stale-revision" ? problem : null;
}

async function propose(kind, parameters) {
  const stale = await attempt(() => draft.propose(kind, parameters));
  if (stale) await settle(stale, { kind, parameters });
}

async function accept() {
  const wanted = draft.pending;
  const stale = await attempt(() => draft.accept());
  if (stale) await settle(stale, wanted);
}

function refuse(words) {
  drawing.wrong(null);
  at("alert").textContent = words;
}

function announce(words) {
  at("hint").textContent = words;
}

// Somebody else has divided the same grids meanwhile: the planner chooses what becomes of the own change.
async function settle({ fields }, { kind, parameters }) {
  const touched = (fields.touched_by_others ?? fields.grids ?? []).map((key) => draft.grids.get(key)?.properties.name ?? key);
  at("stale-told").textContent = word("workbench.stale.told", { grids: touched.join(word("separator")) });
  at("stale").showModal();
  await new Promise((resolve) => at("stale").addEventListener("close", resolve, { once: true }));
  const choice = at("stale").returnValue;
  if (choice === "branch") return attempt(() => branchOff());
  await attempt(() => draft.load());
  return choice === "rebase" ? propose(kind, parameters) : null;
}

async function branchOff() {
  const { id } = await draft.branch(word("workbench.branch_of", { name: draft.plan.name }));
  window.location.assign(`/workbench/${id}`);
}

async function fix() {
  showTab("checks");
  await attempt(() => checks.refresh());
  if (!checks.found?.gaps.length) return refuse(word("workbench.no_gap"));
  return checks.fixNext();
}

function press(button) {
  const { tool } = button.dataset;
  if (tool in COMMANDS) return COMMANDS[tool]();
  for (const other of document.querySelectorAll("[data-tool][aria-pressed]")) other.setAttribute("aria-pressed", String(other === button));
  announce(button.title);
  return tools.use(tool);
}

function showPlan() {
  const { name, state, revision, created_by: author, reason, can } = draft.plan;
  document.title = `${name} · ${document.title.split(" · ").at(-1)}`;
  at("plan-name").textContent = name;
  at("plan-state").textContent = word(`workbench.state.${state}`);
  at("plan-state").dataset.state = state;
  at("plan-facts").textContent = word("workbench.facts", { author, revision });
  at("plan-reason").textContent = reason ?? "";
  at("plan-reason").hidden = !reason;
  for (const button of document.querySelectorAll("[data-changes]")) button.disabled = !can.edit;
  document.querySelector("[data-tool=undo]").disabled = !(can.edit && draft.plan.can_undo);
  document.querySelector("[data-tool=redo]").disabled = !(can.edit && draft.plan.can_redo);
  if (!can.edit && tools.active !== "select") press(document.querySelector("[data-tool=select]"));
}

function showPending() {
  const { pending } = draft;
  at("pending").hidden = !pending;
  if (!pending) return;
  at("pending-figures").replaceChildren(...changeTable(pending));
  at("accept").focus();
}

let checking = null;

function checkSoon() {
  clearTimeout(checking);
  checking = setTimeout(() => checks.refresh().catch(() => null), CHECK_AFTER_MS);
  if (tab === "comparison") attempt(() => comparison.refresh());
}

// The own changes are told too, before or after the answer to them.
async function hear({ revision, by }) {
  await last;
  if (revision <= draft.plan.revision) return;
  await attempt(() => draft.load());
  announce(word("workbench.changed_by", { by }));
}

draft.addEventListener("changed", showPlan);
draft.addEventListener("changed", checkSoon);
draft.addEventListener("pending", showPending);
at("tools").addEventListener("click", ({ target }) => {
  const button = target.closest("[data-tool]");
  if (button) press(button);
});
at("accept").addEventListener("click", accept);
at("reject").addEventListener("click", () => {
  draft.reject();
  theMap.getContainer().focus();
});
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape" && !draft.pending && !document.querySelector("dialog[open]")) press(document.querySelector("[data-tool=select]"));
});
document.querySelector(".map").append(at("hint"));
fillSheet(at("shortcuts"));
listen();
await attempt(() => draft.load());
if (draft.plan) {
  drawing.zoomTo([...draft.grids.keys()]);
  press(document.querySelector("[data-tool=select]"));
  draft.follow(hear);
}
