// A field for the code of a grid becomes a list to choose from, by name or code. Whatever is typed is sent as it is.

import { Problem, ask } from "./ask.js";
import { node } from "./dom.js";
import { word } from "./words.js";

const SHOWN = 12;
const PAUSE_MS = 200;
let fields = 0;

class GridField {
  constructor(code) {
    this.code = code;
    this.list = node("ul", { role: "listbox", id: `grid-list-${(fields += 1)}`, class: "grid-list", hidden: "" });
    this.input = node("input", {
      type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", maxlength: code.maxLength,
      placeholder: code.placeholder || null, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id,
    });
    this.input.required = code.required;
    this.input.value = code.value;
    code.required = false;
    code.type = "hidden";
    code.after(this.input, this.list);
    code.closest("label").classList.add("grid-field");
    code.addEventListener("change", () => this.name());
    this.input.addEventListener("input", () => this.#typed());
    this.input.addEventListener("focus", () => this.#search());
    this.input.addEventListener("blur", () => this.#close());
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.#clicked(event));
    this.name();
  }

  // Shows the name of the grid whose code the field holds.
  async name() {
    this.input.value = this.code.value;
    if (!this.code.value) return;
    const found = await asked(`/api/v1/grids/${encodeURIComponent(this.code.value)}`);
    if (found && this.input.value === found.properties.code) this.input.value = `${found.properties.name} ${found.properties.code}`;
  }

  #typed() {
    this.code.value = this.input.value.trim();
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.#search(), PAUSE_MS);
  }

  async #search() {
    const { may } = this.code.dataset;
    const text = this.code.value;
    const found = await asked("/api/v1/grids", { geometry: false, limit: SHOWN, ...(may && { may }), ...(text && { q: text }) });
    if (!found || text !== this.code.value || document.activeElement !== this.input) return;
    const marked = this.marked?.dataset.code;
    const options = found.features.map((grid, place) => this.#option(grid.properties, place));
    this.list.replaceChildren(...(options.length ? options : [nothing()]));
    this.#open(true);
    this.#mark(options.find(({ dataset }) => dataset.code === marked) ?? null);
  }

  #option({ code, name, level }, place) {
    return node("li", { role: "option", id: `${this.list.id}-${place}`, "aria-selected": "false", "data-code": code, "data-name": name },
      node("span", {}, name), node("span", { class: "small soft" }, `${word(`level.${level}`)} ${code}`));
  }

  #open(is) {
    this.list.hidden = !is;
    this.input.setAttribute("aria-expanded", String(is));
  }

  #close() {
    clearTimeout(this.pause);
    this.#open(false);
    this.#mark(null);
  }

  #mark(option) {
    this.marked?.setAttribute("aria-selected", "false");
    this.marked = option;
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  #choose({ dataset }) {
    this.code.value = dataset.code;
    this.input.value = `${dataset.name} ${dataset.code}`;
    this.#close();
  }

  #clicked({ target }) {
    const option = target.closest("[role=option]");
    if (option) this.#choose(option);
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      const options = [...this.list.querySelectorAll("[role=option]")];
      if (this.list.hidden) this.#search();
      else if (options.length) this.#mark(options.at((options.indexOf(this.marked) + (this.marked || step > 0 ? step : 0)) % options.length));
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.#close();
    } else if (event.key === "Enter" && this.marked) {
      event.preventDefault();
      this.#choose(this.marked);
    }
  }
}

function nothing() {
  return node("li", { class: "small soft" }, word("grid_field.none"));
}

// What can't be listed can still be typed.
async function asked(path, parameters) {
  return ask(path, parameters).catch((failure) => {
    if (failure instanceof Problem) return null;
    throw failure;
  });
}

export function enhance(code) {
  return new GridField(code);
}

for (const code of document.querySelectorAll("input.grid-code")) enhance(code);
