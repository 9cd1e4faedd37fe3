// The page: images are predicted one by one, corrected, and downloaded as a label table.

import { ImageCard } from "./image_card.js";
import { duplicateNames, labelTable } from "./label_table.js";

const MAX_PARALLEL = 2, MAX_TRIES = 20;
const byId = (id) => document.getElementById(id);
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
const pluralize = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

let cards = [], waiting = [], running = 0, pasted = 0, limits = null;

// --- Requests ---

const token = () => sessionStorage.getItem("token");

const askForToken = () => new Promise((resolve) => {
  byId("token-dialog").querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    sessionStorage.setItem("token", byId("token").value.trim());
    byId("token").value = "";
    byId("token-dialog").close();
    resolve();
  };
  byId("token-dialog").oncancel = (event) => event.preventDefault();
  if (!byId("token-dialog").open) byId("token-dialog").showModal();
});
let tokenDialog = null;

const request = async (path, file) => {
  for (let tries = 1; ; tries += 1) {
    const sentToken = token();
    const options = { headers: sentToken ? { Authorization: `Bearer ${sentToken}` } : {} };
    if (file) {
      options.method = "POST";
      options.body = new FormData();
      options.body.append("file", file, file.name || "image");
    }
    let response;
    try {
      response = await fetch(path, options);
    } catch {
      throw Object.assign(new Error("the service does not respond"), { canRetry: true });
    }
    if (response.status === 401) {
      if (token() === sentToken) {
        tokenDialog ??= askForToken().finally(() => { tokenDialog = null; });
        await tokenDialog;
      }
      continue;
    }
    if ((response.status === 429 || response.status === 503) && tries < MAX_TRIES) {
      await sleep(Number(response.headers.get("Retry-After")) || 1);
      continue;
    }
    const content = await response.json().catch(() => ({}));
    if (response.ok) return content;
    const canRetry = [408, 429, 500, 503].includes(response.status);
    throw Object.assign(new Error(content.error || `the service returned status ${response.status}`), { canRetry });
  }
};

// --- Images ---

const predict = async (card) => {
  card.setState("predicting …");
  try {
    card.setPrediction(await request("api/predict", card.file));
  } catch (error) {
    card.setError(error.message, error.canRetry);
  }
};

const runNext = async () => {
  if (running >= MAX_PARALLEL || !waiting.length) return;
  running += 1;
  await predict(waiting.shift());
  running -= 1;
  updateBar();
  runNext();
};

const enqueue = (card) => { card.setState("waiting"); waiting.push(card); runNext(); };

const attribute = (card, label) => request(`api/attribution?label=${encodeURIComponent(label)}`, card.file);

const remove = (card) => {
  cards = cards.filter((other) => other !== card);
  waiting = waiting.filter((other) => other !== card);
  URL.revokeObjectURL(card.url);
  card.card.remove();
  updateBar();
};

const isSameFile = (file, name) => (card) => card.name === name && card.file.size === file.size
  && card.file.lastModified === file.lastModified;

const add = (files, fromClipboard = false) => {
  for (const file of files) {
    const extension = file.type.split("/")[1] || "png";
    const name = fromClipboard ? `pasted-${(pasted += 1)}.${extension}` : file.webkitRelativePath || file.name;
    if (cards.some(isSameFile(file, name))) continue;
    const card = new ImageCard(file, name, { onChange: updateBar, attribute, retry: enqueue, remove });
    cards.push(card);
    byId("images").append(card.card);
    if (fromClipboard) card.showDownloadLink();
    if (limits && file.size > 1e6 * limits.megabytes)
      card.setError(`larger than ${limits.megabytes} MB`, false);
    else enqueue(card);
  }
  updateBar();
};

// --- The label table ---

const checkedCards = () => cards.filter((card) => card.prediction && card.checked);

const updateBar = () => {
  const checked = checkedCards();
  const pending = cards.filter((card) => !card.prediction && !card.card.classList.contains("failed"));
  const duplicates = duplicateNames(checked);
  byId("bar").hidden = !cards.length;
  byId("download").disabled = !checked.length || duplicates.length > 0;
  byId("count").textContent = duplicates.length
    ? `Two checked images are named ${duplicates[0]}: remove one`
    : [
      pending.length
        ? `${cards.length - pending.length} of ${pluralize(cards.length, "image")} done`
        : pluralize(cards.length, "image"),
      checked.length ? `${checked.length} checked` : "confirm or correct labels for a table",
    ].join(", ");
};

const download = () => {
  const text = labelTable(checkedCards());
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = "labels.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

// --- Events ---

byId("choose").addEventListener("click", () => byId("files").click());
byId("files").addEventListener("change", () => { add(byId("files").files); byId("files").value = ""; });
byId("download").addEventListener("click", download);
byId("clear").addEventListener("click", () => { for (const card of [...cards]) remove(card); });
addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
  if (files.length) { event.preventDefault(); add(files, true); }
});
addEventListener("dragover", (event) => { event.preventDefault(); byId("drop").classList.add("over"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) byId("drop").classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  byId("drop").classList.remove("over");
  add(event.dataTransfer.files);
});

const root = document.documentElement;
const setTheme = (dark) => {
  root.dataset.theme = dark ? "dark" : "light";
  byId("theme").textContent = dark ? "Light theme" : "Dark theme";
};
byId("theme").addEventListener("click", () => setTheme(root.dataset.theme !== "dark"));
const prefersDark = matchMedia("(prefers-color-scheme: dark)");
prefersDark.addEventListener("change", () => setTheme(prefersDark.matches));
setTheme(prefersDark.matches);

// --- The model ---

try {
  const info = await request("api/model");
  limits = info.limits;
  document.title = `${info.name} · catnocat`;
  byId("about").textContent = `${info.name}: ${pluralize(info.labels.length, "label")}, method ${info.model.method}`;
  byId("limits").textContent = `Up to ${limits.megabytes} MB and ${limits.megapixels} megapixels each. Images are sent to this service only and are not stored.`;
} catch (error) {
  byId("error").textContent = `The model is not available: ${error.message}. Reload the page to try again.`;
  byId("error").hidden = false;
}
