// Lines over months, drawn from the table below: what the table says is what is drawn. Lines are told apart by their
// marks and their dashes before their colours; a month that is not shown breaks the line. One stop of the keyboard:
// arrows go from month to month.
import { scaleLinear, scalePoint } from "d3-scale";
import { line, symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle, symbolWye } from "d3-shape";

const SVG = "http://www.w3.org/2000/svg";
const SIGNS = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond, symbolWye];
const HEIGHT = 300;
const EDGE = { top: 14, right: 34, bottom: 44, left: 52 };

const root = document.getElementById("chart");
const share = root.dataset.share === "1";
const { months, series } = read(document.getElementById("compared-table"));
if (series.some((one) => one.values.some((value) => value !== null))) start();

function read(table) {
  const titles = [...table.querySelectorAll("thead th")].slice(1).map((cell) => cell.textContent);
  const rows = [...table.querySelectorAll("tbody tr")];
  const cells = rows.map((row) => [...row.querySelectorAll("td")]);
  const number = (cell) => (cell.dataset.height === "" ? null : Number(cell.dataset.height));
  return {
    months: rows.map((row) => row.querySelector("th").textContent),
    series: titles.map((title, n) => ({
      title,
      values: cells.map((row) => number(row[n])),
      words: cells.map((row) => row[n].textContent.trim().replace(/\s+/g, " ")),
    })),
  };
}

function element(tag, attributes, parent) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  parent?.append(made);
  return made;
}

function start() {
  const svg = element("svg", { role: "application", "aria-label": root.dataset.label, "aria-describedby": "chart-hint", height: HEIGHT });
  root.insertBefore(svg, root.querySelector("#chart-hint"));
  root.hidden = false;
  legend(root.querySelector(".legend"));
  let chosen = months.length - 1;
  const redraw = (focus) => {
    draw(svg, chosen, (next) => {
      chosen = next;
      redraw(true);
    });
    if (focus) svg.querySelector("[tabindex='0']").focus();
  };
  new ResizeObserver(() => redraw(svg.contains(document.activeElement))).observe(root);
}

function legend(list) {
  series.forEach((one, n) => {
    const item = document.createElement("li");
    const sign = element("svg", { class: "swatch", viewBox: "0 0 28 20", "aria-hidden": "true" });
    element("path", { class: `line s${n}`, d: "M0 10H28" }, sign);
    element("path", { class: `sign s${n}`, d: symbol(SIGNS[n], 60)(), transform: "translate(14 10)" }, sign);
    item.append(sign, one.title);
    list.append(item);
  });
}

function draw(svg, chosen, choose) {
  const wide = root.clientWidth;
  svg.setAttribute("viewBox", `0 0 ${wide} ${HEIGHT}`);
  svg.setAttribute("width", wide);
  svg.replaceChildren();
  const values = series.flatMap((one) => one.values).filter((value) => value !== null);
  const x = scalePoint(months.map((_, n) => n), [EDGE.left, wide - EDGE.right]).padding(0.3);
  const y = scaleLinear(span(values), [HEIGHT - EDGE.bottom, EDGE.top]).nice(5);
  axes(svg, x, y, wide);
  element("path", { class: "here", d: `M${x(chosen)} ${EDGE.top}V${HEIGHT - EDGE.bottom}` }, svg);
  series.forEach((one, n) => drawLine(svg, one, n, x, y));
  months.forEach((_, n) => stop(svg, n, chosen, x, choose));
  tell(chosen);
}

/** Shares keep a hundred in sight; counts begin at nothing. */
function span(values) {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (!share) return [0, Math.max(high, 1)];
  return [Math.max(0, low - 0.05), Math.min(1, Math.max(high + 0.02, low + 0.1))];
}

function axes(svg, x, y, wide) {
  const group = element("g", { class: "axes", "aria-hidden": "true" }, svg);
  for (const tick of y.ticks(5)) {
    element("path", { d: `M${EDGE.left} ${y(tick)}H${wide - EDGE.right}` }, group);
    const text = element("text", { x: EDGE.left - 8, y: y(tick), "text-anchor": "end", dy: "0.35em" }, group);
    text.textContent = share ? `${String(Math.round(1000 * tick) / 10).replace(".", ",")} %` : tick.toLocaleString("vi");
  }
  // As many months as there is room for, the last always.
  const every = Math.ceil((months.length * 64) / (wide - EDGE.left - EDGE.right));
  months.forEach((month, n) => {
    if ((months.length - 1 - n) % every) return;
    const text = element("text", { x: x(n), y: HEIGHT - EDGE.bottom + 24, "text-anchor": "middle" }, group);
    text.textContent = month;
  });
}

function drawLine(svg, one, n, x, y) {
  const path = line((_, month) => x(month), (value) => y(value)).defined((value) => value !== null);
  const group = element("g", { "aria-hidden": "true" }, svg);
  element("path", { class: `line s${n}`, d: path(one.values) ?? "" }, group);
  one.values.forEach((value, month) => {
    if (value === null) return;
    element("path", { class: `sign s${n}`, d: symbol(SIGNS[n], 60)(), transform: `translate(${x(month)} ${y(value)})` }, group);
  });
}

/** A month to touch or to come to: it says every line's figure. */
function stop(svg, n, chosen, x, choose) {
  const words = `${months[n]}: ${series.map((one) => `${one.title} ${one.words[n]}`).join("; ")}`;
  const half = x.step() / 2;
  const area = element("rect", {
    class: "stop", x: x(n) - half, y: EDGE.top, width: 2 * half, height: HEIGHT - EDGE.top - EDGE.bottom,
    role: "img", "aria-label": words, tabindex: n === chosen ? 0 : -1,
  }, svg);
  area.addEventListener("click", () => choose(n));
  area.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -n, End: months.length - 1 - n }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    choose(Math.min(Math.max(n + step, 0), months.length - 1));
  });
}

function tell(n) {
  const said = root.querySelector(".map-told");
  said.replaceChildren(`${months[n]}: `);
  series.forEach((one, at) => {
    const part = document.createElement("span");
    part.textContent = `${one.title} ${one.words[n]}${at < series.length - 1 ? "; " : ""}`;
    said.append(part);
  });
}
