// What the server did not take stays in sight until the person has seen it.
import { ask, cancel, make } from "./dom.js";
import { forget } from "./queue.js";
import { chip, t } from "./words.js";

/** again(mark, late_reason) records it anew (null: this person may not after closing); seen() is called after a mark
 *  was put away. */
export function drawRefused({ place, refused, people, again, seen }) {
  const shown = refused.map((mark) => mark.id).join(" ");
  if (place.dataset.shown === shown) return;
  place.dataset.shown = shown;
  place.hidden = !refused.length;
  if (!refused.length) return place.replaceChildren();
  const items = refused.map((mark) => item(mark, people, again, seen));
  place.replaceChildren(
    make("h2", {}, t("Máy chủ không nhận {n} lượt", { n: refused.length })),
    make("ul", { class: "plain" }, ...items),
  );
}

function item(mark, people, again, seen) {
  const name = people.get(mark.no)?.name ?? t("Số {n}", { n: mark.no });
  const put = async () => {
    await forget([mark.id]);
    seen();
  };
  const buttons = [make("button", { class: "btn", type: "button", onclick: put }, t("Đã xem"))];
  if (again && mark.closed && !mark.late_reason) {
    const retry = () => withReason(mark, name, again);
    buttons.unshift(make("button", { class: "btn", type: "button", onclick: retry }, t("Ghi lại kèm lý do")));
  }
  return make(
    "li",
    { "data-refused": mark.id },
    make("p", {}, make("b", {}, name), ` – ${chip(mark.state)}`),
    make("p", {}, mark.refusal),
    make("p", { class: "acts" }, ...buttons),
  );
}

async function withReason(mark, name, again) {
  const field = make("input", { class: "in", id: "again-reason", maxlength: 200, required: true, autocomplete: "off" });
  const box = make("div", { class: "f" }, make("label", { for: "again-reason" }, t("Lý do sửa sau khi khóa")), field);
  const answer = await ask(`${name}: ${chip(mark.state)}`, [["yes", t("Ghi lại"), "main"], cancel()], box);
  if (answer === "yes" && field.value.trim()) again(mark, field.value.trim());
}
