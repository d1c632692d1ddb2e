// "Chụp biên bản": pages are photographed or chosen, looked over, put in order, and sent. Everything is on this phone
// first; the courier takes it from there, here, in other pages, or in the service worker.
import { listen, tell } from "../bus.js";
import { courier, notice } from "../device.js";
import { all, ask, cancel, find, say } from "../dom.js";
import { forgetPapers } from "../papers.js";
import { askToPersist } from "../queue.js";
import { t } from "../words.js";
import { card } from "./cards.js";
import { openCrop } from "./crop.js";
import * as desk from "./desk.js";
import { follow } from "./following.js";
import { setUpHash, sha256 } from "./hashing.js";
import { drawOutcome } from "./outcome.js";
import { press, setUpPress, view } from "./presses.js";
import { takeShared } from "./shared_files.js";

const root = document.getElementById("capture");
const { account, slug, meeting } = root.dataset;
const where = { account, slug, meeting };
const MB = 1_000_000;
const KEPT = 7 * 86_400_000; // ms that a receipt stays in sight on the phone

let now = { paper: null, pages: [] };
let sending = null;
let instead = null; // the page that the next photograph replaces
let adding = Promise.resolve();

start().catch(() => {}); // without a store the page stays what it is without script: a plain form

async function start() {
  setUpPress(root.dataset.press);
  setUpHash(root.dataset.hash);
  await forgetPapers(account, KEPT);
  now = await desk.readDesk(where);
  find("#plain-form").remove();
  find("#desk").hidden = false;
  for (const input of all("input[type=file]", root)) input.addEventListener("change", () => chosen(input));
  document.addEventListener("click", pressed);
  find("#original").addEventListener("change", ({ target }) => now.paper && setPaper({ original: target.checked }));
  watchDrop();
  listen(heard);
  draw();
  follow(now);
  for (const page of now.pages) if (page.status === "draft" && !page.made) later(() => pressPage(page.id, {}));
  takeShared(root, account, add);
  askToPersist();
}

function heard({ type, page }) {
  if (type === "sending") sending = page;
  if (type === "sender") sending = null;
  if (["sending", "sender", "pages"].includes(type)) reload();
}

async function reload() {
  now = await desk.readDesk(where);
  draw();
  follow(now);
}

/** One after the other: a phone has the memory for one large picture. */
function later(work) {
  adding = adding.then(work).catch(unkept);
  return adding;
}

function chosen(input) {
  const files = [...input.files];
  input.value = "";
  add(files, instead);
  instead = null;
}

/** Lays files down as pages, each kept before anything else is done with it. -> whether all were kept. */
async function add(files, replaced = null) {
  notice("store", "");
  let kept = true;
  for (const file of files) {
    const old = file === files[0] ? replaced : null;
    await later(async () => {
      const one = await addOne(file, old);
      kept = kept && one;
    });
  }
  return kept;
}

async function addOne(file, old) {
  if (tooLarge(file)) return false;
  try {
    const { page } = await desk.layDown(where, now.paper?.id, file, old);
    await reload();
    tell({ type: "pages" });
    await pressPage(page, {});
    return true;
  } catch (error) {
    unkept(error);
    return false;
  }
}

function tooLarge(file) {
  const most = Number(root.dataset.largest);
  if (file.size <= most * MB || file.type.startsWith("image/jpeg")) return false;
  notice("store", t("Tệp {name} lớn hơn {n} MB nên chưa được thêm.", { name: file.name, n: most }));
  return true;
}

/** corners: undefined to look for the sheet. */
async function pressPage(id, { corners, turned = 0 }) {
  const original = await desk.originalOf(id);
  if (!original) return;
  const made = await press(original, { corners, turned });
  await desk.keepPressed(id, made, turned);
  await reload();
  const n = now.pages.findIndex((page) => page.id === id) + 1;
  const shown = find(`[data-page="${id}"] .warn`);
  if (n) say(shown ? shown.textContent : t("Đã thêm trang {n}.", { n }));
}

/** What the phone could not keep is told at once, while the paper still lies on the table. */
function unkept(error) {
  const words =
    error?.name === "QuotaExceededError"
      ? t("Bộ nhớ của máy đã đầy: trang vừa chụp chưa được giữ. Xin gửi các trang đã có, hoặc xóa bớt ảnh trong máy, rồi chụp lại.")
      : t("Máy không giữ được trang vừa chụp. Xin tải lại trang rồi chụp lại; các trang đã có vẫn còn.");
  notice("store", words);
}

const ACTS = {
  camera: () => pick("#camera"),
  choose: () => pick("#files"),
  send,
  up: (page) => move(page, -1),
  down: (page) => move(page, 1),
  edit,
  retake,
  remove,
  over: async () => {
    await desk.clearDesk(now.paper.id);
    await reload();
  },
};

function pressed(event) {
  const control = event.target.closest?.("[data-do]");
  if (!control) return;
  const id = control.closest("[data-page]")?.dataset.page;
  ACTS[control.dataset.do]?.(now.pages.find((page) => page.id === id));
}

function retake({ id }) {
  pick("#camera", id);
}

/** Who leaves the camera without a picture has asked for nothing: the next picture is a page of its own. */
function pick(input, replaced = null) {
  instead = replaced;
  find(input).click();
}

async function move({ id }, step) {
  const files = [...now.paper.files];
  const from = files.indexOf(id);
  [files[from], files[from + step]] = [files[from + step], files[from]];
  await arrange(files);
  say(t("Trang nay đứng thứ {n}.", { n: from + step + 1 }));
}

async function remove({ id }) {
  const n = now.paper.files.indexOf(id) + 1;
  const answer = await ask(t("Xóa trang {n}?", { n }), [["yes", t("Xóa trang {n}", { n }), "danger"], cancel()]);
  if (answer === "yes") await arrange(now.paper.files.filter((file) => file !== id));
}

async function arrange(files) {
  await desk.arrangeDesk(now.paper.id, files);
  await reload();
  if (now.paper?.going) tell({ type: "tap" });
  tell({ type: "pages" });
}

async function setPaper(values) {
  await desk.setPaper(now.paper.id, values);
  await reload();
}

async function edit(page) {
  const shown = await desk.originalOf(page.id).then(view);
  if (!shown) return;
  const photo = await createImageBitmap(shown);
  const n = now.paper.files.indexOf(page.id) + 1;
  const answer = await openCrop(photo, { ...page, title: t("Sửa trang {n}", { n }) });
  photo.close();
  if (answer?.act) return ACTS[answer.act](page);
  if (answer) await later(() => pressPage(page.id, answer));
}

async function send() {
  find("#send").disabled = true;
  await adding;
  const { id } = now.paper;
  const drafts = await desk.draftsOf(id);
  for (const draft of drafts) draft.sha256 = await sha256(draft.body);
  await desk.sendOff(id, drafts).catch(unkept);
  await reload();
  find("#outcome").scrollIntoView({ block: "center" });
  say(t("Các trang đang được gửi."));
  tell({ type: "pages" });
  courier.retry();
}

function watchDrop() {
  const over = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    root.toggleAttribute("data-over", event.type === "dragover");
  };
  for (const kind of ["dragover", "dragleave"]) document.addEventListener(kind, over);
  document.addEventListener("drop", (event) => {
    over(event);
    if (event.dataTransfer.files.length) add([...event.dataTransfer.files]);
  });
}

function draw() {
  const { paper, pages } = now;
  const focused = document.activeElement?.closest?.("#pages [data-do]");
  const [page, act] = [focused?.closest("[data-page]").dataset.page, focused?.dataset.do];
  const settled = pages.every((one) => one.status === "safe");
  find("#pages").replaceChildren(...pages.map((one, i) => card(one, i + 1, settled ? 1 : pages.length, one.id === sending)));
  if (focused) {
    const near = find(`[data-page="${page}"] [data-do=${act}]:enabled`) ?? find(`[data-page="${page}"] button:enabled`);
    (near ?? find("#camera-next")).focus();
  }
  const drafts = pages.filter((one) => one.status === "draft").length;
  root.dataset.state = drafts ? "drafts" : pages.length ? "sent" : "empty";
  find("#original").checked = Boolean(paper?.original);
  find("#camera-next").textContent = pages.length ? t("Chụp trang {n}", { n: pages.length + 1 }) : t("Chụp trang 1");
  const button = find("#send");
  button.hidden = !drafts;
  button.disabled = false;
  button.textContent = t("Gửi {n} trang", { n: drafts });
  find("#camera-next").classList.toggle("main", !pages.length);
  drawOutcome(find("#outcome"), now, slug);
}
