// The service worker: the app's shell and the kept pages (roll calls, desks for photographing minutes, assigned work)
// work without network; what is queued is sent in the background. VERSION and PRECACHE are put in by the build.
import { tell } from "../static/src/bus.js";
import { tallyWork } from "../static/src/changes.js";
import { keepShared, tallyPages } from "../static/src/papers.js";
import { getMeta, setMeta, tally } from "../static/src/queue.js";
import { Sender } from "../static/src/sender.js";
import { markLine } from "../static/src/sending_marks.js";
import { pageLine } from "../static/src/sending_pages.js";
import { workLine } from "../static/src/sending_work.js";
import { forgetPage, keep, keptPages, prune, purge, purgeOthers, servePage, store } from "./kept.js";
import { endOthers, open, renew, show } from "./told.js";

const SHELL = `shell-${VERSION}`;
const KEPT = /^\/[^/]+\/(work|meetings\/[^/]+\/(roll-call|minutes\/new|assignments))$/;

const sender = new Sender(markLine(), () => getMeta("account"), { timers: false });
const courier = new Sender(pageLine(), () => getMeta("account"), { timers: false });
const clerk = new Sender(workLine(), () => getMeta("account"), { timers: false });
const flush = () => Promise.all([sender.flush(), courier.flush(), clerk.flush()]);

/** Whose kept pages may be shown; nobody's where the store does not open: then pages come from the network alone. */
const whose = () => getMeta("account").catch(() => null);

addEventListener("install", (event) => event.waitUntil(install()));
addEventListener("activate", (event) => event.waitUntil(activate()));
addEventListener("message", (event) => event.waitUntil(answer(event)));
addEventListener("sync", (event) => {
  if (event.tag === "marks") event.waitUntil(sendAll(sender, tally));
  if (event.tag === "minutes") event.waitUntil(sendAll(courier, tallyPages));
  if (event.tag === "work") event.waitUntil(sendAll(clerk, tallyWork));
});
addEventListener("push", (event) => event.waitUntil(show(event)));
addEventListener("notificationclick", (event) => event.waitUntil(open(event)));
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
addEventListener("fetch", handle);

async function install() {
  const files = await caches.open("static");
  const missing = [];
  for (const path of PRECACHE) if (!(await files.match(path))) missing.push(path);
  await files.addAll(missing);
  const shell = await caches.open(SHELL);
  await shell.add(new Request("/offline", { cache: "reload" }));
}

async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith("shell-") && name !== SHELL) await caches.delete(name);
  }
  await clients.claim();
  await prune(PRECACHE);
  await flush();
}

async function sendAll(who, count) {
  await who.retry();
  const account = await getMeta("account");
  const left = account ? await count(account) : { pending: 0 };
  // Failing the event makes the browser try again later.
  if (left.pending && who.trouble?.kind === "network") throw new Error("unsent");
}

async function answer({ data, ports }) {
  if (data.type === "skipWaiting") return skipWaiting();
  const reply = await obey(data);
  ports[0]?.postMessage(reply ?? {});
}

// Who logged out last: a page of theirs that was on its way then is not kept after all.
let gone = null;

async function obey({ type, account, paths }) {
  if (type === "account") {
    gone = null;
    await setMeta("account", account);
    await purgeOthers(account);
    await endOthers(account).catch(() => {});
    return flush();
  }
  if (type === "keep") {
    const kept = await keep(account, paths.filter((path) => KEPT.test(path)));
    if (account !== gone) return { kept };
    await purge(account);
  }
  if (type === "list") return { pages: await keptPages(await whose()) };
  if (type === "logout") {
    gone = account;
    await purge(account);
  }
  return undefined;
}

let started = false;

function handle(event) {
  if (!started) {
    // A worker that starts looks whether something is left from an earlier life.
    started = true;
    event.waitUntil(flush());
  }
  const { request } = event;
  const url = new URL(request.url);
  if (request.method === "POST" && url.origin === location.origin && url.pathname === "/share") {
    return event.respondWith(takeShared(event));
  }
  if (request.method !== "GET" || url.origin !== location.origin || request.headers.has("HX-Request")) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode !== "navigate") return;
  else if (KEPT.test(url.pathname)) event.respondWith(keptPage(event, url.pathname));
  else event.respondWith(fetch(request).catch(offline));
}

/** Names carry a hash of their content, so what is kept is right for ever. */
async function file(request) {
  const files = await caches.open("static");
  const kept = await files.match(request);
  if (kept) return kept;
  const response = await fetch(request);
  if (response.ok) await files.put(request, response.clone());
  return response;
}

/** The network, unless it is slow or away and this account has kept the page. */
async function keptPage(event, path) {
  const account = await whose();
  const arriving = fetch(event.request);
  event.waitUntil(arriving.then((response) => remember(path, response.clone()), () => {}));
  return servePage(arriving, account, path, offline);
}

async function remember(path, response) {
  const saved = await store(path, response);
  if (saved && saved === gone) await purge(saved);
  if (!saved && [403, 404, 410].includes(response.status)) {
    await forgetPage(await whose(), path);
  }
}

/** Another app hands files over: they stay on the phone until a meeting is chosen for them. */
async function takeShared({ request }) {
  const untouched = request.clone();
  try {
    const account = await getMeta("account");
    const files = (await request.formData()).getAll("pages").filter((one) => one instanceof File);
    if (!account) return Response.redirect("/login?next=/share", 303);
    await keepShared(account, files);
    tell({ type: "pages" });
    return Response.redirect("/share", 303);
  } catch {
    return fetch(untouched); // the server's page says that nothing was kept
  }
}

async function offline() {
  return (await (await caches.open(SHELL)).match("/offline")) ?? Response.error();
}
