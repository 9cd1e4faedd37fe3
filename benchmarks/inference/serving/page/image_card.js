// The card of one image: its predicted labels, their corrections, and attribution maps.

import { drawHeatmap } from "./heatmap.js";

const TOP_LABELS = 5;

/** An image file with its card, prediction and corrections. */
export class ImageCard {
  constructor(file, name, { onChange, attribute, retry, remove }) {
    this.file = file;
    this.name = name;
    this.prediction = null;
    this.predicted = new Set();
    this.corrected = new Set();
    this.checked = false;
    this.showAll = false;
    this.url = URL.createObjectURL(file);
    this.callbacks = { onChange, attribute };
    this.card = document.getElementById("image-card").content.firstElementChild.cloneNode(true);
    this.element("h2").textContent = name;
    this.element("img").alt = name;
    this.element("img").src = this.url;
    this.element("img").addEventListener("error", () => { this.element("img").hidden = true; });
    this.onClick(".more", () => { this.showAll = !this.showAll; this.render(); });
    this.onClick(".confirm", () => { this.checked = !this.checked; this.render(); onChange(); });
    this.onClick(".reset", () => { this.corrected = new Set(this.predicted); this.checked = false; this.render(); onChange(); });
    this.onClick(".retry", () => retry(this));
    this.onClick(".remove", () => remove(this));
  }

  element(selector) { return this.card.querySelector(selector); }

  onClick(selector, action) { this.element(selector).addEventListener("click", action); }

  /** Whether the user changed the predicted labels. */
  get hasCorrections() {
    return this.predicted.size !== this.corrected.size || [...this.predicted].some((label) => !this.corrected.has(label));
  }

  /** The labels after corrections, in the order of the model's labels. */
  get labels() { return Object.keys(this.prediction.probabilities).filter((label) => this.corrected.has(label)); }

  setState(text) {
    this.card.classList.remove("failed");
    this.element(".retry").hidden = true;
    this.element(".state").hidden = false;
    this.element(".state").textContent = text;
  }

  setError(reason, canRetry) {
    this.setState(reason);
    this.card.classList.add("failed");
    this.element(".retry").hidden = !canRetry;
  }

  setPrediction(prediction) {
    this.prediction = prediction;
    this.predicted = new Set(prediction.labels);
    this.corrected = new Set(prediction.labels);
    this.render();
  }

  showDownloadLink() {
    const link = this.element(".save");
    link.href = this.url;
    link.download = this.name;
    link.hidden = false;
  }

  render() {
    const ranked = Object.entries(this.prediction.probabilities).sort((a, b) => b[1] - a[1]);
    const visible = ranked.filter(([label], rank) =>
      this.showAll || rank < TOP_LABELS || this.predicted.has(label) || this.corrected.has(label));
    const rows = new Map([...this.element(".labels").children].map((row) => [row.dataset.label, row]));
    this.element(".labels").replaceChildren(
      ...visible.map(([label, probability]) => this.updateRow(rows.get(label) || this.createRow(label, probability), label)));
    this.element(".state").hidden = this.corrected.size > 0;
    this.element(".state").textContent = "no label";
    this.element(".more").hidden = ranked.length <= TOP_LABELS;
    this.element(".more").textContent = this.showAll ? "Fewer labels" : `All ${ranked.length} labels`;
    this.element(".confirm").hidden = this.hasCorrections;
    this.element(".confirm").setAttribute("aria-pressed", this.checked);
    this.element(".reset").hidden = !this.hasCorrections;
    this.card.classList.toggle("checked", this.checked);
  }

  createRow(label, probability) {
    const row = document.getElementById("label-row").content.firstElementChild.cloneNode(true);
    const checkbox = row.querySelector("input"), button = row.querySelector("button");
    row.dataset.label = label;
    row.querySelector(".name").textContent = label;
    row.querySelector(".probability").textContent = `${(100 * probability).toFixed(probability < 0.1 ? 1 : 0)} %`;
    row.querySelector(".fill").style.width = `${100 * probability}%`;
    checkbox.setAttribute("aria-label", `${label} is in the image`);
    button.title = `Show where the evidence for ${label} is`;
    checkbox.addEventListener("change", () => {
      this.corrected[checkbox.checked ? "add" : "delete"](label);
      this.checked = true;
      this.render();
      this.callbacks.onChange();
    });
    button.addEventListener("click", () => this.toggleHeatmap(label, button));
    return row;
  }

  updateRow(row, label) {
    row.querySelector("input").checked = this.corrected.has(label);
    row.classList.toggle("present", this.corrected.has(label));
    row.classList.toggle("changed", this.corrected.has(label) !== this.predicted.has(label));
    return row;
  }

  async toggleHeatmap(label, button) {
    const caption = this.element("figcaption"), wasShown = button.getAttribute("aria-pressed") === "true";
    for (const other of this.card.querySelectorAll(".labels button")) other.setAttribute("aria-pressed", "false");
    this.element("canvas").hidden = this.element(".peak").hidden = true;
    caption.textContent = "";
    this.requestedLabel = wasShown ? null : label;
    if (wasShown) return;
    button.setAttribute("aria-pressed", "true");
    caption.textContent = `Computing the evidence for ${label} …`;
    try {
      const attribution = await this.callbacks.attribute(this, label);
      if (this.requestedLabel !== label) return;  // another label was clicked meanwhile
      if (!drawHeatmap(this.element("canvas"), attribution.map)) {
        caption.textContent = `No evidence for ${label} in the image (${attribution.method}).`;
        return;
      }
      this.element(".peak").style.left = `${100 * attribution.peak.x}%`;
      this.element(".peak").style.top = `${100 * attribution.peak.y}%`;
      this.element("canvas").hidden = this.element(".peak").hidden = false;
      caption.textContent = `Bright: evidence for ${label} (${attribution.method}); ring: its maximum.`;
    } catch (error) {
      if (this.requestedLabel === label) caption.textContent = error.message;
    }
  }
}
