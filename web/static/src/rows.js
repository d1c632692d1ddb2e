// The rows of the roll: reads what the server drew, draws what is newer.
import { all, find, make, plain } from "./dom.js";
import { chip, t, word } from "./words.js";

/** -> Map no -> person {no, row, name, base, group, markable} */
export function readPeople(root) {
  const people = new Map();
  for (const row of all("li[id]", root)) {
    const name = find("p", row).textContent.trim();
    const button = find("button", row);
    const person = {
      no: Number(row.id.slice(1)),
      row,
      name,
      base: row.dataset.b,
      group: row.closest("section").dataset.group,
      markable: Boolean(button),
    };
    people.set(person.no, person);
    nameButtons(person);
  }
  return people;
}

/** 151 buttons saying "Có mặt" are told apart by the name of the person. */
function nameButtons({ row, name }) {
  for (const control of all(":scope > button, :scope > a", row)) {
    control.setAttribute("aria-label", `${control.textContent}: ${name}`);
  }
}

/** What the server drew, as entries like those of its answers. */
export function readEntries(people) {
  const entries = {};
  for (const { no, row, base } of people.values()) {
    const { s: state, r: reason = "", h = "" } = row.dataset;
    const rivals = all("[data-id]", row).map((button) => ({
      id: button.dataset.id,
      state: button.value.split(".")[1],
      by: button.dataset.by,
      reason: button.dataset.r ?? "",
    }));
    entries[no] = { no, state, reason, base, heads: h.split(" ").filter(Boolean), rivals };
  }
  return entries;
}

/** Draws one person; `unsent` says that a mark of this phone is still on its way. */
export function drawRow({ row, no, markable }, view, unsent) {
  row.dataset.s = view.state;
  row.dataset.h = view.heads.join(" ");
  row.toggleAttribute("data-p", unsent);
  row.toggleAttribute("data-w", view.rivals.length > 0);
  if (view.reason) row.dataset.r = view.reason;
  else delete row.dataset.r;
  find(":scope > span", row).textContent = stateWords(view);
  const old = find(":scope > div", row);
  const focused = old?.contains(document.activeElement);
  old?.remove();
  if (view.rivals.length) row.append(rivalBlock(no, view.rivals, markable));
  if (focused) find(":scope > a", row)?.focus();
}

export function stateWords(view) {
  if (view.rivals.length) return `⚠ ${t("Ghi khác nhau")}`;
  return view.reason ? `${chip(view.state)}: ${view.reason}` : chip(view.state);
}

/** "đ/c A: có mặt · đ/c B: vắng"; each is a button that settles it where one may. */
function rivalBlock(no, rivals, markable) {
  const parts = rivals.map(({ id, state, by, reason = "" }) => {
    const words = `${by ? t("đ/c {name}", { name: by }) : t("máy này")}: ${word(state)}${reason && `: ${reason}`}`;
    if (!markable) return make("span", {}, words);
    return make("button", { name: "m", value: `${no}.${state}`, "data-id": id, "data-by": by || "", "data-r": reason }, words);
  });
  return make("div", {}, ...parts);
}

export const searchKey = (person) => (person.key ??= plain(person.name));
