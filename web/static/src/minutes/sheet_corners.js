// Finds the sheet of paper in a small picture: its four corners, in shares of width and height.
import { basin } from "./basin.js";
import { closed, dilated, eroded, largestPart, masked, opened, threshold, weakest } from "./plane.js";

export const SEARCH_SIDE = 640; // px of the long side of the picture in which the sheet is looked for
export const WHOLE = [[0, 0], [1, 0], [1, 1], [0, 1]]; // prettier-ignore
const TEXT_REACH = 6; // px: strokes up to twice as wide are writing, not the table
const LEAST_AREA = 0.2; // of the picture: anything smaller is not the page that was meant
const LEAST_FIT = 0.86; // of the four-cornered shape that the sheet fills
const LEAST_STEP = 10; // grey levels from the table up to the paper
const LEAST_EDGE = 0.7; // share of the outline that shows such a step
const FRAME = 3; // px: nearer to the picture's edge the outline is the picture's, not the sheet's

/** small: RGBA pixels {width, height, data}. -> {corners: [[x, y] × 4] clockwise from the upper left} or null. */
export function findSheet(small) {
  const paper = closed(weakest(small), TEXT_REACH);
  const level = threshold(paper);
  const bright = masked(paper, (value) => value > level);
  const masks = [bright, basin(paper, bright, 4 * TEXT_REACH)];
  const found = masks.map((mask) => mask && judged(mask, paper)).filter(Boolean);
  found.sort((one, other) => other.worth - one.worth);
  return found[0] ?? null;
}

function judged(mask, paper) {
  const { width, height } = paper;
  const sheet = largestPart(opened(mask, TEXT_REACH));
  if (sheet.size < LEAST_AREA * width * height) return null;
  const rim = outline(sheet.mask);
  const four = widest(hull(rim));
  if (!four || sheet.size < LEAST_FIT * area(four)) return null;
  const seen = rim.filter(([x, y]) => x > FRAME && y > FRAME && x < width - 1 - FRAME && y < height - 1 - FRAME);
  if (seen.length < 0.25 * rim.length) return null;
  const edge = stepShare(seen, sheet.mask, paper);
  if (edge < LEAST_EDGE) return null;
  const corners = clockwise(four).map(([x, y]) => [(x + 0.5) / width, (y + 0.5) / height]);
  return { corners, worth: (edge * sheet.size) / (width * height) };
}

function outline({ width, height, data }) {
  const rim = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (!data[at]) continue;
      const edge = x === 0 || y === 0 || x === width - 1 || y === height - 1;
      if (edge || !data[at - 1] || !data[at + 1] || !data[at - width] || !data[at + width]) rim.push([x, y]);
    }
  }
  return rim;
}

const turn = ([ax, ay], [bx, by], [cx, cy]) => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);

function hull(points) {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list) => {
    const chain = [];
    for (const point of list) {
      while (chain.length > 1 && turn(chain.at(-2), chain.at(-1), point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

/** The four points of a hull that span the largest area. */
function widest(points) {
  const few = thinned(points, 24);
  let best = 0;
  let chosen = null;
  for (let a = 0; a < few.length; a++) {
    for (let b = a + 1; b < few.length; b++) {
      for (let c = b + 1; c < few.length; c++) {
        for (let d = c + 1; d < few.length; d++) {
          const four = [few[a], few[b], few[c], few[d]];
          const size = area(four);
          if (size > best) [best, chosen] = [size, four];
        }
      }
    }
  }
  return chosen;
}

/** Drops the points whose corner is the flattest until few are left. */
function thinned(points, most) {
  const left = [...points];
  while (left.length > most) {
    let flattest = 0;
    let least = Infinity;
    left.forEach((point, i) => {
      const bulge = Math.abs(turn(left.at(i - 1), point, left[(i + 1) % left.length]));
      if (bulge < least) [least, flattest] = [bulge, i];
    });
    left.splice(flattest, 1);
  }
  return left;
}

export function area(points) {
  const twice = points.reduce((sum, [x, y], i) => {
    const [nx, ny] = points[(i + 1) % points.length];
    return sum + x * ny - nx * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** Corners from the upper left one clockwise. */
export function clockwise(points) {
  const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const angle = ([x, y]) => Math.atan2(y - middle[1], x - middle[0]);
  const round = [...points].sort((a, b) => angle(a) - angle(b));
  const sums = round.map(([x, y]) => x + y);
  const first = sums.indexOf(Math.min(...sums));
  return [...round.slice(first), ...round.slice(0, first)];
}

/** Share of the outline across which the picture steps up to the paper. */
function stepShare(rim, mask, paper) {
  const { width, height } = paper;
  const outside = eroded(paper, 4).data;
  const inside = dilated({ width, height, data: paper.data.map((value, at) => value & mask.data[at]) }, 4).data;
  const steps = rim.filter(([x, y]) => inside[y * width + x] - outside[y * width + x] >= LEAST_STEP);
  return rim.length ? steps.length / rim.length : 0;
}
