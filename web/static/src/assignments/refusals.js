// What the server did not take stays in sight, readable, until somebody has put it away or said it anew.
import { tell } from "../bus.js";
import { dropChange } from "../changes.js";
import { make } from "../dom.js";
import { t } from "../words.js";
import { dayWords, saidWords } from "./telling.js";

/** place: an element of the page; may(refused): whether it can still be said; again(refused) says it anew. */
export function drawRefusals(place, refused, { may, again }) {
  const shown = refused.map(({ change }) => change.id).join(" ");
  if ((place.dataset.shown ?? "") === shown) return;
  place.dataset.shown = shown;
  place.hidden = !refused.length;
  place.replaceChildren(
    make("h2", {}, t("Máy chủ không nhận {n} lượt ghi việc.", { n: refused.length })),
    make("ul", { class: "plain" }, ...refused.map((one) => item(one, may(one) ? again : null))),
  );
}

function item(refused, again) {
  const { change, shown, refusal, n } = refused;
  const put = async () => {
    await dropChange(n);
    tell({ type: "work" });
  };
  const due = change.due ? t("hạn {day}", { day: dayWords(change.due) }) : "";
  return make(
    "li",
    { "data-refused": change.id },
    make("p", {}, make("b", {}, shown.name), ` – ${saidWords(change)}`),
    make("p", {}, `“${change.text || shown.text}”${due && change.kind === "given" ? `, ${due}` : ""}`),
    change.note ? make("p", {}, change.note) : null,
    make("p", { class: "err" }, refusal),
    make(
      "p",
      { class: "acts" },
      again && make("button", { class: "btn", type: "button", onclick: () => again(refused) }, t("Ghi lại")),
      make("button", { class: "btn", type: "button", onclick: put }, t("Bỏ lượt ghi này")),
    ),
  );
}
