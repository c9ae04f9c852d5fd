// What lies around a border: loaded by the box in sight, drawn below the grids.

import { ask } from "../ask.js";
import { boxOf, colour, theMap } from "../map.js";
import { Bulk } from "./bulk.js";
import { diamond, ring, square, triangle } from "./marks.js";

const PANE = "context";
const AHEAD = 0.4;

const INKS = {
  green: { fill: colour("ground-green") },
  water: { fill: colour("ground-water") },
  river: { line: colour("ground-river"), width: 4 },
  road: { line: colour("ground-road"), width: 2.5 },
  building: { fill: colour("ground-building"), line: colour("muted"), width: 0.6 },
  households: { fill: colour("muted"), mark: square, label: ({ households }) => households },
  premises: { fill: colour("ink"), mark: triangle },
  addresses: { line: colour("muted"), mark: ring },
  issues: { fill: colour("pending"), mark: diamond },
};

export const LAYERS = Object.keys(INKS);

export class Context extends EventTarget {
  #on = new Set();
  #loaded = new Map();
  #asked = new Map();

  constructor(aside) {
    super();
    this.aside = aside;
    theMap.createPane(PANE).classList.add("context-pane");
    this.renderer = L.canvas({ pane: PANE, padding: AHEAD });
    theMap.on("moveend", () => this.refresh());
  }

  isOn(name) {
    return this.#on.has(name);
  }

  isWhole(name) {
    return this.#loaded.get(name)?.complete ?? true;
  }

  featuresOf(name) {
    return this.#loaded.get(name)?.features ?? [];
  }

  async switch(name, isOn) {
    if (isOn) this.#on.add(name);
    else this.#on.delete(name);
    if (!isOn) this.#put(name, null);
    await this.refresh();
  }

  async refresh() {
    await Promise.all([...this.#on].filter((name) => this.#isMissing(name)).map((name) => this.aside(() => this.#load(name))));
  }

  #isMissing(name) {
    const known = this.#asked.get(name);
    const sight = theMap.getBounds();
    return !known?.contains(sight) || (!this.isWhole(name) && !sight.pad(AHEAD).contains(known));
  }

  // Only the newest answer counts: whoever moves on doesn't wait for what is out of sight again.
  async #load(name) {
    const box = theMap.getBounds().pad(AHEAD);
    this.#asked.set(name, box);
    const found = await ask(`/api/v1/context/${name}`, { bbox: boxOf(box) });
    if (this.#asked.get(name) !== box || !this.#on.has(name)) return;
    this.#put(name, found);
    this.dispatchEvent(new CustomEvent("loaded", { detail: name }));
  }

  #put(name, found) {
    this.#loaded.get(name)?.layer.remove();
    this.#loaded.delete(name);
    if (!found) return this.#asked.delete(name);
    const layer = new Bulk(found.features, INKS[name], { renderer: this.renderer, pane: PANE }).addTo(theMap);
    this.#loaded.set(name, { ...found, layer });
    for (const above of LAYERS.slice(LAYERS.indexOf(name) + 1)) this.#loaded.get(above)?.layer.bringToFront();
    return layer;
  }
}
