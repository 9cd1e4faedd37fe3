"use strict";
(() => {
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  const isDark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const name = () => { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("catnocat-theme", root.dataset.theme); } catch { /* for this visit only */ }
    name();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", name);
  theme.hidden = false;
  name();

  const compare = (a, b) => typeof a === "number" && typeof b === "number"
    ? a - b
    : String(a).localeCompare(String(b));
  const value = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };

  function sortable(table) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    table.tHead.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      const head = button.closest("th");
      // The first click shows the best figure on top.
      const first = head.dataset.first || "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      for (const th of table.tHead.rows[0].cells) if (th.hasAttribute("aria-sort")) th.setAttribute("aria-sort", "none");
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      rows.sort((a, b) => {
        const x = value(a, head.cellIndex), y = value(b, head.cellIndex);
        if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;  // without a figure: last
        return sign * compare(x, y);
      });
      body.append(...rows);
    });
    return rows;
  }

  function filterable(section, table, rows) {
    const control = (name) => section.querySelector(`.controls .${name}`);
    const search = control("search"), kind = control("kind"), verdict = control("verdict");
    const filter = () => {
      const words = search.value.trim().toLowerCase();
      let count = 0;
      for (const row of rows) {
        const fits = row.dataset.words.includes(words)
          && (!kind.value || row.dataset.kind === kind.value)
          && (!verdict.value || row.dataset.verdicts.split(" ").includes(verdict.value));
        row.hidden = !fits;
        count += fits && row.dataset.kind !== "baseline";
      }
      const methods = rows.filter((row) => row.dataset.kind !== "baseline");
      control("shown").textContent = `${count} of ${methods.length} methods`;
    };
    for (const each of [search, kind, verdict]) each.addEventListener("input", filter);
    filter();

    const columns = control("columns");
    const select = () => {
      for (const cell of table.querySelectorAll("[data-group]"))
        cell.hidden = !(columns.value === "all" || cell.dataset.group === columns.value
          || (columns.value === "main" && "main" in cell.dataset));
    };
    columns.addEventListener("input", select);
    select();
    const intervals = control("intervals");
    intervals.addEventListener("input", () => table.classList.toggle("bare", !intervals.checked));
  }

  // Shows one of several figures, by the value of a control.
  function choosable(choice, figures, key) {
    const pick = () => { for (const figure of figures) figure.hidden = figure.dataset[key] !== choice.value; };
    choice.addEventListener("input", pick);
    pick();
  }

  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  function gallery(part) {
    const items = [...part.querySelectorAll("li")];
    const probabilities = JSON.parse(part.querySelector("script").textContent);
    const label = part.querySelector(".label"), kind = part.querySelector(".error-kind");
    const filter = () => {
      let count = 0;
      for (const item of items) {
        const fits = (label.value ? item.dataset.label === label.value : "overall" in item.dataset)
          && (!kind.value || item.dataset.kind === kind.value);
        item.hidden = !fits;
        count += fits;
      }
      part.querySelector(".shown").textContent = `${count} shown`;
    };
    for (const each of [label, kind]) each.addEventListener("input", filter);
    filter();

    const dialog = element("dialog", undefined, "error");
    part.append(dialog);
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    const show = (item) => {
      const close = element("button", "Close");
      close.type = "button";
      close.addEventListener("click", () => dialog.close());
      const box = element("div");
      const button = item.querySelector("button");
      const heading = element("h3");
      heading.append(...button.querySelector(".what").cloneNode(true).childNodes);
      const image = button.firstElementChild.cloneNode(true);
      const table = element("table");
      table.append(element("caption", `Probability of the label ${item.dataset.label} by each method, and whether the prediction is correct`));
      const body = table.createTBody();
      for (const [method, p, right] of probabilities[items.indexOf(item)]) {
        const row = body.insertRow();
        const th = element("th", method);
        th.scope = "row";
        const meter = element("td", undefined, "meter");
        const bar = element("span");
        bar.style.inlineSize = `${100 * Math.min(1, Math.max(0, p))}%`;
        meter.append(bar);
        row.append(th, meter, element("td", `${Math.round(100 * p)} %`, "figure"), element("td", right ? "✓ correct" : "✗ wrong", right ? "better" : "worse"));
      }
      box.append(image, heading, button.querySelector(".note").cloneNode(true), table, close);
      dialog.setAttribute("aria-label", heading.textContent.trim());
      dialog.replaceChildren(box);
      dialog.showModal();
    };
    part.querySelector("ul").addEventListener("click", (event) => {
      const item = event.target.closest("button")?.closest("li");
      if (item) show(item);
    });
  }

  for (const table of document.querySelectorAll("table.sortable")) sortable(table);
  for (const table of document.querySelectorAll("table.methods")) filterable(table.closest("section"), table, sortable(table));
  for (const choice of document.querySelectorAll("select.metric"))
    choosable(choice, choice.closest("section").querySelectorAll("[data-metric]"), "metric");
  for (const part of document.querySelectorAll(".gallery")) gallery(part);
  for (const control of document.querySelectorAll(".controls")) control.hidden = false;
  // A link into a collapsed part expands it.
  const unfold = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
})();
