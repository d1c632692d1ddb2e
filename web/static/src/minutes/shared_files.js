// Files that another app has handed over wait on the phone until a meeting is chosen for them.
import { find, make } from "../dom.js";
import { t } from "../words.js";
import { forgetShared, sharedFor } from "./desk.js";

/** Offers them, or takes them at once where this meeting was just chosen for them. add: (files) => whether kept. */
export async function takeShared(root, account, add) {
  const waiting = await sharedFor(account);
  const place = find("#shared");
  if (!waiting.length) return;
  const take = async () => {
    place.replaceChildren();
    if (await add(waiting.map((one) => one.file))) await forgetShared(waiting.map((one) => one.id));
  };
  const drop = async () => {
    place.replaceChildren();
    await forgetShared(waiting.map((one) => one.id));
  };
  if (location.hash === "#shared") {
    history.replaceState(null, "", location.pathname);
    return take();
  }
  const button = (words, onclick) => make("button", { class: "btn", type: "button", onclick }, words);
  const acts = make("p", { class: "acts" }, button(t("Thêm vào biên bản này"), take), button(t("Bỏ các tệp này"), drop));
  const words = make("p", {}, t("Có {n} tệp được chia sẻ từ ứng dụng khác.", { n: waiting.length }));
  place.replaceChildren(make("div", { class: "note" }, make("i", { "aria-hidden": "true" }, "i"), make("div", {}, words, acts)));
}
