// Sends what is queued until the server has acknowledged each id. The same code runs in pages and in the service
// worker; what is sent is told by the line: marks (sending_marks.js), pages of minutes (sending_pages.js), what is said
// of assignments (sending_work.js).
import { tell } from "./bus.js";
import { newId } from "./ids.js";
import { getMeta, setMeta, takeLease } from "./queue.js";

const LONGEST_WAIT = 60_000;
const HOLD = new Set([403, 404, 422, 423]);

/** Sends one account's jobs, one after the other. `trouble` is null or {kind: "network"} | {kind: "login"} |
 *  {kind: "held", message}. Of a line, which lives as long as its sender:
 *  lock, lease: its name, and how long its holder may be silent where there are no Web Locks;
 *  next(account, held) -> {key, …} or null; send(job) -> {status, body, late};
 *  settle(job, body) -> whether something moved; aside(job, answer) -> whether a verdict has moved the job aside;
 *  held(job, answer): the job's key will wait; slow(answer): it took too long. */
export class Sender {
  trouble = null;
  #line;
  #whose;
  #failing;
  #timers;
  #me = newId();
  #held = new Map();
  #failures = 0;
  #quietUntil = 0;
  #timer;
  #running = null;
  #again = false;

  /** whose: () => account id, or a promise of it. failing: called when a run of failures begins. timers: false
   *  in the service worker, which is woken by events and would only double the page's attempts. */
  constructor(line, whose, { failing = () => {}, timers = true } = {}) {
    this.#line = line;
    this.#whose = whose;
    this.#failing = failing;
    this.#timers = timers;
  }

  /** One flusher per origin and line; a call during a flush makes it look once more. */
  flush = () => {
    if (this.trouble?.kind === "login" && performance.now() < this.#quietUntil) return Promise.resolve();
    this.#again = true;
    this.#running ??= alone(this.#line, this.#me, () => this.#sendAll())
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
      const job = account && (await this.#line.next(account, this.#held));
      if (!job && this.trouble?.kind === "network") this.trouble = null;
      // Somebody else has logged in since: what is left waits for its own account.
      if (!job || (await getMeta("account")) !== account) return;
      if (!(await this.#sendOne(job))) return;
    }
  }

  /** Says whether to go on with the next job. */
  async #sendOne(job) {
    const answer = await this.#line.send(job);
    if (answer.status === 200) return this.#settle(job, answer.body);
    if (answer.status === 401) {
      this.trouble = { kind: "login" };
      this.#quietUntil = performance.now() + 15_000;
      return false;
    }
    if (await this.#line.aside?.(job, answer)) return true;
    if (HOLD.has(answer.status)) return this.#hold(job, answer);
    this.#line.slow?.(answer);
    return this.#backOff();
  }

  async #settle(job, body) {
    if (!(await this.#line.settle(job, body))) return this.#backOff();
    this.#failures = 0;
    this.trouble = null;
    return true;
  }

  async #hold(job, answer) {
    this.#held.set(job.key, answer.status);
    this.trouble = { kind: "held", message: answer.body?.message ?? "" };
    await this.#line.held?.(job, answer);
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

async function alone({ lock, lease }, me, work) {
  if (globalThis.navigator?.locks) return navigator.locks.request(lock, work);
  if (!(await takeLease(lock, me, lease))) return undefined;
  try {
    return await work();
  } finally {
    await setMeta(lock, null);
  }
}
