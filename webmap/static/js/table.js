// A table of grids that shows a page of its rows: found by name or code, sorted by a heading, printed whole.

import { node } from "./dom.js";
import { number, word } from "./words.js";

const COLLATOR = new Intl.Collator(document.documentElement.lang, { numeric: true });

export class GridTable {
  constructor(table, onSelect) {
    this.headings = [...table.tHead.rows[0].cells];
    this.body = table.tBodies[0];
    // The server shows the first page; the rest waits where nothing is laid out.
    this.size = this.body.rows.length;
    const rest = this.body.querySelector("template");
    this.rows = [...this.body.rows, ...(rest?.content.children ?? [])];
    this.found = this.rows;
    this.first = 0;
    this.marked = [];
    if (rest) {
      rest.remove();
      this.#page(table);
    }
    for (const heading of this.headings) heading.querySelector("button")?.addEventListener("click", () => this.#sort(heading));
    this.body.addEventListener("click", ({ target }) => {
      const row = target.closest("tr[data-code]");
      if (!row) return;
      this.mark(row.dataset.code);
      onSelect(row.dataset.code);
    });
    this.body.addEventListener("keydown", (event) => this.#key(event));
  }

  // Shows the rows of a grid as chosen, on whatever page they are.
  mark(code) {
    for (const row of this.marked) press(row, false);
    this.marked = this.rows.filter((row) => row.dataset.code === code);
    for (const row of this.marked) press(row, true);
    if (this.marked.length) this.#reveal(this.marked[0]);
  }

  #page(table) {
    this.search = node("input", { type: "search", autocomplete: "off", "aria-controls": table.id });
    this.told = node("span", { class: "small soft", role: "status" });
    this.back = node("button", { type: "button", class: "quiet", "aria-label": word("table.back") }, "‹");
    this.on = node("button", { type: "button", class: "quiet", "aria-label": word("table.on") }, "›");
    table.before(node("label", { class: "find" }, word("table.find"), this.search));
    table.after(node("nav", { class: "turning", "aria-label": word("table.pages") }, this.back, this.told, this.on));
    this.search.addEventListener("input", () => this.#find());
    this.back.addEventListener("click", () => this.#show(this.first - this.size));
    this.on.addEventListener("click", () => this.#show(this.first + this.size));
    window.addEventListener("beforeprint", () => this.body.replaceChildren(...this.found));
    window.addEventListener("afterprint", () => this.#show(this.first));
    this.#show(0);
  }

  #show(first) {
    this.first = first;
    const end = Math.min(first + this.size, this.found.length);
    this.body.replaceChildren(...this.found.slice(first, end));
    if (!this.search) return;
    this.back.disabled = first === 0;
    this.on.disabled = end === this.found.length;
    const fields = { first: number(first + 1), last: number(end), count: number(this.found.length) };
    this.told.textContent = this.found.length ? word("table.shown", fields) : word("table.none");
  }

  #find() {
    const wanted = this.search?.value.trim().toLowerCase() ?? "";
    this.found = this.rows.filter((row) => row.cells[0].textContent.toLowerCase().includes(wanted));
    this.#show(0);
  }

  #sort(heading) {
    const isUpwards = heading.getAttribute("aria-sort") !== "ascending";
    for (const other of this.headings) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", isUpwards ? "ascending" : "descending");
    const sorted = ordered(this.rows, heading);
    this.rows = isUpwards ? sorted : sorted.reverse();
    this.#find();
  }

  #reveal(row) {
    if (!this.found.includes(row)) {
      this.search.value = "";
      this.#find();
    }
    const at = this.found.indexOf(row);
    if (!row.isConnected) this.#show(at - (at % this.size));
    row.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = step && this.found[this.found.indexOf(event.target.closest("tr")) + step];
    if (!next) return;
    event.preventDefault();
    this.#reveal(next);
    next.querySelector("button.show").focus();
  }
}

function press(row, isChosen) {
  row.querySelector("button.show").setAttribute("aria-pressed", String(isChosen));
}

function ordered(rows, heading) {
  const isNumber = heading.classList.contains("number");
  const valued = rows.map((row) => [valueOf(row.cells[heading.cellIndex], isNumber), row]);
  const compare = isNumber ? ([one], [other]) => one - other : ([one], [other]) => COLLATOR.compare(one, other);
  return valued.sort(compare).map(([, row]) => row);
}

function valueOf(cell, isNumber) {
  const value = cell.dataset.value ?? cell.textContent.trim();
  return isNumber ? Number(value) : value;
}
