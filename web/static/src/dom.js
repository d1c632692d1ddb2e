// Building elements and asking questions without inline script or style.
import { t } from "./words.js";

export const find = (selector, root = document) => root.querySelector(selector);
export const all = (selector, root = document) => [...root.querySelectorAll(selector)];

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Asks in a dialog; resolves to the value of the pressed button, "" when closed otherwise.
 *  choices: [[value, words, class], ...]; extra: an element between the question and the buttons. */
export function ask(question, choices, extra = null) {
  const dialog = make(
    "dialog",
    { class: "ask", "aria-labelledby": "ask-question" },
    make(
      "form",
      { method: "dialog" },
      make("p", { id: "ask-question" }, question),
      extra,
      ...choices.map(([value, words, style = ""]) =>
        make("button", { value, class: `btn ${style}`, formnovalidate: !value }, words),
      ),
    ),
  );
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}

export const cancel = () => ["", t("Quay lại")];

/** Says a sentence to a screen reader without moving the focus. */
export function say(sentence) {
  let region = document.getElementById("say");
  if (!region) {
    region = make("p", { id: "say", class: "vh", role: "status" });
    document.body.append(region);
  }
  region.textContent = sentence;
}

/** Search key of a name: lower case, no accents, đ as d; typed NFC or NFD gives the same, H'Bia as hbia. */
export function plain(text) {
  return text
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/đ/g, "d")
    .replace(/['’]/g, "")
    .replace(/\s+/g, " ")
    .trim();
}
