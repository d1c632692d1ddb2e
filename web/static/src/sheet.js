// The sheet of one person: large choices, a reason, and a reason for the change once the roll is closed.
import { all, find, make } from "./dom.js";
import { stateWords } from "./rows.js";
import { chip, t } from "./words.js";

const REASONS = ["ốm", "đi công tác", "việc gia đình"];

/** Resolves to {state, reason, late_reason} or null. */
export function openSheet({ person, view, closed }) {
  const states = ["present", "late", "absent_excused", "absent_unexcused"];
  const choices = states.map((state) => choice(state, chip(state), view));
  const reason = reasonField(view.reason);
  const late = closed ? lateField() : null;
  const dialog = make(
    "dialog",
    { id: "sheet", "aria-labelledby": "sheet-name" },
    make(
      "form",
      { method: "dialog" },
      make("h2", { id: "sheet-name", class: "when" }, person.name),
      make("p", { class: "muted" }, stateWords(view)),
      late,
      make("div", { class: "choices" }, ...choices),
      reason,
      undo(person, view),
      footer(person),
    ),
  );
  reason.hidden = view.state !== "absent_excused";
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    let answer = null;
    dialog.addEventListener("click", (event) => {
      // A press beside the sheet closes it.
      if (event.target === dialog) return dialog.close();
      const button = event.target.closest("button[value]");
      if (!button) return;
      event.preventDefault();
      answer = read(dialog, button, answer);
      if (answer) dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
  });
}

function read(dialog, button, answer) {
  const late = find("[name=late_reason]", dialog);
  if (late && !late.reportValidity()) return answer;
  const field = find("[name=reason]", dialog);
  const section = field.closest("fieldset");
  const state = button.value;
  if (state === "absent_excused" && section.hidden) {
    section.hidden = false;
    for (const one of all(".choices button", dialog)) one.setAttribute("aria-pressed", one === button);
    find("button", section).focus();
    return answer;
  }
  const reason = state === "absent_excused" ? (button.dataset.reason ?? field.value.trim()) : "";
  return { state, reason, late_reason: late ? late.value.trim() : null };
}

function choice(state, words, view) {
  const pressed = view.state === state && !view.rivals.length;
  return make("button", { class: "btn", value: state, "data-s": state, "aria-pressed": String(pressed) }, words);
}

/** A quick reason records at once: two taps for "vắng có lý do: ốm". */
function reasonField(value) {
  const quick = REASONS.map((words) =>
    make("button", { class: "btn", value: "absent_excused", "data-reason": t(words) }, t(words)),
  );
  const field = make("input", { class: "in", id: "sheet-reason", name: "reason", maxlength: 200, autocomplete: "off", value });
  return make(
    "fieldset",
    { class: "f" },
    make("legend", {}, t("Lý do vắng")),
    make("div", { class: "acts" }, ...quick),
    make("label", { for: "sheet-reason" }, t("Lý do khác")),
    field,
    make("button", { class: "btn full", value: "absent_excused" }, t("Ghi vắng có lý do")),
  );
}

function lateField() {
  const field = make("input", {
    class: "in",
    id: "sheet-late",
    name: "late_reason",
    maxlength: 200,
    autocomplete: "off",
    required: true,
  });
  return make("div", { class: "f" }, make("label", { for: "sheet-late" }, t("Lý do sửa sau khi khóa")), field);
}

function undo({ base }, view) {
  const blank = base === "exempt" ? "exempt" : "not_called";
  if (view.state === blank && !view.rivals.length) return null;
  const words = t("Trả về: {state}", { state: chip(blank) });
  return make("button", { class: "btn full", value: blank }, words);
}

function footer({ no }) {
  return make(
    "p",
    { class: "acts" },
    make("a", { class: "btn link", href: `entries/${no}` }, t("Lịch sử ghi")),
    make("button", { class: "btn", type: "button", onclick: (event) => event.target.closest("dialog").close() }, t("Đóng")),
  );
}
