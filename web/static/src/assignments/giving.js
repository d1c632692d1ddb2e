// Giving work in two taps and a sentence: a tap on a person opens the sheet with the sentence to write, a tap on "Giao"
// gives. The sheet holds the page's own fields.
import { all, find, make, say } from "../dom.js";
import { newId } from "../ids.js";
import { t } from "../words.js";

/** Takes the form over; -> {open({people, values, drop, edit})}: opens the sheet filled. */
export function watchGiving(root, book, people) {
  const { cell, meeting } = root.dataset;
  const form = find("#give", root);
  const fields = form.elements;
  const main = find("#what .btn.main", form);
  const give = main.textContent;
  const who = make("h2", { id: "sheet-who", class: "when" });
  const more = button(t("Thêm người"), () => choosing(true));
  const head = make("div", { class: "sheet-head" }, who, more, button(t("Đóng"), () => dialog.close()));
  const dialog = make("dialog", { id: "sheet", class: "sheet", "aria-labelledby": "sheet-who" }, head, find("#what", form));
  const bar = find("#picked");
  const pick = button("", () => choosing(false));
  bar.append(pick);
  form.append(dialog);
  let adding = false;
  let task = {};
  fields.text.required = true; // here a template puts its words into the field

  find("#people", form).addEventListener("change", () => (adding ? drawPicked() : open({ people: people.chosen() })));
  form.addEventListener("change", ({ target }) => {
    if (target.name === "due") drawDue();
    if (target.name === "usual") fill(target.dataset);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => {
    if (adding) return;
    people.choose([]);
    // The list has the focus again where it was left.
    reset();
  });
  drawDue();
  return { open };

  /** edit: the row that is changed instead of given; drop: the refused change that this one replaces. */
  function open({ people: chosen = [], values = {}, drop = [], edit = null }) {
    reset();
    task = { drop, edit };
    people.choose(chosen);
    fill(values);
    show();
  }

  function show() {
    const { edit } = task;
    who.textContent = edit ? edit.name : people.chosen().map(people.name).join(", ");
    more.hidden = Boolean(edit);
    main.textContent = edit ? t("Ghi lại") : give;
    dialog.showModal();
    fields.text.focus();
  }

  /** More people: the list again, with a tick for each, until the bar at the bottom leads back to the sentence. */
  function choosing(on) {
    adding = on;
    root.toggleAttribute("data-adding", on);
    if (on) {
      dialog.close();
      drawPicked();
    } else {
      bar.hidden = true;
      show();
    }
  }

  function drawPicked() {
    const n = people.chosen().length;
    bar.hidden = false;
    pick.disabled = !n;
    pick.textContent = t("Viết việc cho {n} đồng chí", { n });
  }

  function fill({ text, area, check, due }) {
    if (text) fields.text.value = text;
    if (area) fields.area.value = area;
    if (check !== undefined) fields.check_by.value = check;
    if (due === undefined) return;
    const known = [...fields.due.options].some((option) => option.value === (due ?? ""));
    fields.due.value = known ? (due ?? "") : "other";
    fields.due_other.value = known ? "" : due;
    drawDue();
  }

  function drawDue() {
    const other = fields.due.value === "other";
    fields.due_other.required = other;
    fields.due_other.closest(".f").hidden = !other;
  }

  function reset() {
    const chosen = people.chosen();
    const found = find("#find", root).value;
    form.reset();
    find("#find", root).value = found;
    people.choose(adding ? chosen : []);
    drawDue();
  }

  async function submit() {
    const { edit, drop } = task;
    const chosen = people.chosen();
    const said = readFields();
    if (!edit && !chosen.length) return;
    adding = false;
    root.removeAttribute("data-adding");
    dialog.close();
    const written = await book.write(() => (edit ? editing(edit, said) : giving(chosen, said)), drop);
    if (written?.length && !edit) say(t("Đã giao cho {names}.", { names: chosen.map(people.name).join(", ") }));
  }

  function readFields() {
    const due = fields.due.value === "other" ? fields.due_other.value : fields.due.value;
    const usual = all("[name=usual]", form).find((one) => one.checked);
    return {
      text: fields.text.value.trim(),
      area: fields.area.value,
      check_by: fields.check_by.value.trim(),
      due: due || null,
      usual_work: usual?.value || null,
    };
  }

  function giving(chosen, said) {
    const task = newId();
    return chosen.map((member) => ({
      ...{ kind: "given", assignment: newId(), seen: 0, task, cell, meeting, member, ...said },
      shown: { name: people.name(member), text: said.text },
    }));
  }

  /** What was written a moment ago, said better: its history keeps both. */
  function editing({ id }, { text, area, check_by, due }) {
    const view = book.view(id);
    const known = { assignment: id, meeting, seen: book.row(id)?.v ?? 0, note: t("Sửa ngay tại cuộc họp") };
    const shown = { name: view.name, text };
    const reworded = [text, area, check_by].join("\n") !== [view.text, view.area, view.check].join("\n");
    return [
      reworded && { ...known, shown, kind: "reworded", text, area, check_by },
      due !== view.due && { ...known, shown, kind: "rescheduled", due },
    ].filter(Boolean);
  }
}

const button = (words, onclick) => make("button", { class: "btn", type: "button", onclick }, words);
