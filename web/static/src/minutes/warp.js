// Pulls a sheet flat: each pixel of the page is taken from the photograph at the place where perspective has put it.
// Works through the page in strips, so that no copy of the whole photograph is needed.
const STRIP = 96; // px of the page at a time
const PHASES = 64; // between two pixels of the photograph
const TAPS = cubicTaps();

/** From the unit square to four corners [[x, y] × 4], clockwise from the upper left: (u, v) -> [x, y]. */
export function perspective([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]) {
  const [dx1, dx2, dx3] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, dy3] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const scale = dx1 * dy2 - dx2 * dy1;
  const g = (dx3 * dy2 - dx2 * dy3) / scale;
  const h = (dx1 * dy3 - dx3 * dy1) / scale;
  const [a, b, c] = [x1 - x0 + g * x1, x3 - x0 + h * x3, x0];
  const [d, e, f] = [y1 - y0 + g * y1, y3 - y0 + h * y3, y0];
  return (u, v) => {
    const depth = g * u + h * v + 1;
    return [(a * u + b * v + c) / depth, (d * u + e * v + f) / depth];
  };
}

/** Draws into `page` (a 2D context, width × height) what `at(u, v)` finds in `photo` (another): u and v are shares of
 *  the page, what is found are px of the photograph. */
export function pull(photo, page, { width, height, at }) {
  for (let top = 0; top < height; top += STRIP) {
    const rows = Math.min(STRIP, height - top);
    const place = (x, y) => at((x + 0.5) / width, (top + y + 0.5) / height);
    const box = around([place(0, 0), place(width - 1, 0), place(0, rows - 1), place(width - 1, rows - 1)], photo.canvas);
    const from = photo.getImageData(box.x, box.y, box.width, box.height);
    const to = page.createImageData(width, rows);
    fillStrip(from, to, box, place);
    page.putImageData(to, 0, top);
  }
}

/** The part of the photograph that a strip needs, never empty, never outside. */
function around(points, { width, height }) {
  const within = (value, most) => Math.min(Math.max(Math.floor(value), 0), most);
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const x = within(Math.min(...xs) - 3, width - 1);
  const y = within(Math.min(...ys) - 3, height - 1);
  const right = within(Math.max(...xs) + 3, width - 1);
  const bottom = within(Math.max(...ys) + 3, height - 1);
  return { x, y, width: right - x + 1, height: bottom - y + 1 };
}

function fillStrip(from, to, box, place) {
  for (let y = 0, into = 0; y < to.height; y++) {
    for (let x = 0; x < to.width; x++, into += 4) {
      const [px, py] = place(x, y);
      pick(from, px - 0.5 - box.x, py - 0.5 - box.y, to.data, into);
    }
  }
}

/** One pixel, weighed together from the sixteen around it; beyond the edge the edge goes on. */
function pick({ data, width, height }, x, y, to, into) {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const across = Math.floor((x - left) * PHASES) * 4;
  const down = Math.floor((y - top) * PHASES) * 4;
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let j = 0; j < 4; j++) {
    const row = clamp(top - 1 + j, height - 1) * width;
    for (let i = 0; i < 4; i++) {
      const at = (row + clamp(left - 1 + i, width - 1)) * 4;
      const weight = TAPS[down + j] * TAPS[across + i];
      red += weight * data[at];
      green += weight * data[at + 1];
      blue += weight * data[at + 2];
    }
  }
  to[into] = red;
  to[into + 1] = green;
  to[into + 2] = blue;
  to[into + 3] = 255;
}

const clamp = (value, most) => (value < 0 ? 0 : value > most ? most : value);

/** Catmull-Rom weights of the four neighbours for each phase between the middle two. */
function cubicTaps() {
  const taps = new Float32Array(PHASES * 4);
  for (let phase = 0; phase < PHASES; phase++) {
    const t = (phase + 0.5) / PHASES;
    taps[phase * 4] = (-t + 2 * t * t - t ** 3) / 2;
    taps[phase * 4 + 1] = (2 - 5 * t * t + 3 * t ** 3) / 2;
    taps[phase * 4 + 2] = (t + 4 * t * t - 3 * t ** 3) / 2;
    taps[phase * 4 + 3] = (-t * t + t ** 3) / 2;
  }
  return taps;
}
