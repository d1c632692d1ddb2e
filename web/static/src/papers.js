// IndexedDB "nennep-minutes": photographed minutes on their way. A database of its own: tabs that are still open with
// an older page go on writing marks while this one is made or changed.
// papers: one document {id, account, slug, meeting, files: [ids in order], revision, arranged (the revision that the
//   server has), going (somebody has pressed send), original (files go as they were taken), made (ms)}
// pages: one file of it {id, paper, account, name, sha256, size, status: draft | pending | safe | refused, …}
// pictures: {id (of the page), original, made, sent, thumb: Blobs}; gone once the server has the page, but for the thumb
// shared: what other apps have handed over and belongs to no document yet {id, account, name, file: Blob}
import { asked, store } from "./store.js";

export const transact = store("nennep-minutes", 1, (database) => {
  for (const name of ["papers", "pages"]) {
    database.createObjectStore(name, { keyPath: "id" }).createIndex("account", "account");
  }
  database.createObjectStore("pictures", { keyPath: "id" });
  database.createObjectStore("shared", { keyPath: "id", autoIncrement: true });
});

const of = (store, account) => asked(store.index("account").getAll(account));
const byAge = (one, other) => (one.id < other.id ? -1 : 1);

/** -> {pending, draft, refused, others, shared} counted, and the first document with unsent pages, for one account. */
export async function tallyPages(account) {
  const [papers, pages, shared] = await transact(["papers", "pages", "shared"], "readonly", (stores) =>
    Promise.all([of(stores.papers, account), asked(stores.pages.getAll()), asked(stores.shared.getAll())]),
  );
  const mine = pages.filter((page) => page.account === account);
  const having = (status) => mine.filter((page) => page.status === status);
  const waiting = mine.find((page) => page.status !== "safe");
  return {
    pending: having("pending").length,
    draft: having("draft").length,
    refused: having("refused").length,
    others: pages.filter((page) => page.account !== account && page.status !== "safe").length,
    shared: shared.filter((one) => one.account === account).length,
    paper: waiting && papers.find((paper) => paper.id === waiting.paper),
  };
}

/** What is to be sent next of the oldest document that is not held back: which files it has, or one of them. Drafts
 *  are nobody's business yet. */
export function nextJob(account, held) {
  return transact(["papers", "pages", "pictures"], "readonly", async ({ papers, pages, pictures }) => {
    const going = (await of(papers, account)).filter((paper) => paper.going && !held.has(paper.id)).sort(byAge);
    for (const paper of going) {
      const known = await Promise.all(paper.files.map((id) => asked(pages.get(id))));
      const sent = known.filter((page) => page && page.status !== "draft");
      const job = { key: paper.id, account, slug: paper.slug, paper, files: sent.map((page) => page.id) };
      if (paper.arranged !== paper.revision) return job;
      const page = sent.find((one) => one.status === "pending");
      if (page) return { ...job, page, body: (await asked(pictures.get(page.id))).sent };
    }
    return null;
  });
}

/** Takes a receipt: pages that the server names safe are; their pictures go. Says how many became safe. */
export function receiveReceipt(id, revision, safe, same = []) {
  return transact(["papers", "pages", "pictures"], "readwrite", async ({ papers, pages, pictures }) => {
    let moved = 0;
    const paper = await asked(papers.get(id));
    if (!paper) return moved;
    if (revision !== null) papers.put({ ...paper, arranged: revision });
    for (const file of safe) {
      const page = await asked(pages.get(file));
      if (!page || page.status === "safe") continue;
      moved += 1;
      pages.put({ ...page, status: "safe", refusal: "", same: same.find((one) => one.file === file) ?? null });
      const { thumb } = (await asked(pictures.get(file))) ?? {};
      pictures.put({ id: file, thumb });
    }
    // Everything was taken out of it again, and the server knows: nothing is left to show.
    if (!paper.files.length && revision === paper.revision) papers.delete(id);
    return moved;
  });
}

/** Pages that repeat an earlier one, as the server knows it by now. Says whether that is news. */
export function noteSame(id, same) {
  return transact(["papers", "pages"], "readwrite", async ({ papers, pages }) => {
    let news = false;
    for (const file of (await asked(papers.get(id)))?.files ?? []) {
      const page = await asked(pages.get(file));
      const found = same.find((one) => one.file === file) ?? null;
      if (!page || JSON.stringify(page.same ?? null) === JSON.stringify(found)) continue;
      pages.put({ ...page, same: found });
      news = true;
    }
    return news;
  });
}

/** The server does not know this arrangement (any more): it is sent again first. */
export const unarranged = (id) => change("papers", id, { arranged: 0 });

/** Everything was taken out of a document that the server does not know: nothing is left of it. */
export function dropEmpty(id) {
  return transact(["papers"], "readwrite", async ({ papers }) => {
    const paper = await asked(papers.get(id));
    if (paper && !paper.files.length) papers.delete(id);
    return Boolean(paper && !paper.files.length);
  });
}

/** Refused for good: the page stays, with the server's words, until somebody retakes or removes it. */
export const refusePage = (id, refusal) => change("pages", id, { status: "refused", refusal });

/** Sets these values of one record; nothing where it is gone. */
export function change(name, id, values) {
  return transact([name], "readwrite", async (stores) => {
    const known = await asked(stores[name].get(id));
    if (known) stores[name].put({ ...known, ...values });
  });
}

/** Documents that are safe on the server leave the phone: at log-out all of them, else those older than `age` ms.
 *  What is unsent stays. */
export function forgetPapers(account, age = 0) {
  return transact(["papers", "pages", "pictures"], "readwrite", async (stores) => {
    const pages = await of(stores.pages, account);
    for (const { id, made } of await of(stores.papers, account)) {
      const own = pages.filter((page) => page.paper === id);
      if (Date.now() - made < age || own.some((page) => page.status !== "safe")) continue;
      stores.papers.delete(id);
      for (const page of own) for (const name of ["pages", "pictures"]) stores[name].delete(page.id);
    }
  });
}

/** What another app hands over: kept until a meeting is chosen for it. */
export const keepShared = (account, files) =>
  transact(["shared"], "readwrite", ({ shared }) => {
    for (const file of files) shared.add({ account, name: file.name, file });
  });
