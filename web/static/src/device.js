// What this phone still holds, in sight on every page: the counter, the sender's wake-up calls and
// the notices. Exported: the one sender of this page.
import { listen, tell } from "./bus.js";
import { all, find, make } from "./dom.js";
import { getMeta, setMeta, tally } from "./queue.js";
import { Sender } from "./sender.js";
import { t } from "./words.js";

export const account = document.documentElement.dataset.account || "";
export const sender = new Sender(() => account, { failing: registerSync });

export function startDevice() {
  const ready = account ? setMeta("account", account) : Promise.resolve();
  ready.then(() => sender.flush(), () => {});
  let debounce;
  const soon = (wait) => {
    clearTimeout(debounce);
    debounce = setTimeout(sender.flush, wait);
  };
  addEventListener("online", () => sender.retry());
  addEventListener("offline", refresh);
  addEventListener("focus", () => soon(150));
  document.addEventListener("visibilitychange", () => document.hidden || soon(150));
  addEventListener("pagehide", () => left && registerSync());
  listen((message) => {
    if (message.type === "tap") soon(150);
    if (message.type === "login") sender.trouble ??= { kind: "login" };
    if (message.type === "marks" || message.type === "through") gotThrough(message.type);
    refresh();
  });
  refresh();
}

/** The stream, another tab or the worker reached the server: what stood in the way is gone. */
function gotThrough(type) {
  const kind = sender.trouble?.kind;
  if (kind !== "network" && !(kind === "login" && type === "through")) return;
  sender.trouble = null;
  if (left) sender.flush();
}

async function registerSync() {
  const registration = await navigator.serviceWorker?.getRegistration();
  // Refused where the browser has no Background Sync or the user forbade it: the page sends then.
  await registration?.sync?.register("marks").catch(() => {});
}

/** -> {pending, refused, others, openings}; nothing when this browser keeps no store. */
export async function unsent() {
  try {
    // The log-in and offline pages belong to nobody: there it counts for whoever was here last.
    return await tally(account || (await getMeta("account")));
  } catch {
    return { pending: 0, refused: [], others: 0, openings: 0 };
  }
}

let left = 0;
let drawing = false;
let stale = false;

/** Redraws the counter; calls in between are folded into one. */
export async function refresh() {
  stale = true;
  if (drawing) return;
  drawing = true;
  while (stale) {
    stale = false;
    draw(await unsent());
  }
  drawing = false;
}

const offline = () => !navigator.onLine || sender.trouble?.kind === "network";

function draw(held) {
  const count = held.pending + held.openings;
  left = count;
  for (const counter of counters(count)) {
    counter.dataset.count = count;
    counter.dataset.state = count ? (offline() ? "offline" : "sending") : "none";
    const words = counterWords(count);
    // The same words again would be read out again.
    if (counter.textContent !== words) counter.textContent = words;
  }
  notice("others", held.others && t("Máy này còn {n} lượt chưa gửi của tài khoản khác.", { n: held.others }));
  trouble(count);
  noticeRefused(held.refused);
}

function counterWords(count) {
  const words = count ? t("{n} chưa gửi", { n: count }) : t("Đã gửi hết");
  return offline() ? t("Mất kết nối: {words}", { words: words.toLowerCase() }) : words;
}

/** The page's own counters; a page without one uses the frame's slot while there is something to count. */
function counters(count) {
  const own = all("[data-unsent]");
  if (own.length) return own;
  const slot = find("#sync");
  if (!count) slot?.replaceChildren();
  else if (slot && !slot.firstChild) slot.append(make("p", { class: "unsent" }));
  return count && slot ? [slot.firstChild] : [];
}

function trouble(count) {
  const { kind, message } = sender.trouble ?? {};
  const here = encodeURIComponent(location.pathname + location.search);
  const words = count
    ? t("Phiên đăng nhập đã hết. Đăng nhập lại để gửi {n} lượt.", { n: count })
    : t("Phiên đăng nhập đã hết.");
  notice("login", kind === "login" && words, [
    make("a", { class: "btn", href: `/login?next=${here}` }, t("Đăng nhập lại")),
  ]);
  const unclear = t("Máy chủ chưa nhận; các lượt vẫn được giữ trong máy.");
  notice("held", kind === "held" && (message || unclear), [
    make("button", { class: "btn", type: "button", onclick: () => sender.retry() }, t("Thử lại")),
  ]);
}

/** In sight on every page until seen; the roll call itself says who and why. */
function noticeRefused([first, ...more]) {
  if (!first) return notice("refused", "");
  const box = `/${first.slug}/meetings/${first.meeting}/roll-call`;
  const href = document.getElementById("roll")?.dataset.meeting === first.meeting ? "#refused" : box;
  const words = t("Máy chủ không nhận {n} lượt điểm danh.", { n: 1 + more.length });
  return notice("refused", words, [make("a", { class: "btn", href }, t("Xem"))]);
}

/** Shows or, with empty words, takes away the notice of this name. */
export function notice(name, words, actions = []) {
  const id = `notice-${name}`;
  const shown = document.getElementById(id);
  if (!words) {
    shown?.remove();
    return undefined;
  }
  if (shown?.dataset.words === words) return shown;
  shown?.remove();
  const sign = make("i", { "aria-hidden": "true" }, "!");
  const text = make("div", {}, make("p", {}, words), make("p", { class: "acts" }, ...actions));
  const bar = make("div", { id, class: "note warn", "data-words": words }, sign, text);
  notices().append(bar);
  return bar;
}

function notices() {
  const region = document.getElementById("notices");
  if (region) return region;
  // In the dock, so that it is seen wherever the list is scrolled to.
  const made = make("div", { id: "notices", role: "status" });
  (find(".dock") ?? find("main")).prepend(made);
  return made;
}

export const afterTap = () => tell({ type: "tap" });
