// What is selected: its figures, and the forms that rename, recode and reparent it.

import { node } from "../dom.js";
import { number, word } from "../words.js";
import { columns, hectares, households, nameOf, sumOf } from "./figures.js";

const MOST_ROWS = 60;

export class Selection {
  constructor(section, draft, drawing, propose) {
    Object.assign(this, { section, draft, drawing, propose });
    for (const event of ["changed", "selected"]) draft.addEventListener(event, () => this.show());
  }

  show() {
    const chosen = this.drawing.selected.map((key) => ({ key, ...this.draft.grids.get(key).properties }));
    this.section.replaceChildren(...(chosen.length ? this.#chosen(chosen) : this.#whole()));
  }

  // The field in which the grid gets what a key asks for.
  focus(name) {
    const field = this.section.querySelector(`[name=${name}]`);
    field?.focus();
    field?.select?.();
    return Boolean(field);
  }

  #whole() {
    const all = [...this.draft.grids.values()].map((grid) => grid.properties);
    return [node("p", { class: "soft" }, word("workbench.nothing_selected", { grids: number(all.length) })), ...total(all)];
  }

  #chosen(chosen) {
    const table = node("table", {},
      columns(word("workbench.grid"), word("workbench.households"), word("workbench.hectares")),
      node("tbody", {}, ...chosen.slice(0, MOST_ROWS).map(row)));
    const form = chosen.length === 1 && this.draft.plan.can.edit ? [this.#labels(chosen[0])] : [];
    return [table, ...(chosen.length > 1 ? total(chosen) : []), ...form];
  }

  #labels(grid) {
    const form = node("form", { class: "labels" },
      field(word("workbench.grid_name"), "name", grid.name),
      field(word("workbench.grid_code"), "code", grid.code),
      this.#parents(grid),
      node("button", { class: "quiet" }, word("workbench.rename")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#proposeLabels(grid, form.elements);
    });
    return form;
  }

  #parents(grid) {
    const parents = [...new Set([...this.draft.grids.values()].map(({ properties }) => properties.parent))].filter(Boolean).toSorted();
    const options = parents.map((parent) => node("option", { value: parent, selected: parent === grid.parent ? "" : null }, parent));
    return node("label", {}, word("workbench.grid_parent"), node("select", { name: "parent" }, ...options));
  }

  #proposeLabels({ key, name, code, parent }, fields) {
    if (fields.name.value !== name) return this.propose("rename", { key, name: fields.name.value });
    if (fields.code.value !== (code ?? "")) return this.propose("recode", { key, code: fields.code.value || null });
    return fields.parent.value === (parent ?? "") ? null : this.propose("reparent", { keys: [key], parent: fields.parent.value });
  }
}

function row(grid) {
  const locked = grid.locked ? [node("span", { class: "fate" }, word("workbench.locked"))] : [];
  return node("tr", {},
    node("th", { scope: "row" }, nameOf(grid), ...locked, node("span", { class: "code" }, grid.code ?? grid.key)),
    node("td", { class: "number" }, households(grid)),
    node("td", { class: "number" }, hectares(grid.area_m2)));
}

function total(grids) {
  const sum = sumOf(grids);
  return [node("div", { class: "figures" },
    figure(word("workbench.households"), households(sum)),
    figure(word("workbench.hectares"), hectares(sum.area_m2)))];
}

function figure(label, words) {
  return node("div", { class: "figure" }, node("span", { class: "small soft" }, label), node("strong", {}, words));
}

function field(label, name, value) {
  return node("label", {}, label, node("input", { name, value: value ?? "", maxlength: "100", autocomplete: "off" }));
}
