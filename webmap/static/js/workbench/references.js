// Files that are only looked at: dropped on the map or chosen, read by the server, kept by nobody.

import { sendForm } from "../ask.js";
import { colour, theMap } from "../map.js";
import { Bulk } from "./bulk.js";
import { ring } from "./marks.js";

const PANE = "reference";
const INK = { fill: colour("hot-2"), line: colour("hot-1"), width: 2, mark: ring };

export class References extends EventTarget {
  all = [];

  constructor(aside) {
    super();
    this.aside = aside;
    theMap.createPane(PANE).classList.add("reference-pane");
    this.renderer = L.canvas({ pane: PANE, padding: 0.4 });
    this.#listen(theMap.getContainer());
  }

  // What the numbers of files are: what the file says, unless somebody knows better.
  datum = "";

  async add(files) {
    for (const file of files) await this.aside(() => this.#read(file));
  }

  remove(reference) {
    reference.layer.remove();
    this.all = this.all.filter((one) => one !== reference);
    this.#tell();
  }

  toggle(reference) {
    if (theMap.hasLayer(reference.layer)) reference.layer.remove();
    else reference.layer.addTo(theMap);
    this.#tell();
  }

  zoomTo({ bounds }) {
    theMap.fitBounds(bounds, { maxZoom: 17, padding: [40, 40] });
  }

  async #read(file) {
    const form = new FormData();
    form.append("file", file);
    if (this.datum) form.append("reference", this.datum);
    const found = await sendForm("/api/v1/reference-layers", form);
    const layer = new Bulk(found.features, INK, { renderer: this.renderer, pane: PANE }).addTo(theMap);
    const reference = { name: file.name, datum: found.reference, count: found.features.length, leftOut: found.left_out, layer, bounds: layer.getBounds() };
    this.all.push(reference);
    this.zoomTo(reference);
    this.#tell();
  }

  #listen(container) {
    const mark = (event, isOver) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      container.classList.toggle("receiving", isOver);
    };
    container.addEventListener("dragover", (event) => mark(event, true));
    container.addEventListener("dragleave", (event) => mark(event, false));
    container.addEventListener("drop", (event) => {
      mark(event, false);
      this.add(event.dataTransfer.files);
    });
  }

  #tell() {
    this.dispatchEvent(new Event("changed"));
  }
}
