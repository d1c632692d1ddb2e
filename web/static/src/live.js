// What the other phones in the room do: server-sent events while the page is visible, polling when
// the stream does not hold.
import { tell } from "./bus.js";
import { getRoll, receive } from "./queue.js";
import { fetchJson } from "./sender.js";

const POLL = 15_000;

/** where: {key, account, slug, meeting}. Starts and stops with the page's visibility. */
export function follow(where) {
  const base = `/${where.slug}/meetings/${where.meeting}`;
  let source = null;
  let timer;

  const since = async () => (await getRoll(where.key))?.version ?? 0;
  const wanted = () => !document.hidden && navigator.onLine;

  async function take(changes) {
    if (!Array.isArray(changes?.entries)) return;
    const { version, state, entries, summary } = changes;
    await receive(where, { version, state, entries, summary });
    tell({ type: "roll" });
  }

  async function listen() {
    stop();
    if (!wanted()) return;
    const from = await since();
    if (source || !wanted()) return;
    source = new EventSource(`${base}/events?since=${from}`);
    source.addEventListener("changes", (event) => take(JSON.parse(event.data)));
    // The browser's own reconnect would ask for the old `since`; ask anew from what is known now.
    source.addEventListener("error", () => {
      stop();
      timer = setTimeout(poll, 2000);
    });
  }

  async function poll() {
    if (!wanted()) return;
    const answer = await fetchJson(`${base}/changes?since=${await since()}`, 10_000);
    if (answer.status === 200) {
      await take(answer.body);
      return listen();
    }
    if (answer.status === 401) return tell({ type: "login" });
    timer = setTimeout(poll, POLL * (0.75 + Math.random() / 2));
  }

  function stop() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  addEventListener("online", listen);
  addEventListener("offline", stop);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && listen());
  document.addEventListener("visibilitychange", () => (document.hidden ? stop() : listen()));
  listen();
}
