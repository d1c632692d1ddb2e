// "Chưa xong": carried over to a later day, not done, or handed back. The page's own forms, in a dialog.
import { all, find, make } from "../dom.js";
import { t } from "../words.js";

/** Resolves to what is said of this row, or null. day: of the meeting; decides: whether one may do more than carry. */
export function askUndone(row, day, decides) {
  const dialog = make(
    "dialog",
    { class: "sheet", "aria-labelledby": "undone-who" },
    make("h2", { id: "undone-who", class: "when" }, row.name),
    make("p", {}, row.text),
    document.getElementById("undone-forms").content.cloneNode(true),
    make("button", { class: "btn full", type: "button", onclick: () => dialog.close() }, t("Quay lại")),
  );
  // Handing back leaves the due date as it is, which says something only while that is still ahead.
  const returns = decides && row.state === "reported" && (!row.due || row.due >= day);
  for (const form of all("form", dialog)) form.hidden = form.dataset.move === "returned" && !returns;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    let answer = null;
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("submit", (event) => {
      event.preventDefault();
      answer = read(event.target, event.submitter);
      if (answer) dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(answer);
    });
  });
}

function read(form, submitter) {
  const note = find("[name=note]", form)?.value.trim() ?? "";
  if (form.dataset.move !== "carried") return { kind: form.dataset.move, note };
  const due = submitter.value === "other" ? find("[name=due_other]", form).value : submitter.value;
  if (submitter.value === "other" && !due) return find("[name=due_other]", form).focus(), null;
  return { kind: "carried", due: due || null, note };
}
