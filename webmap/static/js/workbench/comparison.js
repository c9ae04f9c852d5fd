// What the draft changes against the division that it began with.

import { node } from "../dom.js";
import { number, word } from "../words.js";
import { columns, hectares, nameOf } from "./figures.js";

const SHARE = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 });

export class Comparison {
  constructor(section, draft, drawing) {
    Object.assign(this, { section, draft, drawing });
  }

  async refresh() {
    const { changed, moved, ground } = await this.draft.comparison();
    this.drawing.moved(ground.features);
    this.section.replaceChildren(...(changed.length ? [summary(moved), table(changed)] : [node("p", { class: "soft" }, word("workbench.unchanged"))]));
  }

  leave() {
    this.drawing.moved([]);
  }
}

function summary(moved) {
  const words = {
    hectares: hectares(moved.area_m2),
    households: number(moved.households ?? 0),
    entities: number(moved.entities ?? 0),
    share: SHARE.format(moved.share ?? 0),
  };
  return node("p", { class: "notice" }, word("workbench.moved", words));
}

function table(changed) {
  const rows = changed.map((one) => node("tr", {},
    node("th", { scope: "row" }, nameOf(one)),
    cell(one.households_before, one.households_after, number),
    cell(one.area_m2_before, one.area_m2_after, hectares)));
  return node("table", {},
    columns(word("workbench.grid"), word("workbench.households"), word("workbench.hectares")),
    node("tbody", {}, ...rows));
}

function cell(was, is, write) {
  const shown = (value) => (value === null || value === undefined ? "–" : write(value));
  return node("td", { class: "number" }, node("s", { class: "soft" }, shown(was)), " → ", shown(is));
}
