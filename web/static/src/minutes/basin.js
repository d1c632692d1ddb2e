// Where a soft shadow makes part of the sheet as dark as the table, its rim is still sharp: water that rises from
// the middle of the sheet and from the table meets at that rim.
import { dilated, eroded, largestPart } from "./plane.js";

const SHEET = 1;
const TABLE = 2;
const FRAME = 3; // px

/** The part of `paper` that belongs to the sheet, grown from the core of `bright`; null where there is nothing to grow. */
export function basin(paper, bright, core) {
  const { width, height } = paper;
  const owner = markers(bright, core);
  const rim = difference(dilated(paper, 1), eroded(paper, 1));
  if (!flood(owner, rim, width, height)) return null;
  return { width, height, data: owner.map((who) => (who === SHEET ? 255 : 0)) };
}

function markers(bright, core) {
  const { width, height, data } = bright;
  const inner = eroded(largestPart(bright).mask, core).data;
  const owner = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at++) {
    const x = at % width;
    const y = (at - x) / width;
    const frame = x < FRAME || y < FRAME || x >= width - FRAME || y >= height - FRAME;
    if (inner[at]) owner[at] = SHEET;
    else if (frame && !data[at]) owner[at] = TABLE;
  }
  return owner;
}

const difference = (high, low) => high.data.map((value, at) => value - low.data[at]);

/** Fills `owner` in the order of the rim's height; false where one side has no spring. */
function flood(owner, rim, width, height) {
  const levels = Array.from({ length: 256 }, () => []);
  owner.forEach((who, at) => who && levels[0].push(at));
  if (!owner.includes(SHEET) || !owner.includes(TABLE)) return false;
  for (let level = 0; level < 256; level++) {
    const queue = levels[level];
    for (let next = 0; next < queue.length; next++) {
      const at = queue[next];
      const x = at % width;
      const around = [x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width];
      for (const to of around) {
        if (to < 0 || to >= width * height || owner[to]) continue;
        owner[to] = owner[at];
        levels[Math.max(level, rim[to])].push(to);
      }
    }
  }
  return true;
}
