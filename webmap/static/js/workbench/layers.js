// The panel of layers: backgrounds, what lies around a border, and files that are only looked at.

import { node } from "../dom.js";
import { layerNamed, theMap } from "../map.js";
import { number, word } from "../words.js";
import { button } from "./controls.js";
import { LAYERS } from "./context.js";
import { tiles } from "../tiles.js";

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
    this.#putTiles(this.baseMaps[0] ?? null);
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
    const drawn = choice(word("workbench.layers.plain"), { name: "base-map" }, () => this.#putTiles(null));
    const others = this.baseMaps.map((base, n) => this.#background(base, n === 0));
    const notes = this.baseMaps.some(({ datum }) => datum === "bd09") ? [node("p", { class: "small soft" }, word("workbench.layers.baidu"))] : [];
    return [group(word("workbench.layers.background"), drawn, ...others, ...notes)];
  }

  #background(base, isFirst) {
    const label = base.shifted ? `${base.name} · ${word("workbench.layers.shifted", { datum: base.datum.toUpperCase() })}` : base.name;
    return choice(label, { name: "base-map", checked: isFirst ? "" : null }, () => this.#putTiles(base));
  }

  // What is drawn and what is stored are the same on this map: it is the tiles that are moved.
  #putTiles(base) {
    this.#tiles?.remove();
    this.#tiles = base && tiles(base.url, { attribution: node("span", {}, base.attribution).innerHTML, maxZoom: 19, className: "tiles", datum: base.datum }).addTo(theMap);
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
