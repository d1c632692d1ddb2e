// Logging out empties this account's kept pages. Unsent marks are asked about, never dropped.
import { account, refresh, sender, unsent } from "./device.js";
import { ask, make } from "./dom.js";
import { call } from "./pages.js";
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
  const held = await unsent();
  const count = held.pending + held.openings + held.refused.length;
  if (count && !(await agreed(count))) return;
  await Promise.allSettled([call({ type: "logout", account }), forgetRolls(account), setMeta("account", null)]);
  form.dataset.ready = "1";
  form.requestSubmit();
}

async function agreed(count) {
  const answer = await ask(t("Còn {n} lượt chưa gửi. Đăng xuất bây giờ?", { n: count }), [
    ["send", t("Gửi rồi đăng xuất"), "main"],
    ["stay", t("Ở lại")],
    ["keep", t("Đăng xuất, giữ lại trong máy")],
  ]);
  if (answer === "keep") return true;
  return answer === "send" && sendFirst();
}

async function sendFirst() {
  await sender.retry();
  await refresh();
  const held = await unsent();
  const left = held.pending + held.openings + held.refused.length;
  if (!left) return true;
  const words = t("Chưa gửi được {n} lượt. Đồng chí vẫn đang đăng nhập.", { n: left });
  await ask(words, [["", t("Ở lại"), "main"]], make("p", {}, t("Các lượt này vẫn được giữ trong máy.")));
  return false;
}
