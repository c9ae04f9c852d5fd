// The workbench: puts draft, drawing, tools and panel together, and tells what goes wrong.

import { Problem } from "../ask.js";
import { theMap } from "../map.js";
import { number, word } from "../words.js";
import { Brush } from "./brush.js";
import { Checks } from "./checks.js";
import { Comments } from "./comments.js";
import { Comparison } from "./comparison.js";
import { Context } from "./context.js";
import { answered } from "./controls.js";
import { clickWithSpace } from "./crosshair.js";
import { Draft } from "./draft.js";
import { Drawing } from "./drawing.js";
import { Estimates } from "./estimates.js";
import { changeTable } from "./figures.js";
import { Following } from "./following.js";
import { Gestures } from "./gestures.js";
import { fillSheet, listen } from "./keys.js";
import { Layers } from "./layers.js";
import { Operations } from "./operations.js";
import { References } from "./references.js";
import { Selection } from "./selection.js";
import { Steps } from "./steps.js";
import { tabs } from "./tabs.js";
import { Tools } from "./tools.js";
import { Ways } from "./ways.js";

const CHECK_AFTER_MS = 400;
const MOST_NAMED = 12;
const CHOICES = { "stale-revision": settle, "buildings-cut": cut };
const at = (id) => document.getElementById(id);

const draft = new Draft(at("plan").dataset.plan);
const drawing = new Drawing(draft, { onClick: (key, isFurther) => tools.clicked(key, isFurther), onHold: (key) => tools.held(key) });
const context = new Context(aside);
const brush = new Brush({ draft, drawing, context, propose, refuse });
const ways = new Ways(context);
const following = new Following(draft, new Estimates(draft, context));
const gestures = new Gestures(draft, drawing);
const tools = new Tools({ draft, drawing, gestures, brush, ways, following, propose, refuse });
const checks = new Checks(at("checks"), at("tab-checks"), { draft, drawing, propose, attempt });
const comparison = new Comparison(at("comparison"), draft, drawing);
const comments = new Comments(at("comments"), at("tab-comments"), { draft, drawing, attempt, mayWrite: "comments" in at("plan").dataset });
const selection = new Selection(at("selection"), draft, drawing, propose);
new Layers(at("layers"), context, new References(aside));
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
  fix: () => fix("longest-border"),
  least: () => fix("least-loaded"),
  rename: () => label("name"),
  recode: () => label("code"),
  reparent: () => label("parent"),
  comment: () => comment(),
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

// What the page looks up beside the plan doesn't wait for its changes.
function aside(task) {
  return task().catch((failure) => {
    if (!(failure instanceof Problem)) throw failure;
    at("alert").textContent = failure.message;
  });
}

function tell({ message, document: problem }) {
  drawing.wrong(problem.geometry ?? null);
  at("alert").textContent = message;
  return problem.code in CHOICES ? problem : null;
}

function propose(kind, parameters) {
  return decide({ kind, parameters, force: false }, (wanted) => draft.propose(wanted));
}

function accept() {
  return decide(draft.pending, () => draft.accept());
}

async function decide(wanted, task) {
  const problem = await attempt(() => task(wanted));
  if (problem) await CHOICES[problem.code](problem, wanted);
}

function refuse(words) {
  drawing.wrong(null);
  at("alert").textContent = words;
}

function announce(words) {
  at("hint").textContent = words;
}

// Somebody else has divided the same grids meanwhile: the planner chooses what becomes of the own change.
async function settle({ fields }, wanted) {
  const touched = (fields.touched_by_others ?? fields.grids ?? []).map((key) => draft.grids.get(key)?.properties.name ?? key);
  at("stale-told").textContent = word("workbench.stale.told", { grids: touched.join(word("separator")) });
  const choice = await answered(at("stale"));
  if (choice === "branch") return attempt(() => branchOff());
  await attempt(() => draft.load());
  return choice === "rebase" ? decide(wanted, (same) => draft.propose(same)) : null;
}

// A border through a house may be meant, but never goes unsaid.
async function cut({ fields }, wanted) {
  const named = fields.buildings.map(({ id, name }) => name ?? `#${id}`);
  at("cut-told").textContent = word("workbench.cut.told", { count: number(named.length), buildings: named.slice(0, MOST_NAMED).join(word("separator")) });
  if ((await answered(at("cut"))) === "force") await decide({ ...wanted, force: true }, (same) => draft.propose(same));
}

async function branchOff() {
  const { id } = await draft.branch(word("workbench.branch_of", { name: draft.plan.name }));
  window.location.assign(`/workbench/${id}`);
}

async function fix(heir) {
  showTab("checks");
  await attempt(() => checks.refresh());
  return checks.isSound ? refuse(word("workbench.no_gap")) : checks.fixNext(heir);
}

function label(field) {
  showTab("selection");
  if (!selection.focus(field)) refuse(word("workbench.need.single"));
}

function comment() {
  showTab("comments");
  at("comments").querySelector("textarea").focus();
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
clickWithSpace();
fillSheet(at("shortcuts"));
listen();
await attempt(() => draft.load());
await aside(() => comments.refresh());
if (draft.plan) {
  drawing.zoomTo([...draft.grids.keys()], { animate: false });
  press(document.querySelector("[data-tool=select]"));
  draft.follow({ revision: hear, comments: () => aside(() => comments.refresh()) });
}
