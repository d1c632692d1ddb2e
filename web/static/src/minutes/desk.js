// The desk of one meeting: its photographed pages as this phone keeps them until they are sent, and after.
import { newId } from "../ids.js";
import { change, transact } from "../papers.js";
import { asked } from "../store.js";

const NEW = { files: [], revision: 0, arranged: 0, going: false, original: false };
const ALL = ["papers", "pages", "pictures"];

/** -> {paper, pages} of the newest document of a meeting on this phone; paper null where there is none. Each page
 *  carries its `thumb`, once it has been pressed. */
export function readDesk({ account, slug, meeting }) {
  return transact(ALL, "readonly", async ({ papers, pages, pictures }) => {
    const mine = (await asked(papers.index("account").getAll(account)))
      .filter((paper) => paper.slug === slug && paper.meeting === meeting)
      .sort((one, other) => (one.id < other.id ? 1 : -1));
    const paper = mine[0] ?? null;
    const found = await Promise.all(
      (paper?.files ?? []).map(async (id) => {
        const [page, picture] = await Promise.all([asked(pages.get(id)), asked(pictures.get(id))]);
        return page && { ...page, thumb: picture?.thumb };
      }),
    );
    return { paper, pages: found.filter(Boolean) };
  });
}

/** Puts a file on the desk as a page to come, in the place of the page `instead` or at the end, of the document
 *  `paperId` or of a new one. -> {paper: its id, page: its id} */
export function layDown(where, paperId, file, instead = null) {
  const id = newId();
  return transact(ALL, "readwrite", async ({ papers, pages, pictures }) => {
    const known = paperId && (await asked(papers.get(paperId)));
    const paper = known || { ...NEW, ...where, id: newId(), made: Date.now() };
    const { account } = where;
    const name = file.name || "";
    pages.put({ id, paper: paper.id, account, name, size: file.size, status: "draft", refusal: "", made: false, turned: 0 });
    pictures.put({ id, original: file });
    const files = paper.files.includes(instead)
      ? paper.files.map((one) => (one === instead ? id : one))
      : [...paper.files, id];
    papers.put({ ...paper, files, revision: paper.revision + 1 });
    if (instead) for (const store of [pages, pictures]) store.delete(instead);
    return { paper: paper.id, page: id };
  });
}

export const originalOf = (id) =>
  transact(["pictures"], "readonly", async ({ pictures }) => (await asked(pictures.get(id)))?.original);

/** What the press has made of a page; {plain: true} for what it can't show. */
export function keepPressed(id, { page: made, thumb, ...facts }, turned) {
  return transact(["pages", "pictures"], "readwrite", async ({ pages, pictures }) => {
    const [page, picture] = await Promise.all([asked(pages.get(id)), asked(pictures.get(id))]);
    if (page?.status !== "draft" || !picture) return;
    pages.put({ ...page, ...facts, turned, made: true, version: (page.version ?? 0) + 1, small: made?.size });
    pictures.put({ ...picture, made, thumb });
  });
}

/** A new order, or one page less: what leaves the order leaves the phone. */
export function arrangeDesk(paperId, files) {
  return transact(ALL, "readwrite", async ({ papers, pages, pictures }) => {
    const paper = await asked(papers.get(paperId));
    if (!paper) return;
    for (const id of paper.files) {
      if (!files.includes(id)) for (const store of [pages, pictures]) store.delete(id);
    }
    const changed = { ...paper, files, revision: paper.revision + 1 };
    // A document that the server has never heard of is gone with its last page.
    if (!files.length && !paper.arranged) papers.delete(paperId);
    else papers.put(changed);
  });
}

/** The next photograph begins a new document; what the server has keeps no place here. */
export function clearDesk(paperId) {
  return transact(ALL, "readwrite", async ({ papers, pages, pictures }) => {
    const { files } = await asked(papers.get(paperId));
    for (const id of files) for (const store of [pages, pictures]) store.delete(id);
    papers.delete(paperId);
  });
}

export const setPaper = (paperId, values) => change("papers", paperId, values);

/** The drafts of a document, with what is to be sent of each: the pressed page, or the original's own bytes. */
export function draftsOf(paperId) {
  return transact(ALL, "readonly", async ({ papers, pages, pictures }) => {
    const paper = await asked(papers.get(paperId));
    const found = [];
    for (const id of paper.files) {
      const page = await asked(pages.get(id));
      if (page?.status !== "draft") continue;
      const { original, made } = await asked(pictures.get(id));
      found.push({ id, body: paper.original || !made ? original : made });
    }
    return found;
  });
}

/** From now on these pages go out. drafts: [{id, body, sha256}]; only what is sent stays on the phone. */
export function sendOff(paperId, drafts) {
  return transact(ALL, "readwrite", async ({ papers, pages, pictures }) => {
    for (const { id, body, sha256 } of drafts) {
      const [page, picture] = await Promise.all([asked(pages.get(id)), asked(pictures.get(id))]);
      if (page?.status !== "draft") continue;
      pages.put({ ...page, status: "pending", size: body.size, sha256 });
      pictures.put({ id, sent: body, thumb: picture.thumb });
    }
    const paper = await asked(papers.get(paperId));
    papers.put({ ...paper, going: true, revision: paper.revision + 1 });
  });
}
