// Whether this browser tells its person of work while the pages are closed. Asked on the page of one's own work, never at
// a first visit; the browser's own question comes by the tap alone. The account's page has the switch.
import { find } from "./dom.js";
import { endPush, putSubscription, subscribed } from "./push_end.js";
import { getMeta, setMeta } from "./queue.js";
import { fetchJson } from "./sender.js";
import { t } from "./words.js";

const DAY = 86_400_000;
const account = document.documentElement.dataset.account;
const able = "PushManager" in window && "Notification" in window && Boolean(navigator.serviceWorker);
// There only what stands on the home screen can be told anything.
const installable = !able && /iPhone|iPad|Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1;
const card = find("#push-card");
const panel = find("#push-switch");

if (account && card) offer();
if (account && panel) switches();

/** Whether this browser tells this very account; its subscription is told to the server again now and then. */
async function mine() {
  const subscription = able && (await subscribed());
  const kept = await getMeta("push");
  if (!subscription || kept?.account !== account) return false;
  if (Date.now() - kept.at > DAY) await keep(subscription);
  return true;
}

async function offer() {
  const first = await firstVisit();
  if ((await mine()) || first || !(able || installable) || (await getMeta("pushLater")) === account) return;
  if (able && (Notification.permission === "denied" || !(await key()))) return;
  part("able").hidden = part("start").hidden = !able;
  part("install").hidden = able;
  part("start").addEventListener("click", async () => {
    if (await start(card)) part("start").hidden = part("later").hidden = true;
  });
  part("later").addEventListener("click", async () => {
    await setMeta("pushLater", account);
    card.hidden = true;
  });
  card.hidden = false;
}

const part = (name) => find(`[data-push="${name}"]`, card ?? panel);

/** Counted once a tab, so that loading the page again is no second visit. */
async function firstVisit() {
  const visits = (await getMeta("workVisits")) ?? {};
  const counted = sessionStorage.getItem("workVisit") === account;
  const number = (visits[account] ?? 0) + (counted ? 0 : 1);
  sessionStorage.setItem("workVisit", account);
  await setMeta("workVisits", { ...visits, [account]: number });
  return number < 2;
}

async function switches() {
  if (!able || !(await key())) return;
  const draw = async (words) => {
    const on = await mine();
    part("start").hidden = on;
    part("stop").hidden = !on;
    part("told").textContent = words ?? (on ? t("Máy này đang nhận nhắc việc.") : t("Máy này chưa nhận nhắc việc."));
  };
  part("start").addEventListener("click", async () => {
    if (await start(panel)) await draw();
  });
  part("stop").addEventListener("click", async () => {
    await endPush(account);
    await draw(t("Máy này thôi nhận nhắc việc."));
  });
  await draw();
  panel.hidden = false;
}

/** By a tap: asks the person, then the browser's push service, then tells the server. Says how it went. */
async function start(place) {
  const told = (words) => (find('[data-push="told"]', place).textContent = words);
  told(t("Đang bật nhắc việc…"));
  if ((await Notification.requestPermission()) !== "granted") {
    told(t("Trình duyệt chưa cho phép thông báo. Đồng chí mở cài đặt của trang này trong trình duyệt để cho phép."));
    return false;
  }
  const done = await subscribe().catch(() => false);
  told(done ? t("Đã bật: máy này nhận nhắc việc.") : t("Chưa bật được. Đồng chí xem lại mạng rồi thử lại sau ít phút."));
  return done;
}

async function subscribe() {
  const options = { userVisibleOnly: true, applicationServerKey: bytes(await key()) };
  const { pushManager } = await navigator.serviceWorker.ready;
  // One that was made with another key stands in the way of a new one.
  const subscription = await pushManager.subscribe(options).catch(async () => {
    await (await subscribed())?.unsubscribe();
    return pushManager.subscribe(options);
  });
  return keep(subscription);
}

async function keep(subscription) {
  const { status } = await putSubscription(account, subscription, "PUT");
  if (status === 200) await setMeta("push", { account, at: Date.now() });
  return status === 200;
}

let asking;

/** The server's key; null where it tells nobody. */
function key() {
  asking ??= fetchJson("/push/key", 10_000).then(({ body }) => body?.key ?? null);
  return asking;
}

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
