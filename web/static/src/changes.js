// IndexedDB "nennep-work": what was said here of assignments. A database of its own: tabs that are still open with an
// older page go on writing marks while this one is made or changed.
// changes: {n (the order of saying), account, slug, status: pending | refused, refusal, shown: {name, text},
//   change: as it is sent}
// rows: the newest that the server has told of an assignment {key, account, slug, meeting (where this phone gave it),
//   heard (ms), row}
import { newId } from "./ids.js";
import { asked, store } from "./store.js";

const transact = store("nennep-work", 1, (database) => {
  database.createObjectStore("changes", { keyPath: "n", autoIncrement: true }).createIndex("account", "account");
  database.createObjectStore("rows", { keyPath: "key" }).createIndex("account", "account");
});

// The server's pages are newer than what was heard so long ago.
const FORGET = 60 * 24 * 3_600_000; // ms
const of = (store, account) => asked(store.index("account").getAll(account));
const isPending = ({ status }) => status === "pending";

/** Writes changes in this order. `after` is what this account had said of the same assignment and not got through yet:
 *  as the drafts know it, since some of it may be acknowledged by now, and as it is in this very transaction, so two
 *  tabs never miss each other's. drop: refused ones (n) that these replace. */
export function addChanges({ account, slug }, drafts, drop = []) {
  return transact(["changes"], "readwrite", async ({ changes }) => {
    const waiting = (await of(changes, account)).filter(isPending).map(({ change }) => change);
    for (const { shown, ...draft } of drafts) {
      const now = waiting.filter((one) => one.assignment === draft.assignment).map((one) => one.id);
      const after = [...new Set([...(draft.after ?? []), ...now])];
      const change = { id: newId(), note: "", ...draft, after, at: new Date().toISOString() };
      waiting.push(change);
      changes.add({ account, slug, status: "pending", shown, change });
    }
    for (const n of drop) changes.delete(n);
  });
}

/** -> {changes, rows} of one committee that this account has here, changes in the order of saying. */
export async function workOf({ account, slug }) {
  const [changes, rows] = await transact(["changes", "rows"], "readonly", (stores) =>
    Promise.all([of(stores.changes, account), of(stores.rows, account)]),
  );
  const here = (one) => one.slug === slug;
  return { changes: changes.filter(here), rows: rows.filter(here) };
}

export const dropChange = (n) => transact(["changes"], "readwrite", ({ changes }) => void changes.delete(n));

/** -> {pending (assignments with something unsent), refused, others}, counted for one account. */
export async function tallyWork(account) {
  const changes = await transact(["changes"], "readonly", ({ changes }) => asked(changes.getAll()));
  const mine = changes.filter((one) => one.account === account);
  const count = (some) => new Set(some.filter(isPending).map(({ change }) => change.assignment)).size;
  return {
    pending: count(mine),
    refused: mine.filter(({ status }) => status === "refused"),
    others: count(changes.filter((one) => one.account !== account)),
  };
}

/** The next changes to send, oldest first, of one committee that is not held back; null when none. */
export async function nextChanges(account, held, size) {
  const all = await transact(["changes"], "readonly", ({ changes }) => of(changes, account));
  const waiting = all.filter((one) => isPending(one) && !held.has(one.slug));
  if (!waiting.length) return null;
  const { slug } = waiting[0];
  const changes = waiting.filter((one) => one.slug === slug).slice(0, size);
  return { key: slug, account, slug, changes: changes.map(({ change }) => change) };
}

/** Takes a server answer in one step: acknowledged changes leave, refused ones stay and say why. */
export function receiveChanges({ account, slug, changes: sent }, { acked, refused, rows }) {
  return transact(["changes", "rows"], "readwrite", async (stores) => {
    const why = new Map(refused.map(({ id, reason }) => [id, reason]));
    for (const one of await of(stores.changes, account)) {
      const { id } = one.change;
      if (acked.includes(id)) stores.changes.delete(one.n);
      else if (why.has(id)) stores.changes.put({ ...one, status: "refused", refusal: why.get(id) });
    }
    for (const one of await of(stores.rows, account)) if (Date.now() - one.heard > FORGET) stores.rows.delete(one.key);
    for (const row of rows) {
      const key = `${account} ${row.id}`;
      const known = await asked(stores.rows.get(key));
      if (known?.slug === slug && known.row.v > row.v) continue;
      const given = sent.find(({ assignment, kind }) => kind === "given" && assignment === row.id);
      const meeting = given?.meeting ?? known?.meeting ?? null;
      stores.rows.put({ key, account, slug, meeting, heard: Date.now(), row });
    }
  });
}

/** At log-out: what was only shown goes; what is unsent stays. */
export function forgetRows(account) {
  return transact(["rows"], "readwrite", async ({ rows }) => {
    for (const key of await asked(rows.index("account").getAllKeys(account))) rows.delete(key);
  });
}
