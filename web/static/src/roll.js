// The roll of one meeting as this phone knows it: the server's newest state and the marks on the way.
import { localSummary, localView } from "./fold.js";
import { adoptRoll, getRoll, marksOf, rollKey } from "./queue.js";
import { readEntries } from "./rows.js";

const STATES = ["present", "late", "absent_excused", "absent_unexcused", "exempt", "not_called"];

export async function openRoll(root, people) {
  const { account, slug, meeting } = root.dataset;
  const where = { account, slug, meeting, key: rollKey(root.dataset) };
  let record = await adoptRoll({
    ...where,
    version: Number(root.dataset.version),
    state: root.dataset.state,
    entries: readEntries(people),
    summary: readSummary(root),
  });
  let marks = await marksOf(where);

  const roll = { where, people, view, state, summary, reload, add, pendingOf, refused, strangers };

  async function reload() {
    [record, marks] = await Promise.all([getRoll(where.key), marksOf(where)]).then(([next, own]) => [next ?? record, own]);
  }

  function add(made, removed) {
    marks = [...marks.filter((mark) => !removed.includes(mark.id)), ...made];
  }

  function pendingOf(no) {
    return marks.filter((mark) => mark.no === no && mark.status === "pending");
  }

  function entryOf(no) {
    const base = people.get(no).base;
    const blank = { no, state: base === "exempt" ? "exempt" : "not_called", reason: "", heads: [], rivals: [] };
    return { ...blank, ...record.entries[no], base };
  }

  function view(no) {
    return localView(entryOf(no), pendingOf(no));
  }

  /** planned | open | closed; opened on this phone counts as open. */
  function state() {
    return record.state === "planned" && record.opening ? "open" : record.state;
  }

  function summary() {
    const touched = new Set(marks.filter((mark) => mark.status === "pending" && people.has(mark.no)).map((m) => m.no));
    const changed = [...touched].map((no) => {
      const entry = entryOf(no);
      return { base: entry.base, before: entry.state, after: view(no).state };
    });
    return localSummary(record.summary, changed);
  }

  function refused() {
    return marks.filter((mark) => mark.status === "refused");
  }

  /** True when the opened roll names people whom this page does not show. */
  function strangers() {
    return Object.keys(record.entries).some((no) => !people.has(Number(no)));
  }

  return roll;
}

/** The summary as the server drew it: the numbers of the header. */
function readSummary(root) {
  const rate = root.querySelector("#rate");
  const summary = { attending: Number(rate.dataset.a), base: Number(rate.dataset.n) };
  for (const state of STATES) {
    summary[state] = Number(root.querySelector(`[data-f=${state}] b`).textContent);
  }
  return summary;
}
