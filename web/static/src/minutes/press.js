// From a photograph to the page that is sent: the sheet found, pulled flat, warned about, and small enough for a weak
// signal. Runs in a worker where there is one, else in the page.
import { isBlurred, lightFaults, sharpness } from "./quality.js";
import { findSheet, SEARCH_SIDE, WHOLE } from "./sheet_corners.js";
import { perspective, pull } from "./warp.js";

const PAGE = 2500; // px of the long side, margins included: about 200 dpi of A4
const MARGIN = 0.05; // of the sheet's long side: enough of the table for its bent edges to be seen
const FINER = 1.25; // the photograph is first brought to so much finer than the page
const A4 = Math.SQRT2;
const LIKE_A4 = [1.15, 1.75]; // a photographed sheet whose sides look like this is A4 seen at an angle
const LARGEST = 700_000; // bytes that leave the phone for one page
const QUALITIES = [0.86, 0.8, 0.74, 0.66, 0.58, 0.5, 0.4];
const THUMB = 480; // px
const VIEW = 1400; // px

/** corners: undefined to look for the sheet, null for the whole picture, or four points in shares of the picture.
 *  -> {page, thumb: Blobs, corners, faults}; corners null where no sheet was found. Throws for what this browser
 *  can't show: HEIC, TIFF, PDF. */
export async function press(file, { corners, turned = 0 } = {}) {
  const photo = await decoded(file);
  try {
    const small = copy(photo, SEARCH_SIDE / Math.max(photo.width, photo.height));
    const pixels = small.getImageData(0, 0, small.canvas.width, small.canvas.height);
    const four = corners === undefined ? (findSheet(pixels)?.corners ?? null) : corners;
    const page = flat(photo, four, turned);
    const { width, height } = page.canvas;
    const blurred = isBlurred(sharpness(page, width, height));
    const light = four ? lightFaults(pixels, four) : corners === undefined ? ["no_sheet"] : [];
    const faults = [...(blurred ? ["blurred"] : []), ...light];
    const thumb = copy(page.canvas, THUMB / Math.max(width, height));
    return { page: await smallEnough(page.canvas), thumb: await jpeg(thumb.canvas, 0.7), corners: four, faults };
  } finally {
    photo.close();
  }
}

/** The whole photograph, upright, of a size to look at while its corners are dragged. */
export async function view(file) {
  const photo = await decoded(file);
  try {
    return await jpeg(copy(photo, VIEW / Math.max(photo.width, photo.height)).canvas, 0.8);
  } finally {
    photo.close();
  }
}

async function decoded(file) {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch (error) {
    // Older browsers turn pictures upright by themselves and do not know the word.
    if (!(error instanceof TypeError)) throw error;
  }
  return createImageBitmap(file);
}

function flat(photo, corners, turned) {
  const four = (corners ?? WHOLE).map(([x, y]) => [x * photo.width, y * photo.height]);
  const up = [0, 1, 2, 3].map((corner) => four[(corner + 4 - turned / 90) % 4]);
  const margin = corners ? MARGIN : 0;
  const [across, down] = sides(up, Boolean(corners));
  const edge = margin * Math.max(across, down);
  const scale = Math.min(1, PAGE / (Math.max(across, down) + 2 * edge));
  const source = copy(photo, Math.min(1, scale * FINER));
  const finer = source.canvas.width / photo.width;
  const find = perspective(up.map(([x, y]) => [x * finer, y * finer]));
  const page = drawing(Math.round((across + 2 * edge) * scale), Math.round((down + 2 * edge) * scale));
  const { width, height } = page.canvas;
  const [wide, high] = [1 + (2 * edge) / across, 1 + (2 * edge) / down];
  const at = (u, v) => find(u * wide - edge / across, v * high - edge / down);
  pull(source, page, { width, height, at });
  return page;
}

/** How wide and high the flat sheet is, in px of the photograph. */
function sides([a, b, c, d], isSheet) {
  const far = ([x, y], [u, v]) => Math.hypot(x - u, y - v);
  const across = (far(a, b) + far(d, c)) / 2;
  const down = (far(a, d) + far(b, c)) / 2;
  const fits = (shape) => isSheet && shape > LIKE_A4[0] && shape < LIKE_A4[1];
  if (fits(down / across)) return [Math.max(across, down / A4), Math.max(down, across * A4)];
  if (fits(across / down)) return [Math.max(across, down * A4), Math.max(down, across / A4)];
  return [across, down];
}

async function smallEnough(canvas) {
  for (const quality of QUALITIES) {
    const blob = await jpeg(canvas, quality);
    if (blob.size <= LARGEST || quality === QUALITIES.at(-1)) return blob;
  }
}

/** A drawing of a picture, shrunk by `scale` but never enlarged. */
function copy(picture, scale) {
  const fit = Math.min(scale, 1);
  const made = drawing(Math.max(1, Math.round(picture.width * fit)), Math.max(1, Math.round(picture.height * fit)));
  made.imageSmoothingQuality = "high";
  made.drawImage(picture, 0, 0, made.canvas.width, made.canvas.height);
  return made;
}

function drawing(width, height) {
  const canvas =
    typeof OffscreenCanvas === "undefined"
      ? Object.assign(document.createElement("canvas"), { width, height })
      : new OffscreenCanvas(width, height);
  return canvas.getContext("2d", { willReadFrequently: true });
}

function jpeg(canvas, quality) {
  if (canvas.convertToBlob) return canvas.convertToBlob({ type: "image/jpeg", quality });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
}
