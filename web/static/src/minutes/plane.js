// Small grey pictures {width, height, data} and the few operations that finding a sheet needs.

/** How bright each pixel is in its weakest colour: paper is bright in all three, tables seldom are. */
export function weakest({ width, height, data }) {
  const plane = { width, height, data: new Uint8Array(width * height) };
  for (let i = 0, at = 0; i < plane.data.length; i++, at += 4) {
    plane.data[i] = Math.min(data[at], data[at + 1], data[at + 2]);
  }
  return plane;
}

export const eroded = (plane, reach) => inverted(dilated(inverted(plane), reach));

/** Dark strokes narrower than 2 * reach disappear. */
export const closed = (plane, reach) => eroded(dilated(plane, reach), reach);
/** Bright parts narrower than 2 * reach disappear. */
export const opened = (plane, reach) => dilated(eroded(plane, reach), reach);

export function dilated({ width, height, data }, reach) {
  const across = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) line(data, across, y * width, 1, width, reach);
  const down = new Uint8Array(data.length);
  for (let x = 0; x < width; x++) line(across, down, x, width, height, reach);
  return { width, height, data: down };
}

function inverted({ width, height, data }) {
  const other = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) other[i] = 255 - data[i];
  return { width, height, data: other };
}

/** The brightest within `reach` of each place of one row or column, in doubling windows: log(reach) steps a pixel. */
function line(from, to, start, step, length, reach) {
  const row = new Uint8Array(length + 2 * reach);
  for (let i = 0; i < row.length; i++) {
    row[i] = from[start + step * Math.min(Math.max(i - reach, 0), length - 1)];
  }
  const window = 2 * reach + 1;
  let size = 1;
  for (; size * 2 <= window; size *= 2) {
    for (let i = 0; i + size < row.length; i++) if (row[i + size] > row[i]) row[i] = row[i + size];
  }
  for (let i = 0, at = start; i < length; i++, at += step) {
    const other = row[i + window - size];
    to[at] = other > row[i] ? other : row[i];
  }
}

/** The threshold between dark and bright that leaves the least spread on either side (Otsu). */
export function threshold({ data }) {
  const counts = histogram(data);
  let total = 0;
  for (let level = 0; level < 256; level++) total += level * counts[level];
  let below = 0;
  let sum = 0;
  let best = -1;
  let chosen = 127;
  for (let level = 0; level < 256; level++) {
    below += counts[level];
    sum += level * counts[level];
    const above = data.length - below;
    if (!below || !above) continue;
    const apart = below * above * (sum / below - (total - sum) / above) ** 2;
    if (apart > best) [best, chosen] = [apart, level];
  }
  return chosen;
}

export function histogram(data) {
  const counts = new Float64Array(256);
  for (const value of data) counts[value] += 1;
  return counts;
}

export function masked({ width, height, data }, test) {
  const mask = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) if (test(data[i], i)) mask[i] = 255;
  return { width, height, data: mask };
}

/** The largest connected part of a mask, and how many pixels it has. */
export function largestPart({ width, height, data }) {
  const labels = new Int32Array(data.length);
  const stack = new Int32Array(data.length);
  let best = { label: 0, size: 0 };
  let label = 0;
  for (let seed = 0; seed < data.length; seed++) {
    if (!data[seed] || labels[seed]) continue;
    label += 1;
    const size = fill(data, width, labels, stack, seed, label);
    if (size > best.size) best = { label, size };
  }
  const mask = masked({ width, height, data }, (_, i) => best.size > 0 && labels[i] === best.label);
  return { mask, size: best.size };
}

function fill(data, width, labels, stack, seed, label) {
  let top = 0;
  let size = 0;
  const visit = (at) => {
    if (!data[at] || labels[at]) return;
    labels[at] = label;
    stack[top++] = at;
  };
  visit(seed);
  while (top) {
    const at = stack[--top];
    const x = at % width;
    size += 1;
    if (x > 0) visit(at - 1);
    if (x < width - 1) visit(at + 1);
    if (at >= width) visit(at - width);
    if (at + width < data.length) visit(at + width);
  }
  return size;
}
