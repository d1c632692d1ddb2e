// What the other phones in the room do: server-sent events while the page is visible, polling when
// the stream does not hold.
import { tell } from "./bus.js";
import { getRoll, receive } from "./queue.js";
import { fetchJson } from "./sender.js";

const POLL = 15_000;
const SOON = 2_000;

export class Live {
  #where;
  #base;
  #source = null;
  #timer;
  #opened = 0;
  #broken = 0;

  /** where: {key, account, slug, meeting}. Starts and stops with the page's visibility. */
  constructor(where) {
    this.#where = where;
    this.#base = `/${where.slug}/meetings/${where.meeting}`;
    addEventListener("online", () => this.#listen());
    addEventListener("offline", () => this.#stop());
    addEventListener("pagehide", () => this.#stop());
    addEventListener("pageshow", (event) => event.persisted && this.#listen());
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#stop() : this.#listen()));
    this.#listen();
  }

  async #listen() {
    this.#stop();
    if (!wanted()) return;
    const since = await this.#since();
    if (this.#source || !wanted()) return;
    this.#opened = performance.now();
    this.#source = new EventSource(`${this.#base}/events?since=${since}`);
    this.#source.addEventListener("open", () => tell({ type: "through" }));
    this.#source.addEventListener("changes", (event) => this.#take(JSON.parse(event.data)));
    this.#source.addEventListener("error", () => this.#broke());
  }

  /** The browser's own reconnect would ask for the old version; ask anew from what is known now. */
  #broke() {
    this.#stop();
    this.#broken = performance.now() - this.#opened > POLL ? 1 : this.#broken + 1;
    this.#timer = setTimeout(() => this.#poll(), this.#broken < 3 ? SOON : POLL);
  }

  async #poll() {
    if (!wanted()) return;
    const answer = await fetchJson(`${this.#base}/changes?since=${await this.#since()}`, 10_000);
    if (answer.status === 200) {
      await this.#take(answer.body);
      tell({ type: "through" });
      return this.#listen();
    }
    if (answer.status === 401) return tell({ type: "login" });
    this.#timer = setTimeout(() => this.#poll(), POLL * (0.75 + Math.random() / 2));
  }

  async #take(changes) {
    if (!Array.isArray(changes?.entries)) return;
    const { version, state, entries, summary } = changes;
    await receive(this.#where, { version, state, entries, summary });
    tell({ type: "roll" });
  }

  async #since() {
    return (await getRoll(this.#where.key))?.version ?? 0;
  }

  #stop() {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }
}

const wanted = () => !document.hidden && navigator.onLine;
