// What the server finds in the whole draft, each finding with its place on the map.

import { newest } from "../ask.js";
import { node } from "../dom.js";
import { number, word } from "../words.js";
import { button } from "./controls.js";
import { nameOf } from "./figures.js";

const MOST_ROWS = 40;
const FURTHEST = 8;
const NONE = "–";
const PERCENT = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });

export class Checks {
  found = null;
  range = {};

  constructor(section, tab, { draft, drawing, propose, attempt }) {
    Object.assign(this, { section, tab, draft, drawing, propose, attempt });
    this.words = tab.textContent;
    this.validation = newest((range) => draft.validation(range));
    this.form = this.#wanted();
    section.append(this.form);
  }

  async refresh() {
    this.found = await this.validation(this.range);
    this.show();
  }

  // The form stays as it is: somebody may be typing.
  show() {
    const { found } = this;
    const findings = this.#findings(found);
    const count = findings.reduce((sum, [, items]) => sum + items.length, 0);
    const open = found.gaps.length + found.overlaps.length + found.unmatched_edges.length;
    this.tab.textContent = count ? `${this.words} ${number(count)}` : this.words;
    this.tab.classList.toggle("wrong", open > 0);
    const verdict = node("p", { class: found.holds ? "notice" : "notice wrong" }, found.holds ? word("workbench.holds") : word("workbench.broken"));
    for (const one of [...this.section.children]) if (one !== this.form) one.remove();
    this.form.before(verdict);
    this.form.after(...findings.filter(([, items]) => items.length).map(section), ...this.#balance(found));
  }

  // What is wrong first: a gap, else an overlap, else a part that lies apart.
  fixNext(heir) {
    const { gaps: [gap], overlaps: [overlap], pieces: [grid] } = this.found;
    if (gap) return this.#fill(gap, heir);
    if (overlap) return this.#settle(overlap.keys, heir);
    return grid ? this.#absorb(grid, heir) : null;
  }

  get isSound() {
    const { gaps, overlaps, pieces } = this.found;
    return !gaps.length && !overlaps.length && !pieces.length;
  }

  // The one that keeps the ground is the first, or the one with fewer households.
  #settle(keys, heir) {
    const households = (key) => this.draft.grids.get(key)?.properties.households ?? 0;
    const [keep, give] = heir === "least-loaded" ? keys.toSorted((one, other) => households(one) - households(other)) : keys;
    return this.propose("settle-overlap", { keep, give });
  }

  #absorb({ key, geometry: part }, heir) {
    return this.propose("absorb", { key, part, heir });
  }

  #fill(gap, heir) {
    return this.propose("fill-gap", { gap: gap.geometry, heir });
  }

  #findings(found) {
    return [
      [word("workbench.check.gaps"), found.gaps.map((gap) => this.#gap(gap))],
      [word("workbench.check.overlaps"), found.overlaps.map((one) => this.#overlap(one))],
      [word("workbench.check.unmatched"), found.unmatched_edges.map((one) => this.#place(word("workbench.edge"), one.geometry))],
      [word("workbench.check.pieces"), found.pieces.map((one) => this.#piece(one))],
      [word("workbench.check.households"), found.households_out_of_range.map((one) => this.#grid(one.key, word("workbench.range", { households: number(one.households), low: one.low ?? NONE, high: one.high ?? NONE })))],
      [word("workbench.check.cut"), found.buildings_cut.map((one) => this.#cut(one))],
      [word("workbench.check.crossing"), found.crossing.map((one) => this.#crossing(one))],
      [word("workbench.check.estimated"), found.estimated.map((key) => this.#grid(key, "*"))],
      [word("workbench.check.responsible"), found.without_responsible.map((key) => this.#grid(key, ""))],
    ];
  }

  // How many households a grid should have: what is left empty isn't asked for.
  #wanted() {
    const form = node("form", { class: "labels" },
      limit(word("workbench.low"), "low"),
      limit(word("workbench.high"), "high"));
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("change", () => {
      this.range = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
      this.attempt(() => this.refresh());
    });
    return form;
  }

  #gap(gap) {
    const item = this.#place(word("workbench.square_metres", { area: number(gap.area_m2, 1) }), gap.geometry);
    if (this.draft.plan.can.edit) {
      item.append(
        button(word("workbench.heir.longest"), () => this.#fill(gap, "longest-border")),
        button(word("workbench.heir.least"), () => this.#fill(gap, "least-loaded")));
    }
    return item;
  }

  #overlap({ keys, area_m2: area, geometry }) {
    const item = this.#place(word("workbench.square_metres", { area: number(area, 1) }), geometry);
    const ways = this.draft.plan.can.edit ? [keys, keys.toReversed()] : [];
    item.append(...ways.map(([keep, give]) => button(word("workbench.keeps", { grid: this.#nameOf(keep) }), () => this.propose("settle-overlap", { keep, give }))));
    return item;
  }

  #piece(grid) {
    const item = this.#grid(grid.key, word("workbench.parts", { parts: number(grid.parts) }), grid.geometry);
    if (this.draft.plan.can.edit) {
      item.append(
        button(word("workbench.heir.longest"), () => this.#absorb(grid, "longest-border")),
        button(word("workbench.heir.least"), () => this.#absorb(grid, "least-loaded")));
    }
    return item;
  }

  #place(words, geometry) {
    return node("li", {}, node("span", {}, words), button(word("workbench.show"), () => this.drawing.zoomToGround(geometry)));
  }

  #cut({ id, name, grids, geometry }) {
    const item = this.#place(name ?? word("workbench.building", { id }), geometry);
    item.firstChild.append(" ", node("span", { class: "soft" }, grids.map((key) => this.#nameOf(key)).join(word("separator"))));
    return item;
  }

  #crossing({ key, other, area_m2: area, geometry }) {
    return this.#grid(key, word("workbench.crosses", { other: other ?? NONE, area: number(area, 1) }), geometry);
  }

  #grid(key, words, geometry = null) {
    return node("li", {}, node("span", {}, this.#nameOf(key), " ", node("span", { class: "soft" }, words)), button(word("workbench.show"), () => this.#showGrid(key, geometry)));
  }

  #nameOf(key) {
    return nameOf({ key, ...this.draft.grids.get(key)?.properties });
  }

  #showGrid(key, geometry) {
    this.drawing.select([key]);
    if (geometry) this.drawing.zoomToGround(geometry);
    else this.drawing.zoomTo([key]);
  }

  #balance({ balance, compactness, reock }) {
    const furthest = Object.entries(balance.deviations).toSorted(([, one], [, other]) => Math.abs(other) - Math.abs(one)).slice(0, FURTHEST);
    const told = word("workbench.balance.told", { ideal: balance.ideal === null ? NONE : number(balance.ideal), spread: number(balance.spread, 2) });
    return [
      node("h3", {}, word("workbench.balance")),
      node("p", { class: "small soft" }, told),
      node("ul", { class: "findings" }, ...furthest.map(([key, share]) => this.#grid(key, PERCENT.format(share)))),
      ...this.#compactness(compactness, reock),
    ];
  }

  #compactness(compactness, reock) {
    const least = Object.entries(compactness).toSorted(([, one], [, other]) => one - other).slice(0, FURTHEST);
    if (!least.length) return [];
    return [
      node("h3", {}, word("workbench.compactness")),
      node("p", { class: "small soft" }, word("workbench.compactness.told")),
      node("ul", { class: "findings" }, ...least.map(([key, value]) => this.#grid(key, word("workbench.compactness.both", { polsby: number(value, 2), reock: number(reock[key] ?? NaN, 2) })))),
    ];
  }
}

function section([title, items]) {
  const rest = items.length > MOST_ROWS ? [node("p", { class: "small soft" }, word("workbench.more", { count: number(items.length - MOST_ROWS) }))] : [];
  return node("details", { open: items.length <= FURTHEST ? "" : null },
    node("summary", {}, `${title} `, node("span", { class: "count" }, number(items.length))),
    node("ul", { class: "findings" }, ...items.slice(0, MOST_ROWS)),
    ...rest);
}

function limit(label, name) {
  return node("label", {}, label, node("input", { name, type: "number", min: "0", step: "1" }));
}
