// Shows one photograph large: its four corners are dragged, by finger, mouse or arrow keys, and it is turned.
import { all, find, make } from "../dom.js";
import { t } from "../words.js";
import { area, clockwise, WHOLE } from "./sheet_corners.js";

const STEP = 0.005; // of the picture, for one press of an arrow key
const LARGE_STEP = 0.03; // with Shift
const LEAST_AREA = 0.02; // of the picture: less is no sheet
const ZOOM = 2.5; // of the magnifier
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Between a place in the photograph and the same place when it is shown turned (by quarters clockwise). */
function turnedPoint([x, y], turned) {
  return { 0: [x, y], 90: [1 - y, x], 180: [1 - x, 1 - y], 270: [y, 1 - x] }[turned];
}
const unturnedPoint = (point, turned) => turnedPoint(point, (360 - turned) % 360);

/** photo: ImageBitmap. Resolves to {corners (null: the whole picture), turned}, {act: "retake" | "remove"}, or null. */
export function openCrop(photo, { corners, turned, title }) {
  const state = { photo, turned, corners: (corners ?? WHOLE).map((point) => [...point]), whole: !corners };
  const dialog = build(title);
  document.body.append(dialog);
  wire(dialog, state);
  dialog.showModal();
  draw(dialog, state);
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer(dialog.returnValue, state));
    });
  });
}

function answer(value, { corners, turned, whole }) {
  if (value === "retake" || value === "remove") return { act: value };
  if (value !== "done") return null;
  const four = whole || area(corners) < LEAST_AREA ? null : clockwise(corners);
  return { corners: four, turned };
}

function build(title) {
  const names = [t("Góc trên bên trái"), t("Góc trên bên phải"), t("Góc dưới bên phải"), t("Góc dưới bên trái")];
  const handle = (name, i) =>
    make("button", { type: "button", class: "handle", "data-corner": i, "aria-label": name, "aria-describedby": "crop-how" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS("http://www.w3.org/2000/svg", "polygon"));
  const button = (value, words, style = "") => make("button", { value, class: `btn ${style}` }, words);
  const plain = (act, words) => make("button", { type: "button", class: "btn", "data-act": act }, words);
  return make(
    "dialog",
    { id: "crop", "aria-labelledby": "crop-title" },
    make(
      "form",
      { method: "dialog" },
      make("h2", { id: "crop-title" }, title),
      make("p", { id: "crop-how", class: "muted" }, t("Kéo bốn góc cho khít mép giấy, hoặc dùng phím mũi tên.")),
      make("div", { class: "stage" }, make("canvas", {}), svg, ...names.map(handle), make("canvas", { class: "loupe", hidden: true })),
      make("div", { class: "tools" }, plain("turn", t("Xoay 90°")), plain("whole", t("Cả tấm ảnh")), button("retake", t("Chụp lại")), button("remove", t("Xóa trang"))),
      make("div", { class: "tools last" }, button("", t("Quay lại")), button("done", t("Xong"), "main")),
    ),
  );
}

function wire(dialog, state) {
  find("[data-act=turn]", dialog).addEventListener("click", () => {
    state.turned = (state.turned + 90) % 360;
    draw(dialog, state);
  });
  find("[data-act=whole]", dialog).addEventListener("click", () => {
    state.corners = WHOLE.map((point) => [...point]);
    state.whole = true;
    draw(dialog, state);
  });
  for (const handle of all(".handle", dialog)) {
    handle.addEventListener("keydown", (event) => byKey(event, dialog, state));
    handle.addEventListener("pointerdown", (event) => drag(event, dialog, state));
  }
}

function byKey(event, dialog, state) {
  const arrow = ARROWS[event.key];
  if (!arrow) return;
  event.preventDefault();
  const step = event.shiftKey ? LARGE_STEP : STEP;
  const [x, y] = shown(state, event.target);
  moveTo(dialog, state, event.target, [x + arrow[0] * step, y + arrow[1] * step]);
}

function drag(event, dialog, state) {
  const handle = event.currentTarget;
  const box = find("canvas", dialog).getBoundingClientRect();
  const [x, y] = shown(state, handle);
  // The finger rarely hits the middle: the corner keeps its distance to it and never jumps.
  const off = [event.clientX - box.left - x * box.width, event.clientY - box.top - y * box.height];
  const move = ({ clientX, clientY }) => {
    const to = [(clientX - box.left - off[0]) / box.width, (clientY - box.top - off[1]) / box.height];
    moveTo(dialog, state, handle, to);
    magnify(dialog, state, handle);
  };
  event.preventDefault();
  handle.focus();
  handle.setPointerCapture(event.pointerId);
  magnify(dialog, state, handle);
  handle.addEventListener("pointermove", move);
  const end = () => {
    handle.removeEventListener("pointermove", move);
    find(".loupe", dialog).hidden = true;
  };
  for (const kind of ["pointerup", "pointercancel"]) handle.addEventListener(kind, end, { once: true });
}

const cornerOf = (handle) => Number(handle.dataset.corner);

/** Where a handle is shown: handles are named by what one sees, corners by the photograph. */
function shown({ corners, turned }, handle) {
  return turnedPoint(corners[(cornerOf(handle) + 4 - turned / 90) % 4], turned);
}

function moveTo(dialog, state, handle, point) {
  const within = point.map((share) => Math.min(Math.max(share, 0), 1));
  state.corners[(cornerOf(handle) + 4 - state.turned / 90) % 4] = unturnedPoint(within, state.turned);
  state.whole = false;
  drawFrame(dialog, state);
}

function draw(dialog, state) {
  const { photo, turned } = state;
  const canvas = find("canvas", dialog);
  const sideways = turned % 180 !== 0;
  canvas.width = sideways ? photo.height : photo.width;
  canvas.height = sideways ? photo.width : photo.height;
  const pen = canvas.getContext("2d");
  pen.translate(canvas.width / 2, canvas.height / 2);
  pen.rotate((turned * Math.PI) / 180);
  pen.drawImage(photo, -photo.width / 2, -photo.height / 2);
  // Its room is kept by the stage, so that the picture and its frame share one box.
  find(".stage", dialog).style.aspectRatio = `${canvas.width} / ${canvas.height}`;
  find(".stage", dialog).style.setProperty("--shape", canvas.width / canvas.height);
  drawFrame(dialog, state);
}

function drawFrame(dialog, state) {
  const places = all(".handle", dialog).map((handle) => {
    const [x, y] = shown(state, handle);
    handle.style.left = `${100 * x}%`;
    handle.style.top = `${100 * y}%`;
    return `${100 * x},${100 * y}`;
  });
  find("polygon", dialog).setAttribute("points", places.join(" "));
}

/** What lies under the finger, enlarged, in the corner of the stage that the finger is not in. */
function magnify(dialog, state, handle) {
  const [canvas, loupe] = [find("canvas", dialog), find(".loupe", dialog)];
  const [x, y] = shown(state, handle);
  loupe.hidden = false;
  loupe.style.left = x < 0.5 ? "auto" : "0";
  loupe.style.right = x < 0.5 ? "0" : "auto";
  const side = (loupe.width = loupe.height = 2 * loupe.clientWidth);
  const from = (canvas.width / canvas.clientWidth) * (loupe.clientWidth / ZOOM);
  const pen = loupe.getContext("2d");
  pen.drawImage(canvas, x * canvas.width - from / 2, y * canvas.height - from / 2, from, from, 0, 0, side, side);
  pen.strokeStyle = "#0b57a4";
  pen.lineWidth = 3;
  pen.strokeRect(side / 2 - 1, 0, 0, side);
  pen.strokeRect(0, side / 2 - 1, side, 0);
}
