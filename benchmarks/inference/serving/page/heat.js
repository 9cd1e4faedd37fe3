// The evidence as light: the photo keeps its colours where the evidence is, and darkens elsewhere.

const DARKEST = 0.82;

/** Draw rows of numbers over a photo; the browser smooths between them. Say whether any is above 0. */
export const shine = (canvas, rows) => {
  const values = rows.flat();
  const high = Math.max(...values), low = Math.max(0, Math.min(...values));
  if (high <= 0) return false;
  canvas.height = rows.length;
  canvas.width = rows[0].length;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, place) => {
    picture.data[4 * place + 3] = 255 * DARKEST * (1 - (Math.max(value, low) - low) / (high - low || 1));
  });
  context.putImageData(picture, 0, 0);
  return true;
};
