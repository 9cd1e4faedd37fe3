// The label table that `catnocat bench` reads: image,labels with the labels joined by |.

export const SEPARATOR = "|";

const quoted = (cell) => /[",\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell;

/** Give the text of a table of photos, {name, labels} each. */
export const tableOf = (photos) =>
  ["image,labels", ...photos.map(({ name, labels }) => [name, labels.join(SEPARATOR)].map(quoted).join(","))]
    .map((line) => `${line}\n`)
    .join("");

/** Give the names that more than one of some photos have. */
export const namedTwice = (photos) => {
  const seen = new Set();
  return [...new Set(photos.map(({ name }) => name).filter((name) => seen.has(name) || !seen.add(name)))];
};
