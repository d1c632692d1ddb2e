// IndexedDB "nennep": marks not yet acknowledged, the newest known state of each roll, and this
// device's name and counter. No token or header is ever stored here.
import { newId } from "./ids.js";
import { asked, store } from "./store.js";

const transact = store("nennep", 1, (database) => {
  database.createObjectStore("meta");
  database.createObjectStore("marks", { keyPath: "id" }).createIndex("account", "account");
  database.createObjectStore("rolls", { keyPath: "key" });
});

export const getMeta = (key) => transact(["meta"], "readonly", ({ meta }) => asked(meta.get(key)));
export const setMeta = (key, value) =>
  transact(["meta"], "readwrite", ({ meta }) => {
    if (value == null) meta.delete(key);
    else meta.put(value, key);
  });

/** Asks once that the browser keeps what is queued when space gets short. */
export async function askToPersist() {
  if (!navigator.storage?.persist || (await getMeta("askedToPersist"))) return;
  await setMeta("askedToPersist", true);
  await navigator.storage.persist();
}

export const rollKey = (roll) => `${roll.account} ${roll.slug} ${roll.meeting}`;
const bySeq = (a, b) => a.seq - b.seq;

/** Writes marks; their numbers are taken in the same transaction, so two tabs never share one. */
export function addMarks(roll, drafts, remove = []) {
  const { account, slug, meeting } = roll;
  return transact(["meta", "marks"], "readwrite", async ({ meta, marks }) => {
    const [device = newId(), last = 0] = await Promise.all([asked(meta.get("device")), asked(meta.get("seq"))]);
    const made = drafts.map((draft, i) => ({
      reason: "",
      late_reason: null,
      ...draft,
      id: newId(),
      account,
      slug,
      meeting,
      device,
      seq: last + i + 1,
      at: new Date().toISOString(),
      status: "pending",
    }));
    meta.put(device, "device");
    meta.put(last + made.length, "seq");
    for (const mark of made) marks.put(mark);
    for (const id of remove) marks.delete(id);
    return made;
  });
}

/** This device's name, made once. */
export function deviceId() {
  return transact(["meta"], "readwrite", async ({ meta }) => {
    const device = (await asked(meta.get("device"))) ?? newId();
    meta.put(device, "device");
    return device;
  });
}

export async function marksOf(roll) {
  const marks = await transact(["marks"], "readonly", ({ marks }) =>
    asked(marks.index("account").getAll(roll.account)),
  );
  return marks.filter((mark) => mark.meeting === roll.meeting && mark.slug === roll.slug).sort(bySeq);
}

export const forget = (ids) =>
  transact(["marks"], "readwrite", ({ marks }) => ids.forEach((id) => marks.delete(id)));

/** -> {pending, refused, others, openings}: what this phone still holds, counted for one account. */
export async function tally(account) {
  const [marks, rolls] = await transact(["marks", "rolls"], "readonly", ({ marks, rolls }) =>
    Promise.all([asked(marks.getAll()), asked(rolls.getAll())]),
  );
  const mine = marks.filter((mark) => mark.account === account);
  return {
    pending: mine.filter((mark) => mark.status === "pending").length,
    refused: mine.filter((mark) => mark.status === "refused"),
    others: marks.length - mine.length,
    openings: rolls.filter((roll) => roll.account === account && roll.opening).length,
  };
}

/** The next marks to send, oldest first, of one meeting that is not held back; null when none. */
export async function nextBatch(account, held, size) {
  const [marks, rolls] = await transact(["marks", "rolls"], "readonly", ({ marks, rolls }) =>
    Promise.all([asked(marks.index("account").getAll(account)), asked(rolls.getAll())]),
  );
  const waiting = marks.filter((mark) => mark.status === "pending" && !held.has(rollKey(mark))).sort(bySeq);
  const toOpen = rolls.find((roll) => roll.account === account && roll.opening && !held.has(roll.key));
  const first = waiting[0] ?? toOpen;
  if (!first) return null;
  const key = rollKey(first);
  const roll = rolls.find((one) => one.key === key);
  return {
    key,
    account,
    slug: first.slug,
    meeting: first.meeting,
    since: roll?.version ?? 0,
    open: Boolean(roll?.opening),
    marks: waiting.filter((mark) => rollKey(mark) === key).slice(0, size),
  };
}

/** Keeps the newest known state of a roll: the page's, unless this phone has heard a newer one. */
export function adoptRoll(page) {
  return transact(["rolls"], "readwrite", async ({ rolls }) => {
    const known = await asked(rolls.get(page.key));
    const newer = known && known.version > page.version ? known : page;
    const roll = { ...newer, opening: Boolean(known?.opening) && newer.state === "planned" };
    rolls.put(roll);
    return roll;
  });
}

export const getRoll = (key) => transact(["rolls"], "readonly", ({ rolls }) => asked(rolls.get(key)));

/** "Mở điểm danh" pressed on this phone: the next batch asks the server to open the roll. */
export function wishOpen(key, opening) {
  return transact(["rolls"], "readwrite", async ({ rolls }) => {
    const roll = await asked(rolls.get(key));
    if (roll) rolls.put({ ...roll, opening });
  });
}

/** Takes a server answer in one step: acknowledged marks leave, refused ones stay and say why,
 *  and the roll moves on. Changes that are not newer than what is known say nothing new. */
export function receive(where, { acked = [], refused = [], ...changes }) {
  return transact(["marks", "rolls"], "readwrite", async ({ marks, rolls }) => {
    for (const id of acked) marks.delete(id);
    for (const { id, reason } of refused) {
      const mark = await asked(marks.get(id));
      if (mark) marks.put({ ...mark, status: "refused", refusal: reason, closed: changes.state === "closed" });
    }
    const { key, account, slug, meeting } = where;
    const fresh = { key, account, slug, meeting, version: 0, entries: {} };
    const known = (await asked(rolls.get(key))) ?? fresh;
    rolls.put(advanced(known, changes));
  });
}

function advanced(roll, { version, state, entries, summary }) {
  if (!(version >= roll.version)) return roll;
  // Planned again: the committee went back to a time before this roll.
  const merged = state === "planned" ? {} : { ...roll.entries };
  for (const entry of entries) merged[entry.no] = { ...merged[entry.no], ...entry };
  const opening = Boolean(roll.opening) && state === "planned";
  return { ...roll, version, state, summary: summary ?? roll.summary, entries: merged, opening };
}

/** At log-out: what was only shown goes; what is unsent (marks, a wish to open) stays. */
export function forgetRolls(account) {
  return transact(["rolls"], "readwrite", async ({ rolls }) => {
    for (const roll of await asked(rolls.getAll())) {
      if (roll.account !== account) continue;
      if (roll.opening) rolls.put({ ...roll, version: 0, entries: {}, summary: null });
      else rolls.delete(roll.key);
    }
  });
}

/** Fallback for browsers without Web Locks: a lease that ends by itself when its holder dies. */
export function takeLease(name, holder, milliseconds) {
  return transact(["meta"], "readwrite", async ({ meta }) => {
    const lease = await asked(meta.get(name));
    const free = !lease || lease.holder === holder || lease.until < Date.now();
    if (free) meta.put({ holder, until: Date.now() + milliseconds }, name);
    return free;
  });
}
