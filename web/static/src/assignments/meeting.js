// The page of a meeting's assignments: last time's work, giving, what was given. What is said is written to this phone
// first, then shown, then sent: the same way with and without network.
import { listen } from "../bus.js";
import { all, ask, cancel, find, make } from "../dom.js";
import { askToPersist } from "../queue.js";
import { t } from "../words.js";
import { watchGiving } from "./giving.js";
import { watchPeople } from "./people.js";
import { drawRefusals } from "./refusals.js";
import { watchReview } from "./review.js";
import { isLive, isNews, isRivalled } from "./standing.js";
import { chip, chipOf, dueWords } from "./telling.js";

/** root: #assignments. */
export function startMeeting(root, book) {
  const { meeting } = root.dataset;
  const review = watchReview(root, book);
  const people = find("#give", root) ? watchPeople(root, book) : null;
  const giving = people && watchGiving(root, book, people);
  const draw = () => {
    review();
    people?.draw();
    drawGiven(root, book, giving);
    const refused = book.refused().filter(({ change }) => change.meeting === meeting);
    drawRefusals(find("#refused"), refused, { may, again });
  };
  listen(({ type }) => type === "work" && book.reload().then(draw));
  draw();
  root.setAttribute("data-ready", "");
  askToPersist();

  function may({ change }) {
    const view = change.kind === "given" ? null : book.view(change.assignment);
    return change.kind === "given" ? Boolean(giving) : Boolean(view && isNews(view, change));
  }

  function again({ change, shown, n }) {
    const { id, after, at, seen, ...said } = change;
    if (said.kind !== "given") return book.write(() => [{ ...said, shown, seen: book.row(said.assignment)?.v ?? 0 }], [n]);
    const { text, area, check_by: check, due } = said;
    return giving.open({ people: [said.member], values: { text, area, check, due }, drop: [n] });
  }
}

/** What was given at this meeting: the page's rows, and below them what this phone has given since. */
function drawGiven(root, book, giving) {
  const list = find("#given", root);
  const blank = find("#given-row", root).content.firstElementChild;
  for (const id of book.givenAt(root.dataset.meeting)) {
    if (find(`[data-id="${id}"]`, list)) continue;
    const row = blank.cloneNode(true);
    row.dataset.id = id;
    list.append(row);
  }
  for (const row of all("li", list)) drawGivenRow(row, book, giving);
  find("#given-count", root).textContent = list.children.length || "";
  find("#given-none", root).hidden = list.children.length > 0;
}

function drawGivenRow(row, book, giving) {
  const { id } = row.dataset;
  const view = book.view(id);
  const pending = book.pendingOf(id).length > 0;
  const key = JSON.stringify([view, pending]);
  if (!view || row.dataset.key === key) return;
  row.dataset.key = key;
  row.toggleAttribute("data-p", pending);
  find(".person", row).textContent = view.name;
  find(".what", row).textContent = view.text;
  find(".due", row).textContent = dueWords(view.due);
  find(".says", row).replaceChildren(isRivalled(view) ? chip("rivals") : chipOf(view));
  const link = find("a", row);
  link.hidden = !view.no;
  if (view.no) link.setAttribute("href", `${link.dataset.href}${view.no}`);
  const may = row.closest("[data-decides]") && isLive(view) && !isRivalled(view);
  find(".acts", row).replaceChildren(link, ...(may ? tools(view, book, giving, row) : []));
}

function tools(view, book, giving, row) {
  const { meeting } = row.closest("[data-meeting]").dataset;
  const values = { text: view.text, area: view.area, check: view.check, due: view.due };
  const tool = (words, onclick) =>
    make("button", { class: "btn", type: "button", onclick, "aria-label": `${words}: ${view.name}` }, words);
  return [
    tool(t("Sửa"), () => giving.open({ values, edit: view })),
    tool(t("Hủy việc"), () => cancelling(view, book, meeting)),
  ];
}

async function cancelling(view, book, meeting) {
  const field = make("input", { class: "in", id: "why", maxlength: 200, required: true, autocomplete: "off", value: t("Ghi nhầm") });
  const box = make("div", { class: "f" }, make("label", { for: "why" }, t("Lý do hủy")), field);
  const question = t("Hủy việc này của đồng chí {name}?", { name: view.name });
  const answer = await ask(question, [["yes", t("Hủy việc"), "danger"], cancel()], box);
  if (answer === "yes") book.say(view.id, { kind: "cancelled", note: field.value.trim(), meeting });
}
