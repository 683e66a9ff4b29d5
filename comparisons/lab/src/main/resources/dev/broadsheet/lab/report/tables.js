// Sorting: by the exact value of the cell, by text in the first column. Bounds keep their places.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  const key = (row, column) => {
    if (column === 0) return row.cells[0].textContent.trim();
    const exact = row.cells[column].dataset.v;
    return exact === "" ? NaN : Number(exact);
  };
  const compare = (a, b) => {
    if (typeof a === "string") return a < b ? -1 : a > b ? 1 : 0;
    return Number.isNaN(a) - Number.isNaN(b) || (Number.isNaN(a) ? 0 : a - b);
  };
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const now = head.getAttribute("aria-sort");
    const order = now === "none" ? head.dataset.first ?? "ascending" : now === "ascending" ? "descending" : "ascending";
    heads.forEach((h) => h.setAttribute("aria-sort", h === head ? order : "none"));
    const sign = order === "ascending" ? 1 : -1;
    const rows = [...body.rows];
    const sorted = rows.filter((row) => !row.classList.contains("bound"))
      .sort((a, b) => sign * compare(key(a, column), key(b, column)));
    body.append(...rows.map((row) => row.classList.contains("bound") ? row : sorted.shift()));
  }));
}
