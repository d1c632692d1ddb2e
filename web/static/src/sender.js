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

/** Sends one account's marks. `trouble` is null or {kind: "network"} | {kind: "login"} | {kind: "held", message}. */
export class Sender {
  trouble = null;
  #whose;
  #failing;
  #timers;
  #me = newId();
  #held = new Map();
  #size = BATCH;
  #failures = 0;
  #quietUntil = 0;
  #timer;
  #running = null;
  #again = false;

  /** whose: () => account id, or a promise of it. failing: called when a run of failures begins. timers: false
   *  in the service worker, which is woken by events and would only double the page's attempts. */
  constructor(whose, { failing = () => {}, timers = true } = {}) {
    this.#whose = whose;
    this.#failing = failing;
    this.#timers = timers;
  }

  /** One flusher per origin; a call during a flush makes it look once more. */
  flush = () => {
    if (this.trouble?.kind === "login" && performance.now() < this.#quietUntil) return Promise.resolve();
    this.#again = true;
    this.#running ??= alone(this.#me, () => this.#sendAll())
      .catch(() => this.#backOff())
      .finally(() => this.#finished());
    return this.#running;
  };

  /** What was held back is tried again: a person, or the network's return, asked for it. */
  retry() {
    this.#held.clear();
    this.#failures = this.#quietUntil = 0;
    if (this.trouble?.kind === "held") this.trouble = null;
    return this.flush();
  }

  #finished() {
    this.#running = null;
    tell({ type: "sender" });
    if (this.#again) this.#wake(this.trouble ? 2000 : 100);
  }

  #wake(milliseconds) {
    clearTimeout(this.#timer);
    if (this.#timers) this.#timer = setTimeout(this.flush, milliseconds);
  }

  async #sendAll() {
    this.#again = false;
    clearTimeout(this.#timer);
    const account = await this.#whose();
    for (;;) {
      const batch = account && (await nextBatch(account, this.#held, this.#size));
      if (!batch && this.trouble?.kind === "network") this.trouble = null;
      // Somebody else has logged in since: these marks wait for their own account.
      if (!batch || (await getMeta("account")) !== account) return;
      if (!(await this.#sendOne(batch))) return;
    }
  }

  /** Says whether to go on with the next batch. */
  async #sendOne(batch) {
    const answer = await post(batch);
    if (answer.status === 200) return this.#settle(batch, answer.body);
    if (answer.status === 401) {
      this.trouble = { kind: "login" };
      this.#quietUntil = performance.now() + 15_000;
      return false;
    }
    if (HOLD.has(answer.status)) return this.#hold(batch, answer);
    if (answer.late || answer.status === 413) this.#size = Math.max(SMALLEST, this.#size >> 1);
    return this.#backOff();
  }

  async #settle(batch, body) {
    const sent = new Set(batch.marks.map((mark) => mark.id));
    const acked = body.acked.filter((id) => sent.has(id));
    const refused = body.refused.filter((one) => sent.has(one.id));
    await receive(batch, { ...body, acked, refused });
    tell({ type: "marks" });
    const moved = acked.length + refused.length > 0 || (batch.open && body.state !== "planned");
    if (!moved) return this.#backOff();
    this.#failures = 0;
    this.#size = Math.min(BATCH, this.#size * 2);
    this.trouble = null;
    return true;
  }

  async #hold(batch, { status, body }) {
    this.#held.set(batch.key, status);
    this.trouble = { kind: "held", message: body?.message ?? "" };
    // A wish to open that was refused and carries no mark loses nothing: the page is as it was.
    if (status === 422 && !batch.marks.length) await wishOpen(batch.key, false);
    tell({ type: "roll" });
    return true;
  }

  #backOff() {
    this.trouble = { kind: "network" };
    this.#failures += 1;
    const wait = Math.min(LONGEST_WAIT, 1000 * 2 ** Math.min(this.#failures, 6));
    this.#wake(wait * (0.5 + Math.random()));
    if (this.#failures === 1) this.#failing();
    return false;
  }
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
