// The page's side of the service worker: registration, offered updates, pages kept for offline.
import { account } from "./device.js";
import { all, find, make } from "./dom.js";
import { t } from "./words.js";

const workers = navigator.serviceWorker;

export async function startPages() {
  if (!workers) return;
  offerUpdates();
  const registration = await workers.register("/sw.js").catch(() => null);
  if (!registration) return;
  watch(registration);
  await workers.ready;
  if (account) await call({ type: "account", account });
  keepPages();
  listKept();
}

/** Asks the worker; resolves to its answer, or to null after a while without one. */
export async function call(message) {
  const registration = await workers?.getRegistration();
  const worker = registration?.active;
  if (!worker) return null;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => resolve(event.data);
    setTimeout(resolve, 15_000, null);
    worker.postMessage(message, [port2]);
  });
}

let updating = false;

function offerUpdates() {
  workers.addEventListener("controllerchange", () => updating && location.reload());
}

function watch(registration) {
  const slot = document.getElementById("update");
  const offer = () => {
    if (slot && registration.waiting && workers.controller) slot.hidden = false;
  };
  const take = () => registration.waiting?.postMessage({ type: "skipWaiting" });
  slot?.querySelector("[data-update]").addEventListener("click", () => {
    take();
    // Chromium forgets the wish when a request reaches the old worker just as it is being stopped.
    if (!updating) setInterval(take, 1000);
    updating = true;
  });
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer);
  });
  offer();
}

/** Pages named by <link rel="nennep-keep">, and the roll call or the desk that is open, are kept for this account. */
async function keepPages() {
  const links = all('link[rel="nennep-keep"]').map((link) => link.getAttribute("href"));
  const here = find("#roll, #capture, #assignments, #work") ? [location.pathname] : [];
  const paths = [...new Set([...here, ...links])];
  if (!account || !paths.length) return;
  const answer = await call({ type: "keep", account, paths });
  for (const path of answer?.kept ?? []) tick(path);
}

function tick(path) {
  const words = `✓ ${t("Đã lưu để dùng khi mất mạng")}`;
  // A page says it of itself in one place, though links may lead back to it.
  const place = find(`[data-kept="${path}"]`);
  if (place) {
    place.textContent = words;
    return;
  }
  const link = all("main a[href]").find((one) => one.pathname === path && !one.hash);
  if (link && !link.nextElementSibling?.matches(".kept")) link.after(make("small", { class: "kept" }, words));
}

/** The offline page lists what does open without network. */
async function listKept() {
  const list = document.getElementById("kept");
  if (!list) return;
  const answer = await call({ type: "list" });
  const items = (answer?.pages ?? []).map(({ path, title }) =>
    make("li", {}, make("a", { class: "row", href: path }, make("strong", {}, title || path))),
  );
  if (!items.length) return;
  list.replaceChildren(make("h2", {}, t("Mở được ngay trên máy này")), make("ul", { class: "rows" }, ...items));
}
