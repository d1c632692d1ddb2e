// The roll call page. Each tap is written to this phone first, then shown, then sent: the same way with
// and without network.
import { listen } from "./bus.js";
import { watchClosing, watchOpening } from "./closing.js";
import { afterTap, notice, unwritten } from "./device.js";
import { all, ask, cancel, find, make, say } from "./dom.js";
import { watchFilters } from "./filters.js";
import { Live } from "./live.js";
import { addMarks, askToPersist } from "./queue.js";
import { drawRefused } from "./refused.js";
import { Roll } from "./roll.js";
import { drawRow, readPeople } from "./rows.js";
import { openSheet } from "./sheet.js";
import { rate, t, word } from "./words.js";

const root = document.getElementById("roll");
const people = readPeople(root);
let roll;

// Without a store the page stays what it is without script: plain forms.
Roll.open(root, people).then(start, () => {});

function start(opened) {
  roll = opened;
  watchFilters(root, people, (no) => roll.view(no));
  root.addEventListener("click", pressed);
  find("#marks").addEventListener("submit", (event) => event.preventDefault());
  watchOpening(root, roll, draw);
  watchClosing(root, roll, (no) => roll.view(no));
  listen(({ type }) => ["marks", "roll", "tap"].includes(type) && reload());
  keepHeaderHeight();
  draw();
  new Live(roll.where);
  askToPersist();
}

function pressed(event) {
  const control = event.target.closest("button[name=m], button[name=rest], a[href^='entries/']");
  if (!control || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (control.name === "rest") return callRest(control);
  const [number, state] = (control.value ?? control.getAttribute("href").slice(8)).split(".");
  const no = Number(number);
  if (!state || roll.state() === "closed") return change(no);
  mark([{ no, state, reason: control.dataset.r ?? "" }]);
}

let turn = Promise.resolve();

/** Writes marks one after the other, so that the second tap on a person has seen the first. */
export function mark(wanted, removed = []) {
  turn = turn.then(() => write(wanted, removed)).catch(unwritten);
  return turn;
}

async function write(wanted, removed) {
  const drafts = wanted
    .map((draft) => ({ ...draft, before: roll.view(draft.no) }))
    .filter((draft) => removed.length || differs(draft))
    .map(({ before, ...draft }) => ({ ...draft, seen: before.heads }));
  if (!drafts.length) return [];
  const made = await addMarks(roll.where, drafts, removed);
  // Who goes on calling is content with the group just written; the offer would only cover names.
  notice("undo", "");
  roll.add(made, removed);
  for (const { no } of made) drawPerson(no);
  drawHead();
  drawRefusedBox();
  if (made.length === 1) say(`${people.get(made[0].no).name}: ${word(made[0].state)}`);
  afterTap();
  return made;
}

/** A second tap on the same button says nothing new. */
function differs({ state, reason = "", before }) {
  return before.rivals.length > 0 || before.state !== state || before.reason !== reason;
}

async function change(no) {
  const person = people.get(no);
  const choice = await openSheet({ person, view: roll.view(no), closed: roll.state() === "closed" });
  if (choice) mark([{ no, ...choice }]);
}

async function callRest(button) {
  const group = button.value;
  const left = [...people.values()].filter(
    ({ no, markable, group: own }) => own === group && markable && isLeft(roll.view(no)),
  );
  if (!left.length) return say(t("Không còn đồng chí nào chưa gọi."));
  const question = t("Ghi {n} đồng chí chưa gọi là có mặt?", { n: left.length });
  const answer = await ask(question, [["yes", t("Ghi {n} đồng chí có mặt", { n: left.length }), "main"], cancel()]);
  if (answer !== "yes") return;
  const made = await mark(left.filter(({ no }) => isLeft(roll.view(no))).map(({ no }) => ({ no, state: "present" })));
  offerUndo(made);
}

const isLeft = (view) => view.state === "not_called" && !view.rivals.length;

function offerUndo(made) {
  const undo = () => {
    const mine = new Set(made.map((one) => one.id));
    const back = made.filter(({ no }) => roll.view(no).heads.every((id) => mine.has(id)));
    mark(back.map(({ no }) => ({ no, state: "not_called" })));
    notice("undo", "");
  };
  const button = make("button", { class: "btn", type: "button", onclick: undo }, t("Hoàn tác"));
  notice("undo", t("Đã ghi {n} đồng chí có mặt.", { n: made.length }), [button]);
}

let reloading = null;
let stale = false;

function reload() {
  stale = true;
  reloading ??= (async () => {
    while (stale) {
      stale = false;
      // After the tap being written, or the row would fall back for a moment.
      await turn;
      await roll.reload();
    }
    reloading = null;
    draw();
  })();
}

function draw() {
  for (const no of people.keys()) drawPerson(no);
  drawHead();
  drawRefusedBox();
  notice("strangers", roll.strangers() && t("Danh sách đã khác với trang này."), [
    make("button", { class: "btn", type: "button", onclick: () => location.reload() }, t("Tải lại")),
  ]);
}

const drawn = new Map();

function drawPerson(no) {
  const view = roll.view(no);
  const unsent = roll.pendingOf(no).length > 0;
  const key = JSON.stringify([view.state, view.reason, view.heads, view.rivals, unsent]);
  if (drawn.get(no) === key) return;
  drawn.set(no, key);
  drawRow(people.get(no), view, unsent);
}

function drawHead() {
  const summary = roll.summary();
  root.dataset.state = roll.state();
  find("#rate").textContent = rate(summary) ?? t("chưa có số liệu");
  for (const button of all("[data-f]", root)) find("b", button).textContent = summary[button.dataset.f];
  for (const button of all("[name=rest]", root)) {
    const left = [...people.values()].filter((one) => one.group === button.value && isLeft(roll.view(one.no)));
    button.hidden = !left.length;
  }
}

function drawRefusedBox() {
  drawRefused({
    place: find("#refused"),
    refused: roll.refused(),
    people,
    again: root.dataset.closes === undefined ? null : again,
    seen: reload,
  });
}

function again({ id, no, state, reason }, late_reason) {
  mark([{ no, state, reason, late_reason }], [id]);
}

/** Group headings stick right under the header, however many lines it has. */
function keepHeaderHeight() {
  const header = find("#head");
  new ResizeObserver(() => root.style.setProperty("--head", `${header.offsetHeight}px`)).observe(header);
}
