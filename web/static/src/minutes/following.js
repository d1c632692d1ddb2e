// What the server finds out once a page is safe: that it looks like an earlier one. Asked for while the receipt is in
// sight, until the server has looked at every page.
import { tell } from "../bus.js";
import { noteSame } from "../papers.js";
import { fetchJson } from "../sender.js";

const EVERY = 3000; // ms
const LOOKS = 40;
const TIMEOUT = 20_000; // ms

let followed = "";

/** Follows a document whose pages are all safe; once for each arrangement. */
export async function follow({ paper, pages }) {
  const safe = pages.length && pages.every((page) => page.status === "safe");
  const arrangement = paper && `${paper.id} ${paper.revision}`;
  if (!safe || paper.arranged !== paper.revision || followed === arrangement) return;
  followed = arrangement;
  for (let look = 0; look < LOOKS && followed === arrangement; look++) {
    const { body } = await fetchJson(`/${paper.slug}/minutes/${paper.id}/receipt`, TIMEOUT);
    if (Array.isArray(body?.same) && (await noteSame(paper.id, body.same))) tell({ type: "pages" });
    if (body && !["collecting", "reading"].includes(body.state)) return;
    await new Promise((resolve) => setTimeout(resolve, EVERY));
  }
}
