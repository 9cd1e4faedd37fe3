"use strict";
(() => {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; name(); });
  theme.hidden = false;
  name();

  const table = document.getElementById("methods");
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  const compare = (a, b) => typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b));
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const head = button.closest("th");
    // The first click shows the best on top, whichever way is better.
    const first = head.dataset.first || "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    for (const th of table.tHead.rows[0].cells) if (th.hasAttribute("aria-sort")) th.setAttribute("aria-sort", "none");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    rows.sort((a, b) => {
      const x = value(a, head.cellIndex), y = value(b, head.cellIndex);
      if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;  // no figure: last
      return sign * compare(x, y);
    });
    body.append(...rows);
  });

  const search = document.getElementById("search"), kind = document.getElementById("kind");
  const verdict = document.getElementById("verdict"), shown = document.getElementById("shown");
  const filter = () => {
    const words = search.value.trim().toLowerCase();
    let count = 0;
    for (const row of rows) {
      const fits = row.dataset.words.includes(words)
        && (!kind.value || row.dataset.kind === kind.value)
        && (!verdict.value || row.dataset.verdicts.split(" ").includes(verdict.value));
      row.hidden = !fits;
      count += fits;
    }
    shown.textContent = `${count} of ${rows.length} methods`;
  };
  for (const control of [search, kind, verdict]) control.addEventListener("input", filter);
  filter();

  const columns = document.getElementById("columns");
  const select = () => {
    for (const cell of table.querySelectorAll("[data-group]"))
      cell.hidden = columns.value !== "all" && cell.dataset.group !== columns.value;
  };
  columns.addEventListener("input", select);
  select();
  for (const control of document.querySelectorAll(".controls")) control.hidden = false;

  const metric = document.getElementById("metric");
  if (metric) {
    const pick = () => {
      for (const figure of document.querySelectorAll("[data-metric]"))
        figure.hidden = figure.dataset.metric !== metric.value;
    };
    metric.addEventListener("input", pick);
    pick();
  }

  const dialog = document.getElementById("mistake");
  if (dialog) {
    const gallery = document.querySelector(".gallery");
    gallery.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      dialog.querySelector("div").replaceChildren(...button.closest("li").cloneNode(true).childNodes);
      dialog.querySelector("div button").replaceWith(dialog.querySelector("div button img"));
      dialog.showModal();
    });
    const which = document.getElementById("mistakes");
    which.addEventListener("input", () => {
      for (const item of gallery.children) item.hidden = Boolean(which.value) && item.dataset.kind !== which.value;
    });
  }
})();
