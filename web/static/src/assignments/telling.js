// Assignments in words: days, what somebody says, the chip of a state, two sayings that disagree.
import { find, make } from "../dom.js";
import { t } from "../words.js";
import { stateOf } from "./standing.js";

/** "2026-11-03" -> 03/11/2026. */
export const dayWords = (day) => day.split("-").reverse().join("/");
export const dueWords = (due) => (due ? t("hạn {day}", { day: dayWords(due) }) : t("không đặt hạn"));

const SAID = {
  given: "giao việc",
  progress: "ghi tiến độ",
  reported: "báo xong",
  taken_back: "rút lại lời báo xong",
  asked_time: "xin thêm thời gian",
  not_done: "ghi là không hoàn thành",
  returned: "trả lại để làm tiếp",
  cancelled: "hủy việc này",
  reworded: "sửa nội dung",
  settled: "chốt lại",
};

/** What a change says, in a few words. */
export function saidWords({ kind, result, due }) {
  if (kind === "accepted") return chipWords(`done:${result}`);
  if (kind === "carried") return t("chuyển sang làm tiếp, {due}", { due: dueWords(due) });
  if (kind === "rescheduled") return t("đổi hạn: {due}", { due: dueWords(due) });
  return t(SAID[kind] ?? kind);
}

/** The page's own chip of a state, as the server draws it. */
export function chip(state) {
  const chips = document.getElementById("chips")?.content;
  return find(`[data-key="${state}"]`, chips ?? document)?.firstElementChild.cloneNode(true) ?? null;
}

export const chipOf = (row) => chip(stateOf(row));
const chipWords = (state) => chip(state)?.lastChild.textContent ?? state;

/** What a rival says of a register. */
export function valueWords(register, value, name) {
  if (register === "state") return chipWords(value);
  if (register === "what") return `“${value.text}”`;
  if (register === "who") return name ?? "";
  if (register === "asked") return value ? t("xin thêm đến {day}", { day: dayWords(value) }) : t("không xin thêm thời gian");
  return dueWords(value);
}

/** Both sayings with who and when; buttons that settle where one may. */
export function rivalBlock(row, may) {
  const sayings = Object.entries(row.rivals).flatMap(([register, rivals]) =>
    rivals.map(({ change, value, by, at, note, name }) => {
      const who = [t("đ/c {name}", { name: by }), at && dayWords(at.slice(0, 10)), note].filter(Boolean).join(", ");
      const words = [make("b", {}, valueWords(register, value, name)), make("span", { class: "muted" }, who)];
      const move = `settled.${register}.${change}`;
      return may ? make("button", { class: "btn full", name: "move", value: move }, ...words) : make("p", {}, ...words);
    }),
  );
  return [make("p", {}, may ? t("Hai người ghi khác nhau. Bấm vào điều đúng để chốt.") : t("Hai người ghi khác nhau.")), ...sayings];
}
