// The label table that `catnocat bench` reads: image,labels with the labels joined by |, or as JSON lists where a name
// could be taken for several labels.

export const SEPARATOR = "|";

const quote = (cell) => /[",\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell;

const looksJoined = (label) => /[\s,;#/+_&[\]{}()-]/.test(label);
const RESERVED = new Set(["na", "n/a", "<na>", "nan", "null", "none"]);

/** Return the function that formats the labels of an image as a cell. */
const cellFormat = (images) => {
  const single = images.every(({ labels }) => labels.length < 2);
  const ambiguous = images.some(({ labels }) =>
    (single && labels.some(looksJoined)) || labels.some((label) => /^[[{(]/.test(label) || RESERVED.has(label.toLowerCase())));
  return ambiguous ? JSON.stringify : (labels) => labels.join(SEPARATOR);
};

/** Return the text of a table of images, {name, labels} each. */
export const labelTable = (images) => {
  const format = cellFormat(images);
  return ["image,labels", ...images.map(({ name, labels }) => [name, format(labels)].map(quote).join(","))]
    .map((line) => `${line}\n`)
    .join("");
};

/** Return the names that several images share. */
export const duplicateNames = (images) => {
  const seen = new Set();
  return [...new Set(images.map(({ name }) => name).filter((name) => seen.has(name) || !seen.add(name)))];
};
