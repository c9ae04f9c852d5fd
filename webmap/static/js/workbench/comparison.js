// What the draft changes against the division that it began with.

import { node } from "../dom.js";
import { number, word } from "../words.js";
import { changeTable, hectares } from "./figures.js";

const SHARE = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", maximumFractionDigits: 1 });

export class Comparison {
  constructor(section, draft, drawing) {
    Object.assign(this, { section, draft, drawing });
  }

  async refresh() {
    const { changed, moved, ground } = await this.draft.comparison();
    this.drawing.moved(ground.features);
    const further = node("a", { href: `/comparison?before=generation:${this.draft.plan.base_generation_id}&after=plan:${this.draft.plan.id}` }, word("workbench.comparison.further"));
    this.section.replaceChildren(further, ...(changed.length ? [summary(moved), ...table(changed)] : [node("p", { class: "soft" }, word("workbench.unchanged"))]));
  }

  leave() {
    this.drawing.moved([]);
  }
}

function summary(moved) {
  const words = {
    hectares: hectares(moved.area_m2),
    households: number(moved.households),
    entities: number(moved.entities),
    share: SHARE.format(moved.share),
  };
  return node("p", { class: "notice" }, word("workbench.moved", words));
}

function table(changed) {
  const before = changed.filter((one) => one.area_m2_before !== null);
  const after = changed.filter((one) => one.area_m2_after !== null);
  return changeTable({
    before: before.map((one) => figures(one.key, one.name_before ?? one.name, one.households_before, one.area_m2_before)),
    after: after.map((one) => figures(one.key, one.name, one.households_after, one.area_m2_after)),
  });
}

function figures(key, name, households, area_m2) {
  return { key, name, households, area_m2 };
}
