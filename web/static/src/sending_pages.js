// How pages of minutes are sent: first which pages belong together, then one page at a time. Only a receipt that names
// a page as safe lets its picture go.
import { tell } from "./bus.js";
import { dropEmpty, nextJob, receiveReceipt, refusePage, unarranged } from "./papers.js";
import { fetchJson } from "./sender.js";

const TIMEOUT = 20_000;
const SLOWEST = 6; // bytes a millisecond: a signal that is weaker than that sends nothing else either

/** A line for one Sender. */
export const pageLine = () => ({
  lock: "nennep-minutes",
  lease: 180_000,
  next: nextJob,
  send: ({ page, ...job }) => (page ? putPage(job, page) : putArrangement(job)),
  async settle({ key, paper, page }, { safe, same }) {
    if (!Array.isArray(safe)) return false;
    const moved = await receiveReceipt(key, page ? null : paper.revision, safe, same);
    tell({ type: "pages" });
    return page ? moved > 0 : true;
  },
  async aside({ key, page }, { status, body }) {
    if (status === 409) await unarranged(key);
    if (!page && (status === 404 || status === 422) && (await dropEmpty(key))) return true;
    if (!page || (status !== 422 && status !== 413)) return false;
    await refusePage(page.id, body?.message ?? "");
    tell({ type: "pages" });
    return true;
  },
  held: async () => tell({ type: "pages" }),
});

function putArrangement({ slug, account, paper, files }) {
  return fetchJson(`/${slug}/minutes/${paper.id}`, TIMEOUT, {
    method: "PUT",
    body: JSON.stringify({ meeting: paper.meeting, files }),
    headers: { "Content-Type": "application/json", "X-Account": account },
  });
}

function putPage({ slug, account, paper, body }, page) {
  tell({ type: "sending", page: page.id });
  return fetchJson(`/${slug}/minutes/${paper.id}/files/${page.id}`, TIMEOUT + body.size / SLOWEST, {
    method: "PUT",
    body,
    headers: {
      "Content-Type": "application/octet-stream",
      "X-Account": account,
      "X-Sha256": page.sha256,
      "X-Name": encodeURIComponent(page.name),
    },
  });
}
