// "Việc của tôi": what a member reports is written to this phone first and sent when there is a signal.
import { listen } from "../bus.js";
import { all, find, make, say } from "../dom.js";
import { askToPersist } from "../queue.js";
import { t } from "../words.js";
import { drawRefusals } from "./refusals.js";
import { isNews, isRivalled } from "./standing.js";
import { chip, chipOf } from "./telling.js";

/** root: #work. */
export function startReporting(root, book) {
  const box = make("div", { id: "refused", role: "alert", hidden: true });
  find("#outcome", root).append(box);
  root.addEventListener("submit", (event) => {
    const form = event.target;
    const row = form.closest("li[data-id]");
    if (!form.dataset.move || !row) return;
    event.preventDefault();
    report(form, row);
  });
  listen(({ type }) => type === "work" && book.reload().then(draw));
  draw();
  root.setAttribute("data-ready", "");
  askToPersist();

  async function report(form, row) {
    const said = new FormData(form);
    const draft = { kind: form.dataset.move, note: String(said.get("note") ?? "").trim() };
    if (said.has("due")) draft.due = said.get("due") || null;
    if (!(await book.say(row.dataset.id, draft))) {
      const told = find("[data-told]", row);
      told.hidden = false;
      told.textContent = t("Việc này nay đã khác, nên chưa ghi được. Xin mở việc để xem.");
      return;
    }
    form.reset();
    form.closest("details")?.removeAttribute("open");
    say(find("[data-told]", row).textContent);
  }

  function draw() {
    for (const row of all("li[data-id]", root)) drawRow(row);
    const refused = book.refused().filter(({ change }) => !change.meeting);
    drawRefusals(box, refused, { may, again });
  }

  function drawRow(row) {
    const { id } = row.dataset;
    const view = book.view(id);
    const pending = book.pendingOf(id).length;
    const key = JSON.stringify([view, pending]);
    if (row.dataset.key === key) return;
    const first = !row.dataset.key;
    row.dataset.key = key;
    for (const seen of all("[name=seen]", row)) seen.value = view.v;
    const told = find("[data-told]", row);
    told.hidden = !pending;
    told.textContent = pending ? t("Đã ghi trong máy, chưa gửi.") : "";
    // Before anything was said here the server's own words stand, which know of today.
    if (first && !pending && view.v === Number(row.dataset.v)) return;
    row.dataset.state = view.state;
    find("[data-standing]", row).replaceChildren(isRivalled(view) ? chip("rivals") : chipOf(view));
  }

  function may({ change }) {
    const view = book.view(change.assignment);
    return Boolean(view && isNews(view, change));
  }

  function again({ change, shown, n }) {
    const { id, after, at, seen, ...said } = change;
    return book.write(() => [{ ...said, shown, seen: book.row(said.assignment)?.v ?? 0 }], [n]);
  }
}
