// An attribution map over an image: places without evidence are darkened.

const MAX_DARKNESS = 0.82;

/** Draw rows of values on a canvas; the browser interpolates between them. Return whether any value is above 0. */
export const drawHeatmap = (canvas, rows) => {
  const values = rows.flat();
  const high = Math.max(...values), low = Math.max(0, Math.min(...values));
  if (high <= 0) return false;
  canvas.height = rows.length;
  canvas.width = rows[0].length;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(canvas.width, canvas.height);
  values.forEach((value, index) => {
    pixels.data[4 * index + 3] = 255 * MAX_DARKNESS * (1 - (Math.max(value, low) - low) / (high - low || 1));
  });
  context.putImageData(pixels, 0, 0);
  return true;
};
