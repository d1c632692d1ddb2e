// Last time's work, one after the other: a tap decides and folds the row; the next one comes to the same place, so the
// thumb stays where it is.
import { all, find, make, say } from "../dom.js";
import { rate, t } from "../words.js";
import { isDecided, isLive, isNews, isRivalled } from "./standing.js";
import { chip, chipOf, dayWords, dueWords, rivalBlock, valueWords } from "./telling.js";
import { askUndone } from "./undone.js";

// A second tap of an impatient thumb would decide about the next person.
const SETTLING = 400; // ms
// A row within so little of where it was brought to has not been scrolled by its reader.
const NUDGE = 8; // px

/** Takes the taps of the review over; -> draw(). */
export function watchReview(root, book) {
  const { day, meeting } = root.dataset;
  const list = find("#review", root);
  const rows = all("li[data-id]", list);
  const before = new Map(rows.map((row) => [row.dataset.id, book.row(row.dataset.id)]));
  const mine = new Set(); // decided while this page is open: these can be taken back
  let brought = {}; // the row that was brought under the thumb, and where: parts of pixels must not add up
  list.addEventListener("click", pressed);
  list.addEventListener("submit", (event) => event.preventDefault());
  return draw;

  function pressed(event) {
    const control = event.target.closest("[name=move], a[data-undone], .undo");
    if (!control || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const row = control.closest("li[data-id]");
    if (control.matches("a")) return undone(row);
    decide(row, control.matches(".undo") ? undoing(row.dataset.id) : draftOf(control.value, book.view(row.dataset.id)));
  }

  async function undone(row) {
    const draft = await askUndone(book.view(row.dataset.id), day, root.dataset.decides !== undefined);
    if (draft) decide(row, draft);
  }

  async function decide(row, draft) {
    const top = row.getBoundingClientRect().top;
    const place = row === brought.row && Math.abs(top - brought.place) < NUDGE ? brought.place : top;
    const focused = row.contains(document.activeElement);
    const id = row.dataset.id;
    if (!(await book.say(id, { ...draft, meeting }))) return;
    mine.add(id);
    draw();
    const view = book.view(id);
    say(`${view.name}: ${toldOf(view, book.row(id)).textContent}`);
    if (isDecided(view, day)) moveOn(row, place, focused);
  }

  function moveOn(row, place, focused) {
    const next = rows.slice(rows.indexOf(row) + 1).find((one) => !one.hasAttribute("data-done"));
    if (!next) return;
    scrollBy(0, next.getBoundingClientRect().top - place);
    brought = { row: next, place };
    if (focused) find("button, a", find(".moves", next))?.focus({ preventScroll: true });
    list.setAttribute("data-settling", "");
    setTimeout(() => list.removeAttribute("data-settling"), SETTLING);
  }

  /** What takes the decision back: its history says that it was a slip. */
  function undoing(id) {
    const note = t("Bấm nhầm");
    const { due } = before.get(id);
    return isLive(book.view(id)) ? { kind: "carried", due, note } : { kind: "returned", note };
  }

  function mayUndo(id, view) {
    if (root.dataset.decides === undefined || !mine.has(id) || !isDecided(view, day)) return false;
    return isNews(view, undoing(id)) && view.due !== before.get(id).due ? true : !isLive(view);
  }

  function draw() {
    for (const row of rows) drawRow(row, book.view(row.dataset.id));
    drawCount();
  }

  function drawRow(row, view) {
    const id = row.dataset.id;
    const pending = book.pendingOf(id).length > 0;
    const key = JSON.stringify([view, pending, mine.has(id)]);
    if (row.dataset.key === key) return;
    row.dataset.key = key;
    row.dataset.state = view.state;
    row.toggleAttribute("data-p", pending);
    row.toggleAttribute("data-done", isDecided(view, day));
    row.toggleAttribute("data-w", isRivalled(view));
    find(".due", row).textContent = [dueWords(view.due), view.asked && valueWords("asked", view.asked)].filter(Boolean).join(", ");
    find(".says", row).replaceChildren(toldOf(view, before.get(id)), mayUndo(id, view) ? undoButton(view) : "");
    find(".rivals", row).replaceChildren(...(isRivalled(view) ? rivalBlock(view, root.dataset.decides !== undefined) : []));
  }

  /** Moved on to a later day, or the chip of its state. */
  function toldOf(view, old) {
    const moved = view.state === "open" && view.due !== old?.due && isDecided(view, day);
    if (!moved) return isRivalled(view) ? chip("rivals") : chipOf(view);
    const words = view.due ? t("→ làm tiếp đến {day}", { day: dayWords(view.due) }) : t("→ làm tiếp, không đặt hạn");
    return make("span", { class: "st" }, words);
  }

  function drawCount() {
    const views = rows.map((row) => [row.dataset.base, book.view(row.dataset.id)]);
    const due = views.filter(([base, { state }]) => base && state !== "cancelled");
    const done = due.filter(([base, { state }]) => base === "due" && state === "done");
    const figure = find("#done", root);
    if (figure) figure.textContent = rate({ attending: done.length, base: due.length }) ?? t("chưa có số liệu");
    const left = rows.filter((row) => !row.hasAttribute("data-done")).length;
    find("#left", root).textContent = left || "✓";
  }
}

const undoButton = ({ name }) => make("button", { class: "btn undo", type: "button", "aria-label": `${t("Hoàn tác")}: ${name}` }, t("Hoàn tác"));

/** "accepted.late.3", "reported..3", "settled.state.<change>": what a button says. */
function draftOf(value, view) {
  const [kind, detail, change] = value.split(".");
  if (kind === "settled") {
    const rival = view.rivals[detail]?.find((one) => one.change === change);
    return { kind, register: detail, value: rival?.value ?? null };
  }
  return detail ? { kind, result: detail } : { kind };
}
