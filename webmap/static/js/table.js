// Sorts a table by the column whose heading is pressed, and shows the grid of a row on the map.

const COLLATOR = new Intl.Collator(document.documentElement.lang, { numeric: true });

function valueOf(row, column) {
  const cell = row.cells[column];
  return cell.dataset.value === undefined ? cell.textContent.trim() : cell.dataset.value;
}

function compare(column, isNumber) {
  return (one, other) => {
    const [left, right] = [valueOf(one, column), valueOf(other, column)];
    return isNumber ? Number(left) - Number(right) : COLLATOR.compare(left, right);
  };
}

export function sortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  for (const heading of headings) {
    heading.querySelector("button")?.addEventListener("click", () => {
      const direction = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", direction);
      const rows = [...table.tBodies[0].rows].sort(compare(heading.cellIndex, heading.classList.contains("number")));
      table.tBodies[0].append(...(direction === "ascending" ? rows : rows.reverse()));
    });
  }
}

export function selectable(table, onSelect) {
  table.tBodies[0].addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-code]");
    if (!row) return;
    mark(table, row.dataset.code);
    onSelect(row.dataset.code);
  });
}

export function mark(table, code) {
  for (const row of table.tBodies[0].rows) {
    const isChosen = row.dataset.code === code;
    row.querySelector("button.show").setAttribute("aria-pressed", String(isChosen));
    if (isChosen) row.scrollIntoView({ block: "nearest" });
  }
}
