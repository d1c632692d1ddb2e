// What the worker is told while the pages are closed, and what a tap on it opens.
import { endPush, putSubscription } from "../static/src/push_end.js";
import { getMeta, setMeta } from "../static/src/queue.js";

/** Always shows something: a browser that was told and shows nothing loses the right to be told. */
export function show({ data }) {
  let told = {};
  try {
    told = data.json();
  } catch {
    // Not ours; the name alone then.
  }
  const { title = "Nền Nếp", body = "", tag = "nennep", url = "/" } = told;
  return registration.showNotification(title, { body, tag, lang: "vi", icon: "/favicon.ico", data: { url } });
}

/** The page that it speaks of: a tab that has it open already, else a new one; pages at work are left alone. */
export async function open({ notification }) {
  notification.close();
  const wanted = new URL(notification.data?.url ?? "/", location.origin);
  const url = wanted.origin === location.origin ? wanted.href : location.origin;
  const tabs = await clients.matchAll({ type: "window" });
  const there = tabs.find((tab) => tab.url.split("#")[0] === url);
  return there ? there.focus() : clients.openWindow(url);
}

/** The browser has a new subscription in the place of an old one: the same account is told by it. */
export async function renew({ newSubscription, oldSubscription }) {
  const kept = await getMeta("push");
  if (!kept) return;
  const fresh = newSubscription ?? (await registration.pushManager.subscribe(oldSubscription.options));
  const { status } = await putSubscription(kept.account, fresh, "PUT");
  if (status === 200) await setMeta("push", { ...kept, at: Date.now() });
}

/** Somebody else has logged in on this browser: what it was told is not for them. */
export async function endOthers(account) {
  const kept = await getMeta("push");
  if (kept && kept.account !== account) await endPush(null, registration);
}
