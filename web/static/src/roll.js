// The roll of one meeting as this phone knows it: the server's newest state and the marks on the way.
import { localSummary, localView } from "./fold.js";
import { adoptRoll, getRoll, marksOf, rollKey } from "./queue.js";
import { readEntries } from "./rows.js";

const STATES = ["present", "late", "absent_excused", "absent_unexcused", "exempt", "not_called"];

export class Roll {
  #record;
  #marks;

  /** people: Map no -> person, as readPeople gives it. */
  static async open(root, people) {
    const { account, slug, meeting } = root.dataset;
    const where = { account, slug, meeting, key: rollKey(root.dataset) };
    const roll = new Roll();
    Object.assign(roll, { where, people });
    roll.#record = await adoptRoll({
      ...where,
      version: Number(root.dataset.version),
      state: root.dataset.state,
      entries: readEntries(people),
      summary: readSummary(root),
    });
    roll.#marks = await marksOf(where);
    return roll;
  }

  async reload() {
    const [record, marks] = await Promise.all([getRoll(this.where.key), marksOf(this.where)]);
    this.#record = record ?? this.#record;
    this.#marks = marks;
  }

  add(made, removed) {
    this.#marks = [...this.#marks.filter((mark) => !removed.includes(mark.id)), ...made];
  }

  pendingOf(no) {
    return this.#marks.filter((mark) => mark.no === no && mark.status === "pending");
  }

  refused() {
    return this.#marks.filter((mark) => mark.status === "refused");
  }

  /** {state, reason, heads, rivals} of one person, with what is on the way. */
  view(no) {
    return localView(this.#entry(no), this.pendingOf(no));
  }

  /** planned | open | closed; opened on this phone counts as open. */
  state() {
    const { state, opening } = this.#record;
    return state === "planned" && opening ? "open" : state;
  }

  summary() {
    const touched = new Set(this.#marks.filter((mark) => mark.status === "pending").map((mark) => mark.no));
    const changed = [...touched].filter((no) => this.people.has(no)).map((no) => {
      const { base, state } = this.#entry(no);
      return { base, before: state, after: this.view(no).state };
    });
    return localSummary(this.#record.state === "planned" ? this.#uncalled() : this.#record.summary, changed);
  }

  /** True when the opened roll names people whom this page does not show. */
  strangers() {
    return Object.keys(this.#record.entries).some((no) => !this.people.has(Number(no)));
  }

  /** The summary while nobody has been called: what was counted before the committee went back no longer is. */
  #uncalled() {
    const exempt = [...this.people.values()].filter(({ base }) => base === "exempt").length;
    const base = this.people.size - exempt;
    const none = Object.fromEntries(STATES.map((state) => [state, 0]));
    return { ...none, attending: 0, base, exempt, not_called: base };
  }

  #entry(no) {
    const { base } = this.people.get(no);
    const blank = { no, state: base === "exempt" ? "exempt" : "not_called", reason: "", heads: [], rivals: [] };
    return { ...blank, ...this.#record.entries[no], base };
  }
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
