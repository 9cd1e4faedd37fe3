// The label table that `catnocat bench` reads: image,labels with the labels joined by |, or as JSON lists where a name
// could be taken for several labels.

export const SEPARATOR = "|";

const quoted = (cell) => /[",\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell;

const looksJoined = (label) => /[\s,;#/+_&[\]{}()-]/.test(label);
const reserved = new Set(["na", "n/a", "<na>", "nan", "null", "none"]);

/** Return how the labels of a photo are written in a cell. */
const cellOf = (photos) => {
  const single = photos.every(({ labels }) => labels.length < 2);
  const unclear = photos.some(({ labels }) =>
    (single && labels.some(looksJoined)) || labels.some((label) => /^[[{(]/.test(label) || reserved.has(label.toLowerCase())));
  return unclear ? JSON.stringify : (labels) => labels.join(SEPARATOR);
};

/** Return the text of a table of photos, {name, labels} each. */
export const tableOf = (photos) => {
  const cell = cellOf(photos);
  return ["image,labels", ...photos.map(({ name, labels }) => [name, cell(labels)].map(quoted).join(","))]
    .map((line) => `${line}\n`)
    .join("");
};

/** Give the names that more than one of some photos have. */
export const namedTwice = (photos) => {
  const seen = new Set();
  return [...new Set(photos.map(({ name }) => name).filter((name) => seen.has(name) || !seen.add(name)))];
};
