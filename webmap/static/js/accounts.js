// Accounts: new ones, other roles, other passwords, and doors that are closed and opened.

import { enhance } from "./grid_field.js";
import { send, telling, write } from "./ask.js";

const template = document.getElementById("grant");
const dialog = document.getElementById("account");
let account = null;

function addGrant(list, { role, grid } = {}) {
  const row = template.content.firstElementChild.cloneNode(true);
  row.querySelector("[name=grid]").value = grid ?? "";
  enhance(row.querySelector("[name=grid]"));
  if (role) row.querySelector("[name=role]").value = role;
  row.querySelector(".remove").addEventListener("click", () => row.remove());
  list.append(row);
  return row;
}

function grantsIn(form) {
  return [...form.querySelectorAll(".grants > ul > li")].map((row) => ({
    role: row.querySelector("[name=role]").value,
    grid: row.querySelector("[name=grid]").value.trim() || null,
  }));
}

function path(rest = "") {
  return `/api/v1/accounts/${encodeURIComponent(account.username)}${rest}`;
}

function keep(active, grants) {
  return write("PUT", path(), { active, grants });
}

const doors = {
  close: () => keep(false, account.grants),
  open: () => keep(true, account.grants),
  unlock: () => write("DELETE", path("/lock")),
};

function submitting(id, task) {
  const form = document.getElementById(id);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const done = await telling(form.querySelector("[role=alert]"), () => task(form, event.submitter));
    if (done) window.location.reload();
  });
}

function open({ dataset }) {
  account = { username: dataset.username, active: JSON.parse(dataset.active), grants: JSON.parse(dataset.grants) };
  document.getElementById("account-name").textContent = account.username;
  for (const alert of dialog.querySelectorAll("[role=alert]")) alert.textContent = "";
  const list = dialog.querySelector(".grants ul");
  list.replaceChildren();
  for (const grant of account.grants) addGrant(list, grant);
  dialog.querySelector("[value=close]").hidden = !account.active;
  dialog.querySelector("[value=open]").hidden = account.active;
  dialog.querySelector("[value=unlock]").hidden = !JSON.parse(dataset.locked);
  dialog.showModal();
}

submitting("new-account", (form) =>
  send("/api/v1/accounts", {
    username: form.elements.username.value,
    password: form.elements.password.value,
    grants: grantsIn(form),
  }),
);
submitting("grants", (form) => keep(account.active, grantsIn(form)));
submitting("password", (form) => write("PUT", path("/password"), { password: form.elements.password.value }));
submitting("doors", (_, button) => doors[button.value]());

for (const button of document.querySelectorAll("button.add")) {
  const list = button.closest(".grants").querySelector("ul");
  button.addEventListener("click", () => addGrant(list).querySelector("select").focus());
}
for (const button of document.querySelectorAll("button.change")) button.addEventListener("click", () => open(button));
addGrant(document.querySelector("#new-account .grants ul"));
document.getElementById("close").addEventListener("click", () => dialog.close());
