// One photo on the page: what the model says of it, where it sees that, and what is right.

import { shine } from "./heat.js";

const FEW = 5;

/** A photo, its card, and what is known of it. */
export class Photo {
  constructor(file, name, { changed, explain, again, remove }) {
    this.file = file;
    this.name = name;
    this.answer = null;
    this.said = new Set();  // by the model
    this.there = new Set();  // after corrections
    this.checked = false;
    this.everything = false;
    this.url = URL.createObjectURL(file);
    this.told = { changed, explain };
    this.card = document.getElementById("photo").content.firstElementChild.cloneNode(true);
    this.part("h2").textContent = name;
    this.part("img").alt = name;
    this.part("img").src = this.url;
    this.part("img").addEventListener("error", () => { this.part("img").hidden = true; });
    this.on(".more", () => { this.everything = !this.everything; this.show(); });
    this.on(".right", () => { this.checked = !this.checked; this.show(); changed(); });
    this.on(".undo", () => { this.there = new Set(this.said); this.checked = false; this.show(); changed(); });
    this.on(".again", () => again(this));
    this.on(".remove", () => remove(this));
  }

  part(selector) { return this.card.querySelector(selector); }

  on(selector, action) { this.part(selector).addEventListener("click", action); }

  /** Whether somebody changed what the model said. */
  get corrected() {
    return this.said.size !== this.there.size || [...this.said].some((label) => !this.there.has(label));
  }

  /** The labels that are right, in the order of the model's. */
  get labels() { return Object.keys(this.answer.probabilities).filter((label) => this.there.has(label)); }

  wait(text) {
    this.card.classList.remove("failed");
    this.part(".again").hidden = true;
    this.part(".state").hidden = false;
    this.part(".state").textContent = text;
  }

  fail(reason, worthAnotherTry) {
    this.wait(reason);
    this.card.classList.add("failed");
    this.part(".again").hidden = !worthAnotherTry;
  }

  judged(answer) {
    this.answer = answer;
    this.said = new Set(answer.labels);
    this.there = new Set(answer.labels);
    this.show();
  }

  keepable() {
    const link = this.part(".save");
    link.href = this.url;
    link.download = this.name;
    link.hidden = false;
  }

  show() {
    const ranked = Object.entries(this.answer.probabilities).sort((a, b) => b[1] - a[1]);
    const shown = ranked.filter(([label], place) =>
      this.everything || place < FEW || this.said.has(label) || this.there.has(label));
    const rows = new Map([...this.part(".labels").children].map((row) => [row.dataset.label, row]));
    this.part(".labels").replaceChildren(
      ...shown.map(([label, share]) => this.update(rows.get(label) || this.row(label, share), label)));
    this.part(".state").hidden = this.there.size > 0;
    this.part(".state").textContent = "none of the labels";
    this.part(".more").hidden = ranked.length <= FEW;
    this.part(".more").textContent = this.everything ? "Fewer labels" : `All ${ranked.length} labels`;
    this.part(".right").hidden = this.corrected;
    this.part(".right").setAttribute("aria-pressed", this.checked);
    this.part(".undo").hidden = !this.corrected;
    this.card.classList.toggle("checked", this.checked);
  }

  row(label, share) {
    const row = document.getElementById("label").content.firstElementChild.cloneNode(true);
    const tick = row.querySelector("input"), button = row.querySelector("button");
    row.dataset.label = label;
    row.querySelector(".name").textContent = label;
    row.querySelector(".share").textContent = `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
    row.querySelector(".fill").style.width = `${100 * share}%`;
    tick.setAttribute("aria-label", `${label} is in the photo`);
    button.title = `Where is the evidence for ${label}?`;
    tick.addEventListener("change", () => {
      this.there[tick.checked ? "add" : "delete"](label);
      this.checked = true;
      this.show();
      this.told.changed();
    });
    button.addEventListener("click", () => this.ask(label, button));
    return row;
  }

  update(row, label) {
    row.querySelector("input").checked = this.there.has(label);
    row.classList.toggle("there", this.there.has(label));
    row.classList.toggle("changed", this.there.has(label) !== this.said.has(label));
    return row;
  }

  async ask(label, button) {
    const caption = this.part("figcaption"), shown = button.getAttribute("aria-pressed") === "true";
    for (const other of this.card.querySelectorAll(".labels button")) other.setAttribute("aria-pressed", "false");
    this.part("canvas").hidden = this.part(".peak").hidden = true;
    caption.textContent = "";
    this.asked = shown ? null : label;
    if (shown) return;
    button.setAttribute("aria-pressed", "true");
    caption.textContent = `looking for ${label} …`;
    try {
      const found = await this.told.explain(this, label);
      if (this.asked !== label) return;  // another label was asked for meanwhile
      if (!shine(this.part("canvas"), found.map)) {
        caption.textContent = `Nothing in the photo speaks for ${label} (${found.how}).`;
        return;
      }
      this.part(".peak").style.left = `${100 * found.peak.x}%`;
      this.part(".peak").style.top = `${100 * found.peak.y}%`;
      this.part("canvas").hidden = this.part(".peak").hidden = false;
      caption.textContent = `Lit where the evidence for ${label} lies (${found.how}); the ring is where it is strongest.`;
    } catch (error) {
      if (this.asked === label) caption.textContent = error.message;
    }
  }
}
