// The province drawn from its borders, coloured as the rows of the table say. One stop of the keyboard: arrows go from
// commune to commune, Enter opens. Positions are attributes, for the policy allows no inline style.
import { geoIdentity, geoPath } from "d3-geo";
import { feature, mesh } from "topojson-client";

const SVG = "http://www.w3.org/2000/svg";
const SIZE = 1000;
// The widest and the narrowest part of the province that is shown at once.
const CLOSEST = 16;
// How wide and high a commune is on the screen before its number stands in it.
const ROOM = [30, 15];
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

const root = document.getElementById("map");
start();

async function start() {
  const answer = await fetch(root.dataset.topo);
  if (!answer.ok) return; // the table below says all of it
  const topology = await answer.json();
  const [object] = Object.values(topology.objects);
  draw(feature(topology, object).features, mesh(topology, object, (a, b) => a !== b), rows());
}

/** code -> {words, mark, klass, href} of the table's rows. */
function rows() {
  const found = new Map();
  for (const row of document.querySelectorAll("tr[data-unit]")) {
    const link = row.querySelector("a");
    const value = row.querySelector("[data-value]").textContent.trim().replace(/\s+/g, " ");
    if (row.dataset.unit) found.set(row.dataset.unit, { name: link.textContent, value, href: link.href, ...row.dataset });
  }
  return found;
}

function element(tag, attributes, parent) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent?.append(made);
  return made;
}

function draw(features, borders, told) {
  const projection = geoIdentity().reflectY(true);
  projection.fitWidth(SIZE, { type: "FeatureCollection", features });
  const path = geoPath(projection).digits(1);
  const [, [, high]] = path.bounds({ type: "FeatureCollection", features });
  const whole = [0, 0, SIZE, Math.ceil(high)];
  const svg = element("svg", { role: "application", "aria-label": root.dataset.label, "aria-describedby": "map-hint" });
  const patterns = element("defs", {}, svg);
  for (const one of document.querySelectorAll(".defs pattern")) {
    const copy = one.cloneNode(true);
    copy.id = `m${one.id}`;
    patterns.append(copy);
  }
  const regions = features.map((one) => region(one, path, told.get(one.properties.code), svg));
  element("path", { class: "borders", d: path(borders) }, svg);
  const marks = element("g", { class: "marks", "aria-hidden": "true" }, svg);
  root.insertBefore(svg, root.querySelector("#map-hint"));
  root.hidden = false;
  behave(svg, regions, marks, whole);
}

function region(one, path, row, svg) {
  const [[left, top], [right, bottom]] = path.bounds(one);
  const name = row?.name ?? one.properties.fullName;
  const words = `${name}: ${row?.value ?? root.dataset.empty}`;
  const shape = element("path", { class: "region", d: path(one), fill: `url(#mp${row?.class ?? "none"})`, role: "link", "aria-label": words, tabindex: -1 }, svg);
  if (!row) shape.setAttribute("role", "img");
  return { shape, words, row, at: path.centroid(one), room: [right - left, bottom - top] };
}

function behave(svg, regions, marks, whole) {
  const said = root.querySelector(".map-told");
  let [view, zoom, here] = [whole, 1, regions[0]];
  here.shape.setAttribute("tabindex", 0);

  function choose(next, focus) {
    here.shape.setAttribute("tabindex", -1);
    here.shape.classList.remove("here");
    here = next;
    here.shape.setAttribute("tabindex", 0);
    here.shape.classList.add("here");
    // Drawn last, so that its edge lies above its neighbours'.
    if (focus) here.shape.focus({ preventScroll: true });
    tell();
    if (!inside(here.at, view)) look(zoom);
  }

  function tell() {
    const link = document.createElement("a");
    link.textContent = here.words;
    link.tabIndex = -1;
    if (here.row) link.href = here.row.href;
    said.replaceChildren(link);
  }

  function look(closer) {
    zoom = Math.min(Math.max(closer, 1), CLOSEST);
    const [wide, high] = [whole[2] / zoom, whole[3] / zoom];
    const from = (middle, size, most) => Math.min(Math.max(middle - size / 2, 0), most - size);
    view = zoom === 1 ? whole : [from(here.at[0], wide, whole[2]), from(here.at[1], high, whole[3]), wide, high];
    svg.setAttribute("viewBox", view.map((n) => n.toFixed(1)).join(" "));
    number();
  }

  /** Numbers where there is room for them, as large on the screen however near one looks. */
  function number() {
    const pixel = view[2] / (svg.clientWidth || 320);
    marks.replaceChildren();
    for (const { row, at, room } of regions) {
      if (!row?.mark || room[0] < ROOM[0] * pixel || room[1] < ROOM[1] * pixel) continue;
      const text = element("text", { x: at[0].toFixed(1), y: at[1].toFixed(1), "font-size": (13 * pixel).toFixed(2), class: `on${row.class}` }, marks);
      text.textContent = row.mark;
    }
    svg.setAttribute("stroke-width", pixel.toFixed(3));
    // A pattern is as fine on the screen as in the key, however near one looks.
    for (const one of svg.querySelectorAll("pattern")) one.setAttribute("patternTransform", `scale(${pixel.toFixed(3)})`);
  }

  svg.addEventListener("keydown", (event) => {
    const way = WAYS[event.key];
    if (way) choose(nearest(regions, here, way) ?? here, true);
    else if (event.key === "Enter" && here.row) location.assign(here.row.href);
    else if (event.key === "+") look(zoom * 2);
    else if (event.key === "-") look(zoom / 2);
    else return;
    event.preventDefault();
  });
  svg.addEventListener("focusin", (event) => {
    const found = regions.find((one) => one.shape === event.target);
    if (found && found !== here) choose(found, false);
    else tell();
  });
  svg.addEventListener("click", (event) => {
    const found = regions.find((one) => one.shape === event.target);
    if (found) choose(found, true);
  });
  for (const button of root.querySelectorAll("[data-zoom]")) {
    button.addEventListener("click", () => look(zoom * Number(button.dataset.zoom)));
  }
  new ResizeObserver(number).observe(svg);
  look(1);
  tell();
}

const inside = ([x, y], [left, top, wide, high]) => x >= left && x <= left + wide && y >= top && y <= top + high;

/** The nearest commune in a direction: one that lies more that way than aside. */
function nearest(regions, here, [dx, dy]) {
  let [best, least] = [null, Infinity];
  for (const one of regions) {
    const [x, y] = [one.at[0] - here.at[0], one.at[1] - here.at[1]];
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy) + Math.abs(y * dx);
    if (one === here || along <= 0 || aside > along) continue;
    const far = along + 2 * aside;
    if (far < least) [best, least] = [one, far];
  }
  return best;
}
