// What this phone still holds, in sight on every page: the counter, the senders' wake-up calls and
// the notices. Exported: the senders of this page.
import { listen, tell } from "./bus.js";
import { tallyWork } from "./changes.js";
import { all, find, make } from "./dom.js";
import { tallyPages } from "./papers.js";
import { getMeta, setMeta, tally } from "./queue.js";
import { Sender } from "./sender.js";
import { markLine } from "./sending_marks.js";
import { pageLine } from "./sending_pages.js";
import { workLine } from "./sending_work.js";
import { t } from "./words.js";

export const account = document.documentElement.dataset.account || "";
export const sender = new Sender(markLine(), () => account, { failing: () => registerSync("marks") });
/** The same for pages of minutes, which are large: marks never wait behind them. */
export const courier = new Sender(pageLine(), () => account, { failing: () => registerSync("minutes") });
/** And for what is said of assignments. */
export const clerk = new Sender(workLine(), () => account, { failing: () => registerSync("work") });
const senders = [sender, courier, clerk];

export function startDevice() {
  const ready = account ? setMeta("account", account) : Promise.resolve();
  ready.then(flush, () => {});
  let debounce;
  const soon = (wait) => {
    clearTimeout(debounce);
    debounce = setTimeout(flush, wait);
  };
  addEventListener("online", retry);
  addEventListener("offline", refresh);
  addEventListener("focus", () => soon(150));
  document.addEventListener("visibilitychange", () => document.hidden || soon(150));
  addEventListener("pagehide", () => {
    if (held.pending + held.openings) registerSync("marks");
    if (held.pages.pending) registerSync("minutes");
    if (held.work.pending) registerSync("work");
  });
  listen((message) => {
    if (message.type === "tap") soon(150);
    if (message.type === "login") for (const one of senders) one.trouble ??= { kind: "login" };
    if (["marks", "pages", "work", "through"].includes(message.type)) gotThrough(message.type);
    refresh();
  });
  refresh();
}

const flush = () => Promise.all(senders.map((one) => one.flush()));
/** A person, or the network's return, asks for everything that is queued to be tried again. */
export const retry = () => Promise.all(senders.map((one) => one.retry()));

/** The stream, another tab or the worker reached the server: what stood in the way is gone. */
function gotThrough(type) {
  for (const one of senders) {
    const kind = one.trouble?.kind;
    if (kind !== "network" && !(kind === "login" && type === "through")) continue;
    one.trouble = null;
    if (count(held)) one.flush();
  }
}

async function registerSync(tag) {
  const registration = await navigator.serviceWorker?.getRegistration();
  // Refused where the browser has no Background Sync or the user forbade it: the page sends then.
  await registration?.sync?.register(tag).catch(() => {});
}

const NO_PAGES = { pending: 0, draft: 0, refused: 0, others: 0, shared: 0 };
const NO_WORK = { pending: 0, refused: [], others: 0 };
let held = { pending: 0, refused: [], others: 0, openings: 0, pages: NO_PAGES, work: NO_WORK };

/** -> {pending, refused, others, openings, pages: {pending, draft, refused, others, shared, paper}, work: {pending,
 *  refused, others}}; nothing when this browser keeps no store. */
export async function unsent() {
  // The log-in and offline pages belong to nobody: there it counts for whoever was here last.
  const who = account || (await getMeta("account").catch(() => null));
  const nothing = { pending: 0, refused: [], others: 0, openings: 0 };
  const [marks, pages, work] = await Promise.all([
    tally(who).catch(() => nothing),
    tallyPages(who).catch(() => NO_PAGES),
    tallyWork(who).catch(() => NO_WORK),
  ]);
  return { ...marks, pages, work };
}

const taps = ({ pending, openings }) => pending + openings;
const sheets = ({ pages }) => pages.pending + pages.draft;
const count = (one) => taps(one) + sheets(one) + one.work.pending;

/** What unsent() has told, in words, with what was refused. */
export const unsentWords = (one) =>
  amount(taps(one) + one.refused.length, sheets(one) + one.pages.refused, one.work.pending + one.work.refused.length);

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

const offline = () => !navigator.onLine || senders.some((one) => one.trouble?.kind === "network");

function draw(now) {
  held = now;
  const left = count(held);
  for (const counter of counters(left)) {
    counter.dataset.count = left;
    counter.dataset.state = left ? (offline() ? "offline" : "sending") : "none";
    const words = counterWords();
    // The same words again would be read out again.
    if (counter.textContent !== words) counter.textContent = words;
  }
  const others = amount(held.others, held.pages.others, held.work.others);
  notice("others", others && t("Máy này còn {what} chưa gửi của tài khoản khác.", { what: others }));
  trouble();
  noticeRefused(held.refused);
  noticePages(held.pages);
  noticeWork(held.work.refused);
}

function counterWords() {
  // Marks alone are counted bare, as the roll has the room for.
  const what = count(held) > taps(held) ? waiting() : taps(held);
  const words = what ? t("{what} chưa gửi", { what }) : t("Đã gửi hết");
  return offline() ? t("Mất kết nối: {words}", { words: words.toLowerCase() }) : words;
}

/** "3 lượt", "2 trang", "3 lượt, 2 việc"; nothing for none. */
const amount = (taps, pages, work) =>
  [taps && t("{n} lượt", { n: taps }), pages && t("{n} trang", { n: pages }), work && t("{n} việc", { n: work })]
    .filter(Boolean)
    .join(", ");
const waiting = () => amount(taps(held), sheets(held), held.work.pending);

/** The page's own counters; a page without one uses the frame's slot while there is something to count. */
function counters(count) {
  const own = all("[data-unsent]");
  if (own.length) return own;
  const slot = find("#sync");
  if (!count) slot?.replaceChildren();
  else if (slot && !slot.firstChild) slot.append(make("p", { class: "unsent" }));
  return count && slot ? [slot.firstChild] : [];
}

function trouble() {
  const troubles = senders.map((one) => one.trouble ?? {});
  const here = encodeURIComponent(location.pathname + location.search);
  const what = waiting();
  const words = what
    ? t("Phiên đăng nhập đã hết. Đăng nhập lại để gửi {what}.", { what })
    : t("Phiên đăng nhập đã hết.");
  const login = troubles.some(({ kind }) => kind === "login");
  notice("login", login && words, [make("a", { class: "btn", href: `/login?next=${here}` }, t("Đăng nhập lại"))]);
  const stuck = troubles.find(({ kind }) => kind === "held");
  const unclear = t("Máy chủ chưa nhận; dữ liệu vẫn được giữ trong máy.");
  notice("held", stuck && (stuck.message || unclear), [
    make("button", { class: "btn", type: "button", onclick: retry }, t("Thử lại")),
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

/** Pages that wait for a person: refused, photographed but not sent off, or handed over by another app. */
function noticePages({ refused, draft, shared, paper }) {
  const here = document.getElementById("capture")?.dataset.meeting;
  const see = (href) => [make("a", { class: "btn", href }, t("Xem"))];
  const where = paper && paper.meeting !== here && `/${paper.slug}/meetings/${paper.meeting}/minutes/new`;
  const words = refused
    ? t("Máy chủ không nhận {n} trang biên bản.", { n: refused })
    : draft && t("Còn {n} trang biên bản đã chụp mà chưa bấm gửi.", { n: draft });
  notice("pages", where && words, see(where));
  const waiting = shared && !here && location.pathname !== "/share";
  notice("shared", waiting && t("{n} tệp được chia sẻ đang chờ chọn cuộc họp.", { n: shared }), see("/share"));
}

/** What was said of assignments and not taken: the page where it was said shows it. */
function noticeWork([first, ...more]) {
  const meeting = first?.change.meeting;
  const at = meeting ? `meetings/${meeting}/assignments` : "work";
  const here = document.getElementById("assignments")?.dataset.meeting === meeting && document.getElementById("refused");
  const href = here ? "#refused" : `/${first?.slug}/${at}#refused`;
  const words = first && t("Máy chủ không nhận {n} lượt ghi việc.", { n: 1 + more.length });
  notice("work", words, [make("a", { class: "btn", href }, t("Xem"))]);
}

/** The phone's store is full or shut: said once, and nothing is shown as written. */
export function unwritten() {
  notice("store", t("Máy không ghi được lượt này (bộ nhớ đầy hoặc bị chặn). Xin tải lại trang."), [
    make("button", { class: "btn", type: "button", onclick: () => location.reload() }, t("Tải lại")),
  ]);
  return [];
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
