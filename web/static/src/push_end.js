// This browser is told nothing any more: at log-out, by the switch, and when somebody else logs in. Nobody waits long for it.
import { setMeta } from "./queue.js";
import { fetchJson } from "./sender.js";

const PATIENCE = 3000;

/** -> the browser's own subscription, or null; the worker says itself which registration it belongs to. */
export async function subscribed(registration) {
  const found = registration ?? (await navigator.serviceWorker?.getRegistration());
  return (await found?.pushManager?.getSubscription()) ?? null;
}

/** Tells the server (at most for a while) and the browser; what the server did not hear it learns from the push service. */
export async function endPush(account, registration) {
  const subscription = await subscribed(registration);
  await setMeta("push", null);
  if (!subscription) return;
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const told = account ? putSubscription(account, subscription, "DELETE", PATIENCE) : null;
  await Promise.race([late, Promise.allSettled([told, subscription.unsubscribe()])]);
}

/** Says to the server whose subscription this is ("PUT") or that it is nobody's ("DELETE"). */
export const putSubscription = (account, subscription, method, patience = 10_000) =>
  fetchJson("/push/subscription", patience, {
    method,
    headers: { "Content-Type": "application/json", "X-Account": account },
    body: JSON.stringify(subscription),
  });
