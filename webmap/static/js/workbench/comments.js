// Comments on grids: listed, pinned to what is selected, settled.

import { ask, newest, send } from "../ask.js";
import { node } from "../dom.js";
import { theMap } from "../map.js";
import { number, word } from "../words.js";
import { button } from "./controls.js";
import { nameOf } from "./figures.js";
import { gridAt } from "./geometry.js";

const TIME = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" });

export class Comments {
  #all = [];
  #pins = L.layerGroup().addTo(theMap);

  constructor(section, tab, { draft, drawing, attempt, mayWrite }) {
    Object.assign(this, { section, tab, draft, drawing, attempt, mayWrite });
    this.words = tab.textContent;
    this.path = `${draft.path}/comments`;
    this.comments = newest(() => ask(this.path));
    this.list = node("ul", { class: "comments" });
    this.form = this.#writing();
    section.replaceChildren(this.form, this.list);
    for (const event of ["changed", "selected"]) draft.addEventListener(event, () => this.#show());
  }

  async refresh() {
    const { comments } = await this.comments();
    if (JSON.stringify(comments) === JSON.stringify(this.#all)) return; // nothing moves away under the pointer
    this.#all = comments;
    this.#show();
  }

  #writing() {
    this.about = node("p", { class: "small soft", id: "comment-about" });
    const form = node("form", { class: "comment" },
      this.about,
      node("textarea", { name: "text", rows: "2", maxlength: "2000", required: "", "aria-label": word("workbench.comment"), "aria-describedby": "comment-about" }),
      node("button", {}, word("workbench.comment.add")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.attempt(() => this.#add(form.elements.text));
    });
    return form;
  }

  async #add(text) {
    await send(this.path, { grid: this.drawing.selected[0], text: text.value });
    text.value = "";
    await this.refresh();
  }

  #show() {
    const [key] = this.drawing.selected;
    this.form.hidden = !this.mayWrite;
    this.form.querySelector("button").disabled = !key;
    this.about.textContent = key ? word("workbench.comment.about", { grid: this.#nameOf(key) }) : word("workbench.comment.select");
    const open = this.#all.filter((one) => !one.resolved_at);
    this.tab.textContent = open.length ? `${this.words} ${number(open.length)}` : this.words;
    this.list.replaceChildren(...(this.#all.length ? this.#all.map((one) => this.#comment(one)) : [node("li", { class: "soft" }, word("workbench.comment.none"))]));
    this.#pins.clearLayers();
    for (const one of open) this.#pins.addLayer(pin(one));
  }

  #comment(one) {
    const { resolved_by: settler } = one;
    const settled = settler ? [node("span", { class: "fate" }, word("workbench.comment.resolved", { by: settler }))] : [];
    const settle = settler || !this.mayWrite ? [] : [button(word("workbench.comment.resolve"), () => this.attempt(() => this.#resolve(one)))];
    return node("li", { class: settler ? "settled" : null },
      node("p", {}, one.text),
      node("span", { class: "code" }, `${this.#placeOf(one)} · ${one.made_by} · ${TIME.format(new Date(one.made_at))}`),
      ...settled,
      node("span", { class: "decide" }, button(word("workbench.show"), () => this.#zoomTo(one)), ...settle));
  }

  async #resolve({ id }) {
    await send(`${this.path}/${id}/resolve`, {});
    await this.refresh();
  }

  #zoomTo(one) {
    const key = this.#keyOf(one);
    if (!key) return theMap.setView([one.lat, one.lon], 17);
    this.drawing.select([key]);
    return this.drawing.zoomTo([key]);
  }

  // A grid that was divided since is the one that has the place of the comment now.
  #keyOf({ grid, lon, lat }) {
    return this.draft.grids.has(grid) ? grid : gridAt(this.draft.grids, { lng: lon, lat });
  }

  #placeOf(one) {
    const key = this.#keyOf(one);
    return key ? this.#nameOf(key) : one.grid;
  }

  #nameOf(key) {
    return nameOf({ key, ...this.draft.grids.get(key).properties });
  }
}

function pin({ lon, lat, text, made_by: by }) {
  const words = node("span", {}, `${by}${word("colon")}${text}`);
  const marker = L.marker([lat, lon], { icon: L.divIcon({ className: "comment-pin", iconSize: [22, 22], iconAnchor: [3, 21] }), keyboard: false, pmIgnore: true, snapIgnore: true });
  return marker.bindTooltip(() => words, { direction: "top" });
}
