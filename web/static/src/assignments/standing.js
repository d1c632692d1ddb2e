// What to show of an assignment: the server's row and what this phone has said of it since, one after the other. No
// fold is needed here: whoever says something has seen what stands on the screen.

// What each kind says, by register; a note changes nothing.
const SAYS = {
  reported: () => ({ state: "reported" }),
  taken_back: () => ({ state: "open" }),
  asked_time: ({ due }) => ({ asked: due }),
  accepted: ({ result }) => ({ state: `done:${result}`, asked: null }),
  not_done: () => ({ state: "not_done", asked: null }),
  returned: () => ({ state: "open", asked: null }),
  carried: ({ due }) => ({ state: "open", due, asked: null }),
  cancelled: () => ({ state: "cancelled", asked: null }),
  rescheduled: ({ due }) => ({ due, asked: null }),
  reworded: ({ text, area, check_by }) => ({ what: { text, area, check_by } }),
  settled: ({ register, value }) => ({ [register]: value }),
};

const PUTS = {
  state(text) {
    const [state, result = ""] = text.split(":");
    return { state, result };
  },
  due: (due) => ({ due }),
  asked: (asked) => ({ asked }),
  what: ({ text, area, check_by: check }) => ({ text, area, check }),
  who: () => ({}), // whose it is now comes with the acknowledgement
};

/** row: as the server tells it; changes: those on their way, in the order of saying. */
export function standing(row, changes) {
  return changes.reduce((known, change) => {
    const next = { ...known, rivals: { ...known.rivals } };
    for (const [register, said] of Object.entries(SAYS[change.kind]?.(change) ?? {})) {
      // Deciding answers whoever asks for time; once it has ended nobody asks any more.
      if (register === "asked" && !said && !isLive(known)) continue;
      delete next.rivals[register];
      Object.assign(next, PUTS[register](said));
    }
    return next;
  }, row);
}

/** The row of an assignment of which only this phone knows. */
export function newRow({ assignment: id, member, text, area, check_by: check, due }, { name }) {
  const blank = { no: null, v: 0, state: "open", result: "", asked: null, rivals: {} };
  return { ...blank, id, member, name, text, area, check, due };
}

export const isLive = ({ state }) => state === "open" || state === "reported";
export const isRivalled = ({ rivals }) => Object.keys(rivals).length > 0;
/** "open", "done:late": as a change says it, and as the page's chips are named. */
export const stateOf = ({ state, result }) => (state === "done" ? `done:${result}` : state);

/** Nothing is left to decide at a meeting of this day ("2026-11-03"): ended, or due on a later one. */
export const isDecided = (row, day) =>
  !isRivalled(row) && (!isLive(row) || (row.state === "open" && (!row.due || row.due >= day)));

// What people disagree about is settled before anything else is said of it.
const TOUCHES = { progress: [], asked_time: ["due"], rescheduled: ["due"], reworded: ["what"], carried: ["due", "state"] };

/** Whether a move says anything new of what stands so: a second tap on the same button does not. */
export function isNews(row, { kind, register }) {
  if (kind === "settled") return register in row.rivals;
  if ((TOUCHES[kind] ?? ["state"]).some((one) => one in row.rivals)) return false;
  if (kind === "returned") return row.state !== "open" && row.state !== "cancelled";
  if (kind === "taken_back") return row.state === "reported";
  if (kind === "reported" || kind === "asked_time") return row.state === "open";
  return isLive(row);
}
