// Files that another app has handed over wait on the phone until a meeting is chosen for them.
import { find, make } from "../dom.js";
import { transact } from "../papers.js";
import { asked } from "../store.js";
import { t } from "../words.js";

/** Offers them, or takes them at once where this meeting was just chosen for them. add: (files) => whether kept. */
export async function takeShared(root, account, add) {
  const waiting = await handedTo(account);
  const place = find("#shared");
  if (!waiting.length) return;
  const take = async () => {
    place.replaceChildren();
    if (await add(waiting.map((one) => one.file))) await forget(waiting);
  };
  const drop = async () => {
    place.replaceChildren();
    await forget(waiting);
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

/** What other apps have handed over to this account: [{id, name, file}]. */
const handedTo = (account) =>
  transact(["shared"], "readonly", async ({ shared }) =>
    (await asked(shared.getAll())).filter((one) => one.account === account),
  );

const forget = (files) =>
  transact(["shared"], "readwrite", ({ shared }) => {
    for (const { id } of files) shared.delete(id);
  });
