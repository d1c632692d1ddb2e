// How far a document is: what is on its way, and the receipt once the server has stored and checked every page.
import { make } from "../dom.js";
import { t } from "../words.js";
import { toRetake, warning } from "./cards.js";

let drawn = "";

/** Fills `place` with the state of {paper, pages}; the same state again is not said again. */
export function drawOutcome(place, { paper, pages }, slug) {
  const safe = pages.filter((page) => page.status === "safe").length;
  const again = pages.map((page, i) => (toRetake(page) ? i + 1 : 0)).filter(Boolean);
  const states = pages.map((page) => page.status);
  const key = JSON.stringify([paper?.id, paper?.arranged === paper?.revision, states, again, navigator.onLine]);
  if (key === drawn) return;
  drawn = key;
  const advice = again.length ? [warning("warn", t("Nên xem lại trước khi rời bàn: trang {list}.", { list: again.join(", ") }))] : [];
  place.replaceChildren(...advice, ...(paper?.going && pages.length ? told(paper, pages, safe, slug) : []));
}

function told(paper, pages, safe, slug) {
  const words = t("{safe}/{n} trang đã an toàn", { safe, n: pages.length });
  const done = safe === pages.length && paper.arranged === paper.revision;
  if (!done) return [onTheWay(words, safe, pages)];
  const link = make("a", { class: "btn", href: `/${slug}/minutes/${paper.id}` }, t("Xem biên bản"));
  const more = make("button", { type: "button", class: "btn", "data-do": "over" }, t("Chụp biên bản khác"));
  const text = make("div", {}, make("p", {}, make("b", {}, words)), make("p", {}, t("Máy chủ đã nhận và kiểm tra từng trang.")), make("p", { class: "acts" }, link, more));
  return [make("div", { class: "note ok receipt" }, make("i", { "aria-hidden": "true" }, "✓"), text)];
}

function onTheWay(words, safe, pages) {
  return make(
    "div",
    { class: "stack" },
    make("p", { id: "sent-word" }, make("b", {}, words)),
    make("progress", { value: safe, max: pages.length, "aria-labelledby": "sent-word" }),
    make("p", { class: "muted" }, why(pages)),
  );
}

function why(pages) {
  if (!pages.some((page) => page.status === "pending")) {
    return t("Còn trang chưa gửi hoặc không được nhận: xin xem bên dưới.");
  }
  if (!navigator.onLine) return t("Chưa có mạng: các trang nằm trong máy và sẽ tự gửi khi có mạng.");
  // Where the browser wakes the worker by itself, nobody has to wait here.
  return "SyncManager" in window
    ? t("Đang gửi từng trang. Đóng ứng dụng cũng được, máy sẽ gửi tiếp.")
    : t("Đang gửi từng trang. Nếu đóng ứng dụng, máy sẽ gửi tiếp khi mở lại.");
}
