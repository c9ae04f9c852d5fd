// The panel of layers: backgrounds, what lies around a border, and files that are only looked at.

import { node } from "../dom.js";
import { layerNamed, theMap } from "../map.js";
import { number, word } from "../words.js";
import { button } from "./controls.js";
import { LAYERS } from "./context.js";

const DATUMS = ["", "wgs84", "cgcs2000", "gcj02", "bd09"];
const AT_FIRST = ["green", "water", "river", "road", "building"];

export class Layers {
  #tiles = null;

  constructor(section, context, references) {
    Object.assign(this, { section, context, references });
    this.baseMaps = JSON.parse(document.getElementById("base-maps").textContent);
    context.addEventListener("loaded", () => this.#showWhole());
    references.addEventListener("changed", () => this.#showReferences());
    this.#build();
    this.#putTiles(this.baseMaps.find(({ fits }) => fits) ?? null);
    for (const name of AT_FIRST) context.switch(name, true);
  }

  #build() {
    this.list = node("ul", { class: "findings", id: "references" });
    this.notes = new Map(LAYERS.map((name) => [name, node("span", { class: "small soft", role: "status" })]));
    this.section.replaceChildren(
      ...this.#backgrounds(),
      group(word("workbench.layers.context"), ...LAYERS.map((name) => this.#switch(name)), this.#inForce()),
      this.#files(),
      this.list);
  }

  #backgrounds() {
    if (!this.baseMaps.length) return [];
    const drawn = choice(word("workbench.layers.plain"), { name: "base-map", checked: this.baseMaps.some(({ fits }) => fits) ? null : "" }, () => this.#putTiles(null));
    const others = this.baseMaps.map((base) => this.#background(base));
    return [group(word("workbench.layers.background"), drawn, ...others)];
  }

  // What is drawn and what is stored are the same on this map, so a shifted background would mislead.
  #background(base) {
    const isFirst = this.baseMaps.find(({ fits }) => fits) === base;
    const label = base.fits ? base.name : `${base.name} · ${word("workbench.layers.shifted", { datum: base.datum.toUpperCase() })}`;
    const attributes = { name: "base-map", checked: isFirst ? "" : null, disabled: base.fits ? null : "" };
    return choice(label, attributes, () => this.#putTiles(base));
  }

  #putTiles(base) {
    this.#tiles?.remove();
    this.#tiles = base && L.tileLayer(base.url, { attribution: node("span", {}, base.attribution).innerHTML, maxZoom: 19, className: "tiles" }).addTo(theMap);
  }

  #switch(name) {
    const box = node("input", { type: "checkbox", name, checked: AT_FIRST.includes(name) ? "" : null });
    box.addEventListener("change", () => this.context.switch(name, box.checked));
    return node("label", { class: "layer" }, box, node("span", { class: `mark ${name}`, "aria-hidden": "true" }), word(`workbench.layer.${name}`), " ", this.notes.get(name));
  }

  #inForce() {
    const outlines = layerNamed("outlines");
    const box = node("input", { type: "checkbox", checked: "" });
    box.addEventListener("change", () => (box.checked ? outlines.addTo(theMap) : outlines.remove()));
    return node("label", { class: "layer" }, box, node("span", { class: "mark in-force", "aria-hidden": "true" }), word("workbench.layer.in_force"));
  }

  #files() {
    const file = node("input", { type: "file", multiple: "", id: "reference-file" });
    file.addEventListener("change", async () => {
      await this.references.add(file.files);
      file.value = "";
    });
    const datum = node("select", {}, ...DATUMS.map((name) => node("option", { value: name }, word(`workbench.datum.${name || "declared"}`))));
    datum.addEventListener("change", () => (this.references.datum = datum.value));
    return group(word("workbench.layers.files"),
      node("p", { class: "small soft" }, word("workbench.layers.files.told")),
      node("label", {}, word("workbench.layers.file"), file),
      node("label", {}, word("workbench.layers.datum"), datum));
  }

  #showWhole() {
    for (const [name, note] of this.notes) note.textContent = this.context.isWhole(name) ? "" : word("workbench.layers.part");
  }

  #showReferences() {
    this.list.replaceChildren(...this.references.all.map((one) => this.#reference(one)));
  }

  #reference(one) {
    const box = node("input", { type: "checkbox", checked: theMap.hasLayer(one.layer) ? "" : null });
    box.addEventListener("change", () => this.references.toggle(one));
    const facts = [word("workbench.layers.shown", { count: number(one.count), datum: one.datum.toUpperCase() })];
    if (one.leftOut) facts.push(word("workbench.layers.left_out", { count: number(one.leftOut) }));
    return node("li", {},
      node("label", { class: "layer" }, box, node("span", {}, one.name, " ", node("span", { class: "code" }, facts.join(word("separator"))))),
      button(word("workbench.show"), () => this.references.zoomTo(one)),
      button(word("workbench.remove"), () => this.references.remove(one)));
  }
}

function group(title, ...children) {
  return node("fieldset", { class: "layers" }, node("legend", {}, title), ...children);
}

function choice(label, attributes, onChoose) {
  const radio = node("input", { type: "radio", ...attributes });
  radio.addEventListener("change", onChoose);
  return node("label", { class: "layer" }, radio, label);
}
