// The list of people to give work to: found with or without accents, their load with what this phone has given.
import { all, find, plain } from "../dom.js";
import { t } from "../words.js";
import { isLive } from "./standing.js";

/** -> {draw(), name(no), chosen() -> [no], choose([no])} */
export function watchPeople(root, book) {
  const people = new Map(all("#people li", root).map((row) => [Number(find("input", row).value), readPerson(row)]));
  const field = find("#find", root);
  field.addEventListener("input", () => {
    const words = plain(field.value);
    for (const { row, key } of people.values()) row.hidden = Boolean(words) && !key.includes(words);
    for (const section of all("#people section", root)) section.hidden = !find("li:not([hidden])", section);
  });
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  const listed = [...people];

  return {
    name: (no) => people.get(no)?.name ?? t("Số {n}", { n: no }),
    chosen: () => listed.filter(([, { box }]) => box.checked).map(([no]) => no),
    choose(numbers) {
      for (const [no, { box }] of listed) box.checked = numbers.includes(no);
    },
    /** Loads, with what was given here since the page was made. */
    draw() {
      const given = book.givenAt(root.dataset.meeting).map((id) => book.view(id));
      for (const [no, { row, load }] of listed) {
        const n = load + given.filter((view) => view.member === no && isLive(view)).length;
        find(".load", row).textContent = n ? t("{n} việc", { n }) : "";
      }
    },
  };
}

function readPerson(row) {
  const name = find(".person", row).textContent.trim();
  return { row, name, key: plain(name), box: find("input", row), load: Number(find(".load", row).dataset.load) };
}
