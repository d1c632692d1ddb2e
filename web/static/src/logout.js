// Logging out empties this account's kept pages. Unsent marks, pages of minutes and assignments are asked about, never
// dropped.
import { forgetRows } from "./changes.js";
import { account, refresh, retry, unsent, unsentWords } from "./device.js";
import { ask, make } from "./dom.js";
import { call } from "./pages.js";
import { forgetPapers } from "./papers.js";
import { endPush } from "./push_end.js";
import { forgetRolls, setMeta } from "./queue.js";
import { t } from "./words.js";

export function watchLogout() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.getAttribute("action") !== "/logout" || form.dataset.ready) return;
    event.preventDefault();
    leave(form);
  });
}

async function leave(form) {
  const left = unsentWords(await unsent());
  if (left && !(await agreed(left))) return;
  const forgotten = [forgetRolls(account), forgetPapers(account), forgetRows(account), setMeta("account", null)];
  await Promise.allSettled([call({ type: "logout", account }), endPush(account), ...forgotten]);
  form.dataset.ready = "1";
  form.requestSubmit();
}

async function agreed(what) {
  const answer = await ask(t("Còn {what} chưa gửi. Đăng xuất bây giờ?", { what }), [
    ["send", t("Gửi rồi đăng xuất"), "main"],
    ["stay", t("Ở lại")],
    ["keep", t("Đăng xuất, giữ lại trong máy")],
  ]);
  if (answer === "keep") return true;
  return answer === "send" && sendFirst();
}

async function sendFirst() {
  await retry();
  await refresh();
  const left = unsentWords(await unsent());
  if (!left) return true;
  const sentence = t("Chưa gửi được {what}. Đồng chí vẫn đang đăng nhập.", { what: left });
  await ask(sentence, [["", t("Ở lại"), "main"]], make("p", {}, t("Những gì chưa gửi vẫn được giữ trong máy.")));
  return false;
}
