// Finding a person in the list: by state and by name typed with or without accents.
import { all, find, plain } from "./dom.js";
import { searchKey } from "./rows.js";
import { t, word } from "./words.js";

export function watchFilters(root, people, viewOf) {
  const field = find("#find", root);
  const line = find("#filtered", root);
  let chosen = null;

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-f], [data-all]");
    if (!button) return;
    chosen = button.dataset.f && button.dataset.f !== chosen ? button.dataset.f : null;
    if (!button.dataset.f) field.value = "";
    apply();
  });
  field.addEventListener("input", apply);
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());

  /** Rows are chosen when the filter is pressed and then stay, whatever is marked: nothing moves under
   *  the thumb. */
  function apply() {
    const words = plain(field.value);
    let shown = 0;
    for (const person of people.values()) {
      const fits = (!chosen || viewOf(person.no).state === chosen) && (!words || searchKey(person).includes(words));
      person.row.hidden = !fits;
      if (fits) shown += 1;
    }
    for (const section of all("section[data-group]", root)) section.hidden = !find("li:not([hidden])", section);
    for (const button of all("[data-f]", root)) button.setAttribute("aria-pressed", button.dataset.f === chosen);
    line.hidden = !chosen && !words;
    root.toggleAttribute("data-filtered", !line.hidden);
    find("span", line).textContent = `${chosen ? word(chosen) : t("Tìm thấy")}: ${shown}`;
    if (scrollY > root.offsetTop) root.scrollIntoView();
  }
}
