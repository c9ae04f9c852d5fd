// Figures of grids as tables: before and after a change, and what a selection adds up to.

import { node } from "../dom.js";
import { number, word } from "../words.js";

const M2_PER_HA = 10_000;

export function hectares(area_m2) {
  return number(area_m2 / M2_PER_HA, 2);
}

export function households(figures) {
  if (figures.households === null || figures.households === undefined) return "–";
  return number(figures.households) + (figures.is_estimated ? "*" : "");
}

export function nameOf({ name, code, key }) {
  return name || code || word("workbench.unnamed", { key });
}

export function changeTable({ before, after }) {
  const [was, is] = [byKey(before), byKey(after)];
  const keys = [...new Set([...was.keys(), ...is.keys()])];
  const rows = keys.map((key) => changeRow(was.get(key), is.get(key)));
  const table = node("table", { class: "change" },
    columns(word("workbench.grid"), word("workbench.households"), word("workbench.hectares")),
    node("tbody", {}, ...rows),
    node("tfoot", {}, changeRow({ ...sumOf(before), name: word("workbench.total") }, sumOf(after))));
  const isEstimated = [...before, ...after].some((figures) => figures.is_estimated);
  return isEstimated ? [table, node("p", { class: "small soft" }, word("workbench.estimated"))] : [table];
}

function changeRow(was, is) {
  const fate = was && is ? "kept" : was ? "gone" : "made";
  return node("tr", { class: fate },
    node("th", { scope: "row" }, nameOf(is?.name ? is : was ?? is), ...(fate === "kept" ? [] : [node("span", { class: `fate ${fate}` }, fate === "gone" ? word("workbench.gone") : word("workbench.made"))])),
    pair(was && households(was), is && households(is)),
    pair(was && hectares(was.area_m2), is && hectares(is.area_m2)));
}

function pair(was, is) {
  const words = was === is ? was : was && is ? [node("s", { class: "soft" }, was), " → ", is] : is ?? node("s", { class: "soft" }, was);
  return node("td", { class: "number" }, ...[words].flat());
}

export function sumOf(figures) {
  return {
    households: figures.reduce((sum, one) => sum + (one.households ?? 0), 0),
    area_m2: figures.reduce((sum, one) => sum + one.area_m2, 0),
    is_estimated: figures.some((one) => one.is_estimated),
  };
}

export function columns(...labels) {
  const cells = labels.map((label, n) => node("th", { scope: "col", class: n ? "number" : null }, label));
  return node("thead", {}, node("tr", {}, ...cells));
}

function byKey(figures) {
  return new Map(figures.map((one) => [one.key, one]));
}
