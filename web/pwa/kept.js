// Pages kept for use without network: one cache an account, emptied at log-out and when somebody else
// logs in. Only whole pages that this account was served are stored, never fragments or log-in pages.

const PATIENCE = 3000;
const FRESH = 5 * 60_000;
const cacheName = (account) => `pages-${account}`;

/** Stores a page under its account and says whose it is; false where it is not one to store. */
export async function store(path, response) {
  const html = response.headers.get("Content-Type")?.includes("text/html");
  if (response.status !== 200 || response.redirected || response.type !== "basic" || !html) return false;
  const text = await response.text();
  const account = /<html[^>]* data-account="([^"]+)"/.exec(text)?.[1];
  if (!account || !/ id="(roll|capture|assignments|work)"/.test(text)) return false;
  const headers = new Headers(response.headers);
  headers.set("X-Kept", String(Date.now()));
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  // The files first: whoever logs out meanwhile must not find the page put down after all was cleared away.
  await keepFiles(filesOf(text));
  const pages = await caches.open(cacheName(account));
  await pages.put(path, new Response(text, { headers }));
  return account;
}

// What a page needs to work; the icons of tab and home screen are left to the browser.
const filesOf = (text) => [...new Set(text.match(/\/static\/[\w./-]+\.(?:js|css|svg)/g) ?? [])];

async function keepFiles(paths) {
  const files = await caches.open("static");
  for (const path of paths) {
    if (!(await files.match(path))) await files.add(path).catch(() => {});
  }
}

/** Fetches and keeps these pages for the account; answers with those that are kept now. */
export async function keep(account, paths) {
  const kept = [];
  for (const path of paths) if (await keepOne(account, path)) kept.push(path);
  return kept;
}

async function keepOne(account, path) {
  const pages = await caches.open(cacheName(account));
  const old = await pages.match(path);
  if (old && Date.now() - Number(old.headers.get("X-Kept")) < FRESH) return true;
  try {
    const response = await fetch(path, { redirect: "manual", cache: "no-store", headers: { Accept: "text/html" } });
    return (await store(path, response)) === account || Boolean(old);
  } catch {
    return Boolean(old);
  }
}

/** The arriving response; after a while, or when it fails, this account's kept page; else offline(). */
export async function servePage(arriving, account, path, offline) {
  const kept = account && (await (await caches.open(cacheName(account))).match(path));
  if (!kept) return arriving.catch(offline);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE, kept));
  const usable = arriving.then((response) => (response.status >= 500 ? kept : response), () => kept);
  return Promise.race([usable, late]);
}

export async function forgetPage(account, path) {
  if (!account) return;
  await (await caches.open(cacheName(account))).delete(path);
}

/** [{path, title}] of what this account can open without network. */
export async function keptPages(account) {
  if (!account) return [];
  const pages = await caches.open(cacheName(account));
  const list = [];
  for (const request of await pages.keys()) {
    const text = await (await pages.match(request)).text();
    const title = /data-title="([^"]*)"/.exec(text)?.[1] ?? "";
    list.push({ path: new URL(request.url).pathname, title: unescaped(title) });
  }
  return list;
}

const unescaped = (text) =>
  text.replace(/&#39;/g, "'").replace(/&#34;|&quot;/g, '"').replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

export const purge = (account) => caches.delete(cacheName(account)).then(() => {});

export async function purgeOthers(account) {
  for (const name of await caches.keys()) {
    if (name.startsWith("pages-") && name !== cacheName(account)) await caches.delete(name);
  }
}

/** Drops files of older versions that no kept page names any more. */
export async function prune(current) {
  const wanted = new Set(current);
  for (const name of await caches.keys()) {
    if (!name.startsWith("pages-")) continue;
    const pages = await caches.open(name);
    for (const response of await pages.matchAll()) {
      for (const path of filesOf(await response.text())) wanted.add(path);
    }
  }
  const files = await caches.open("static");
  for (const request of await files.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await files.delete(request);
  }
}
