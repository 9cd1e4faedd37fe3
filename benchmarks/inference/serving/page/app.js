// The page: photos in, one request after the other, and a table of what is right.

import { Photo } from "./photo.js";
import { namedTwice, tableOf } from "./table.js";

const AT_ONCE = 2, PATIENCE = 20;
const at = (id) => document.getElementById(id);
const later = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
const plural = (count, word) => `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`;

let photos = [], waiting = [], under_way = 0, pasted = 0, limits = null;

// --- Asking the service ---

const token = () => sessionStorage.getItem("token");

const askForToken = () => new Promise((done) => {
  at("asking").querySelector("form").onsubmit = (event) => {
    event.preventDefault();
    sessionStorage.setItem("token", at("token").value.trim());
    at("token").value = "";
    at("asking").close();
    done();
  };
  at("asking").oncancel = (event) => event.preventDefault();
  if (!at("asking").open) at("asking").showModal();
});
let asking = null;

const call = async (path, file) => {
  for (let tries = 1; ; tries += 1) {
    const used = token();
    const request = { headers: used ? { Authorization: `Bearer ${used}` } : {} };
    if (file) {
      request.method = "POST";
      request.body = new FormData();
      request.body.append("file", file, file.name || "photo");
    }
    let response;
    try {
      response = await fetch(path, request);
    } catch {
      throw Object.assign(new Error("the service does not answer"), { passing: true });
    }
    if (response.status === 401) {
      if (token() === used) {
        asking ??= askForToken().finally(() => { asking = null; });
        await asking;
      }
      continue;
    }
    if ((response.status === 429 || response.status === 503) && tries < PATIENCE) {
      await later(Number(response.headers.get("Retry-After")) || 1);
      continue;
    }
    const told = await response.json().catch(() => ({}));
    if (response.ok) return told;
    const passing = [408, 429, 500, 503].includes(response.status);
    throw Object.assign(new Error(told.error || `the service answers ${response.status}`), { passing });
  }
};

// --- Photos ---

const judge = async (photo) => {
  photo.wait("being looked at …");
  try {
    photo.judged(await call("api/predict", photo.file));
  } catch (error) {
    photo.fail(error.message, error.passing);
  }
};

const goOn = async () => {
  if (under_way >= AT_ONCE || !waiting.length) return;
  under_way += 1;
  await judge(waiting.shift());
  under_way -= 1;
  count();
  goOn();
};

const queue = (photo) => { photo.wait("waiting"); waiting.push(photo); goOn(); };

const explain = (photo, label) => call(`api/evidence?label=${encodeURIComponent(label)}`, photo.file);

const remove = (photo) => {
  photos = photos.filter((other) => other !== photo);
  waiting = waiting.filter((other) => other !== photo);
  URL.revokeObjectURL(photo.url);
  photo.card.remove();
  count();
};

const same = (file, name) => (photo) => photo.name === name && photo.file.size === file.size
  && photo.file.lastModified === file.lastModified;

const add = (files, fromClipboard = false) => {
  for (const file of files) {
    const kind = file.type.split("/")[1] || "png";
    const name = fromClipboard ? `pasted-${(pasted += 1)}.${kind}` : file.webkitRelativePath || file.name;
    if (photos.some(same(file, name))) continue;
    const photo = new Photo(file, name, { changed: count, explain, again: queue, remove });
    photos.push(photo);
    at("photos").append(photo.card);
    if (fromClipboard) photo.keepable();
    if (limits && file.size > 1e6 * limits.megabytes)
      photo.fail(`larger than ${limits.megabytes} MB`, false);
    else queue(photo);
  }
  count();
};

// --- The table ---

const checked = () => photos.filter((photo) => photo.answer && photo.checked);

const count = () => {
  const right = checked(), open = photos.filter((photo) => !photo.answer && !photo.card.classList.contains("failed"));
  const twice = namedTwice(right);
  at("bar").hidden = !photos.length;
  at("download").disabled = !right.length || twice.length > 0;
  at("count").textContent = twice.length
    ? `Two of the checked photos are called ${twice[0]}: remove one`
    : [
      open.length ? `${photos.length - open.length} of ${plural(photos.length, "photo")} done` : plural(photos.length, "photo"),
      right.length ? `${right.length} checked` : "check or correct some for a table",
    ].join(", ");
};

const download = () => {
  const text = tableOf(checked());
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = "labels.csv";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
};

// --- What people do ---

at("choose").addEventListener("click", () => at("files").click());
at("files").addEventListener("change", () => { add(at("files").files); at("files").value = ""; });
at("download").addEventListener("click", download);
at("clear").addEventListener("click", () => { for (const photo of [...photos]) remove(photo); });
addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
  if (files.length) { event.preventDefault(); add(files, true); }
});
addEventListener("dragover", (event) => { event.preventDefault(); at("drop").classList.add("over"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) at("drop").classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  at("drop").classList.remove("over");
  add(event.dataTransfer.files);
});

const root = document.documentElement;
const paint = (dark) => {
  root.dataset.theme = dark ? "dark" : "light";
  at("theme").textContent = dark ? "Light theme" : "Dark theme";
};
at("theme").addEventListener("click", () => paint(root.dataset.theme !== "dark"));
const dark = matchMedia("(prefers-color-scheme: dark)");
dark.addEventListener("change", () => paint(dark.matches));
paint(dark.matches);

// --- The model ---

try {
  const about = await call("api/model");
  limits = about.limits;
  document.title = `${about.name} · catnocat`;
  at("about").textContent = `${about.name}: ${plural(about.labels.length, "label")}, by ${about.model.method}`;
  at("limits").textContent = `Up to ${limits.megabytes} MB and ${limits.megapixels} megapixels each. Photos go to this service only, which keeps none.`;
} catch (error) {
  at("trouble").textContent = `There is no model to ask: ${error.message}. Reload the page to try again.`;
  at("trouble").hidden = false;
}
