// Sends what is queued until the server has acknowledged each id. The same code runs in pages and
// in the service worker. Only an acknowledgement removes a mark; only a verdict moves it aside.
import { tell } from "./bus.js";
import { newId } from "./ids.js";
import { deviceId, getMeta, nextBatch, receive, setMeta, takeLease, wishOpen } from "./queue.js";

const BATCH = 200;
const SMALLEST = 10;
const TIMEOUT = 10_000;
const LONGEST_WAIT = 60_000;
const HOLD = new Set([403, 404, 422, 423]);

/** whose: () => account id (or a promise of it). Returns {flush, retry, trouble}; `trouble` is null or
 *  {kind: "network"} | {kind: "login"} | {kind: "held", message}. */
export function createSender(whose) {
  const me = newId();
  const held = new Map();
  let size = BATCH;
  let failures = 0;
  let quietUntil = 0;
  let timer;
  let running = null;
  let again = false;

  const sender = { trouble: null, sending: false, flush, retry };

  /** One flusher per origin; a call during a flush makes it look once more. */
  function flush() {
    if (sender.trouble?.kind === "login" && performance.now() < quietUntil) return Promise.resolve();
    again = true;
    running ??= alone(me, sendAll)
      .catch(() => backOff())
      .finally(finished);
    return running;
  }

  function finished() {
    running = null;
    sender.sending = false;
    tell({ type: "sender" });
    if (again) wake(sender.trouble ? 2000 : 100);
  }

  function wake(milliseconds) {
    clearTimeout(timer);
    timer = setTimeout(flush, milliseconds);
  }

  /** What was held back is tried again: a person asked for it. */
  function retry() {
    held.clear();
    failures = quietUntil = 0;
    if (sender.trouble?.kind === "held") sender.trouble = null;
    return flush();
  }

  async function sendAll() {
    again = false;
    clearTimeout(timer);
    const account = await whose();
    for (;;) {
      const batch = account && (await nextBatch(account, held, size));
      // Somebody else has logged in since: these marks wait for their own account.
      if (!batch || (await getMeta("account")) !== account) return calm();
      sender.sending = true;
      tell({ type: "sender" });
      if (!(await sendOne(batch))) return;
    }
  }

  function calm() {
    if (sender.trouble && sender.trouble.kind !== "held") sender.trouble = null;
  }

  async function sendOne(batch) {
    const answer = await post(batch);
    if (answer.status === 200) return settle(batch, answer.body);
    if (answer.status === 401) {
      sender.trouble = { kind: "login" };
      quietUntil = performance.now() + 15_000;
      return false;
    }
    if (HOLD.has(answer.status)) {
      held.set(batch.key, answer.status);
      // A wish to open that was refused and carries no mark loses nothing: the page is as it was.
      if (answer.status === 422 && !batch.marks.length) await wishOpen(batch.key, false);
      sender.trouble = { kind: "held", message: answer.body?.message ?? "" };
      tell({ type: "roll" });
      return true;
    }
    if (answer.late || answer.status === 413) size = Math.max(SMALLEST, size >> 1);
    return backOff();
  }

  async function settle(batch, body) {
    const sent = new Set(batch.marks.map((mark) => mark.id));
    const acked = body.acked.filter((id) => sent.has(id));
    const refused = body.refused.filter((one) => sent.has(one.id));
    await receive(batch, { ...body, acked, refused });
    tell({ type: "marks" });
    const moved = acked.length + refused.length > 0 || (batch.open && body.state !== "planned");
    if (!moved) return backOff();
    failures = 0;
    size = Math.min(BATCH, size * 2);
    sender.trouble = null;
    return true;
  }

  function backOff() {
    sender.trouble = { kind: "network" };
    failures += 1;
    const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** Math.min(failures, 6));
    wake(wait * (0.5 + Math.random()));
    tell({ type: "sync" });
    return false;
  }

  return sender;
}

async function post({ slug, meeting, since, open, marks, account }) {
  const device = await deviceId();
  const body = JSON.stringify({
    device,
    since,
    sent_at: new Date().toISOString(),
    open,
    marks: marks.map(({ id, no, state, reason, seq, at, seen, late_reason }) => ({
      id,
      no,
      state,
      reason,
      seq,
      at,
      seen,
      late_reason,
    })),
  });
  // A weak signal needs longer for many marks than for one.
  return fetchJson(`/${slug}/meetings/${meeting}/marks`, TIMEOUT + 50 * marks.length, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", "X-Account": account },
  });
}

/** -> {status, body} of a JSON answer. Anything else (a captive portal, a redirect, an error page, no
 *  network) is status 0 or an error status without body; late says that time ran out. */
export async function fetchJson(url, timeout, { headers, ...options } = {}) {
  const abort = new AbortController();
  const clock = setTimeout(() => abort.abort(), timeout);
  try {
    const response = await fetch(url, {
      ...options,
      headers: { Accept: "application/json", "X-Requested-With": "nennep", ...headers },
      credentials: "same-origin",
      cache: "no-store",
      redirect: "manual",
      signal: abort.signal,
    });
    const json = response.headers.get("Content-Type")?.includes("json");
    if (!json) return { status: response.status === 200 ? 0 : response.status, body: null };
    return { status: response.status, body: await response.json() };
  } catch {
    return { status: 0, body: null, late: abort.signal.aborted };
  } finally {
    clearTimeout(clock);
  }
}

async function alone(me, work) {
  if (globalThis.navigator?.locks) return navigator.locks.request("nennep-flush", work);
  if (!(await takeLease(me, 45_000))) return undefined;
  try {
    return await work();
  } finally {
    await setMeta("lease", null);
  }
}
