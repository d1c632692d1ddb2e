// The assignments of one page as this phone knows them: the page's rows, newer ones that were heard since, and what is
// on its way.
import { tell } from "../bus.js";
import { addChanges, workOf } from "../changes.js";
import { afterTap, unwritten } from "../device.js";
import { all, find } from "../dom.js";
import { isNews, newRow, standing } from "./standing.js";

export class Book {
  #page = new Map();
  #heard = new Map();
  #changes = [];
  #turn = Promise.resolve();

  /** root: what carries data-account and data-slug, with a li[data-id] an assignment. */
  static async open(root) {
    const book = new Book();
    book.where = { account: root.dataset.account, slug: root.dataset.slug };
    for (const item of all("li[data-id]", root)) book.#page.set(item.dataset.id, readRow(item));
    await book.reload();
    return book;
  }

  async reload() {
    const { changes, rows } = await workOf(this.where);
    this.#heard = new Map(rows.map((one) => [one.row.id, one]));
    this.#changes = changes;
  }

  /** What is on its way of one assignment, in the order of saying. */
  pendingOf(id) {
    return this.#changes
      .filter(({ status, change }) => status === "pending" && change.assignment === id)
      .map(({ change }) => change);
  }

  refused() {
    return this.#changes.filter(({ status }) => status === "refused");
  }

  /** The newest row that the server has told; null for what only this phone knows. */
  row(id) {
    const [page, heard] = [this.#page.get(id), this.#heard.get(id)?.row];
    const newest = page && !(heard?.v > page.v) ? page : heard;
    // Rows that are heard name what the page has in other words already.
    return newest ? { ...page, ...newest, rivals: newest.rivals ?? {} } : null;
  }

  /** The row with what is on its way. */
  view(id) {
    const pending = this.pendingOf(id);
    const given = this.#changes.find(({ change }) => change.kind === "given" && change.assignment === id);
    const row = this.row(id) ?? (given && newRow(given.change, given.shown));
    return row && standing(row, pending);
  }

  /** Ids of what was given at a meeting from this phone and is not on the page, oldest first. */
  givenAt(meeting) {
    const heard = [...this.#heard.values()].filter((one) => one.meeting === meeting).map((one) => one.row.id);
    const going = this.#changes
      .filter(({ status, change }) => status === "pending" && change.kind === "given" && change.meeting === meeting)
      .map(({ change }) => change.assignment);
    return [...new Set([...heard, ...going])].filter((id) => !this.#page.has(id)).sort();
  }

  /** Says one thing of a known assignment, unless it is no news; resolves to whether it was written. */
  async say(id, draft) {
    const written = await this.write(() => {
      const view = this.view(id);
      if (!isNews(view, draft)) return [];
      return [{ assignment: id, seen: this.row(id)?.v ?? 0, shown: { name: view.name, text: view.text }, ...draft }];
    });
    return Boolean(written?.length);
  }

  /** Writes what make() says when its turn comes, so that a second tap has seen the first; drop as in addChanges.
   *  Resolves to the drafts, or to null where the store failed. */
  write(make, drop = []) {
    this.#turn = this.#turn.then(async () => {
      await this.reload();
      const drafts = make();
      if (!drafts.length) return drafts;
      // An answer may arrive before these are written: what they stand on is named as it was when they were made.
      const after = (draft) => this.pendingOf(draft.assignment).map((one) => one.id);
      await addChanges(this.where, drafts.map((draft) => ({ ...draft, after: after(draft) })), drop);
      await this.reload();
      tell({ type: "work" });
      afterTap();
      return drafts;
    });
    const turn = this.#turn;
    this.#turn = turn.catch(() => null);
    return turn.catch(() => (unwritten(), null));
  }
}

function readRow(item) {
  const { id, no, v, state, result = "", due, asked, member, area = "", check = "", rivals = "{}" } = item.dataset;
  return {
    id, state, result, area, check,
    no: Number(no),
    v: Number(v),
    member: Number(member),
    due: due || null,
    asked: asked || null,
    name: find(".person", item)?.textContent.trim() ?? "",
    text: (find(".what", item) ?? find("h3", item)).textContent.trim(),
    rivals: JSON.parse(rivals),
  };
}
