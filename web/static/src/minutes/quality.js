// What a person should be warned of while the paper still lies on the table.
import { area } from "./sheet_corners.js";
import { closed, histogram, largestPart, masked, weakest } from "./plane.js";

const SHARP_ENOUGH = 0.45; // share of the contrast over a line that is there over a stroke's edge; below, nobody can read
const TILE = 96; // px of the page: holds at least one line of writing
const TILES_ACROSS = 8;
const TILES_DOWN = 11;
const TILES_LOOKED_AT = 8; // those with the strongest contrast: the ones with writing
const PLAIN = 30; // grey levels: a page with less contrast than that is bare, and nothing on it is blurred
const EDGE = 4; // px each way over a stroke's edge, on a page of PAGE px
const PAGE = 2500; // px
const DARK = 60; // grey level of the paper
const BLOWN = 253; // grey level at which nothing is left to read
const EVEN_LIGHT = 235; // grey level: paper as bright as this everywhere is a scan, not a lamp's reflection
const GLARE_SHARE = 0.015; // of the sheet
const AT_BORDER = 0.004; // of the picture: a corner nearer to its border than this lies outside

/** -> names among dark, glare, cut of a small picture whose sheet has these corners (shares). */
export function lightFaults(small, corners) {
  const bare = weakest(small);
  const inside = within(corners, bare);
  const paper = closed(bare, 6);
  const level = median(paper.data.filter((_, at) => inside[at]));
  const blown = masked(bare, (value, at) => inside[at] && value >= BLOWN);
  const size = area(corners) * bare.data.length;
  const faults = [];
  if (level < DARK) faults.push("dark");
  if (level < EVEN_LIGHT && largestPart(blown).size > GLARE_SHARE * size) faults.push("glare");
  if (corners.flat().some((share) => share < AT_BORDER || share > 1 - AT_BORDER)) faults.push("cut");
  return faults;
}

function within(corners, { width, height }) {
  const inside = new Uint8Array(width * height);
  const points = corners.map(([x, y]) => [x * width, y * height]);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      inside[y * width + x] = points.every(([ax, ay], i) => {
        const [bx, by] = points[(i + 1) % 4];
        return (bx - ax) * (y - ay) >= (by - ay) * (x - ax);
      });
    }
  }
  return inside;
}

const median = (data) => rank(data, 0.5);

function rank(data, share) {
  const counts = histogram(data);
  let left = share * data.length;
  return counts.findIndex((count) => (left -= count) < 0);
}

/** How sharp the writing on a page is, 0 to 1: `page` is its 2D context, width and height are in px. */
export function sharpness(page, width, height) {
  const reach = Math.max(2, Math.round((EDGE * Math.max(width, height)) / PAGE));
  const tiles = [];
  for (let row = 0; row < TILES_DOWN; row++) {
    for (let column = 0; column < TILES_ACROSS; column++) {
      const x = Math.round(((column + 1) / (TILES_ACROSS + 1)) * width - TILE / 2);
      const y = Math.round(((row + 1) / (TILES_DOWN + 1)) * height - TILE / 2);
      tiles.push(contrast(page.getImageData(x, y, TILE, TILE).data, reach));
    }
  }
  tiles.sort((one, other) => other.whole - one.whole);
  const strongest = tiles.slice(0, TILES_LOOKED_AT).filter(({ whole }) => whole >= PLAIN);
  if (!strongest.length) return 1;
  const ratios = strongest.map(({ near, whole }) => near / whole).sort((one, other) => one - other);
  return ratios[ratios.length >> 1];
}

export const isBlurred = (sharp) => sharp < SHARP_ENOUGH;

/** Over a whole tile, and over a stroke's edge. */
function contrast(data, reach) {
  const grey = new Uint8Array(TILE * TILE);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = (data[4 * i] * 77 + data[4 * i + 1] * 150 + data[4 * i + 2] * 29) >> 8;
  }
  const steps = [];
  for (let y = reach; y < TILE - reach; y++) {
    for (let x = reach; x < TILE - reach; x++) {
      const at = y * TILE + x;
      const across = Math.abs(grey[at + reach] - grey[at - reach]);
      const down = Math.abs(grey[at + reach * TILE] - grey[at - reach * TILE]);
      steps.push(Math.max(across, down));
    }
  }
  return { whole: rank(grey, 0.99) - rank(grey, 0.01), near: rank(steps, 0.985) };
}
