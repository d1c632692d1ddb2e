// The state of a person is a pure function of the SET of marks: any order, any repetition, one
// answer. This is the same rule as the server's; no clock is compared.

const byId = (a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Marks that no other mark has seen and that no later mark of the same device replaces. */
export function standing(marks) {
  const unique = [...new Map(marks.map((mark) => [mark.id, mark])).values()].sort(byId);
  const seen = new Set();
  const newest = new Map();
  for (const mark of unique) {
    for (const id of mark.seen) if (id !== mark.id) seen.add(id);
    if (mark.device) newest.set(mark.device, Math.max(newest.get(mark.device) ?? mark.seq, mark.seq));
  }
  const heads = unique.filter(
    (mark) => !seen.has(mark.id) && !(mark.device && mark.seq < newest.get(mark.device)),
  );
  return heads.length ? heads : unique;
}

/** -> {state, reason, heads: [id], rivals: [{id, state, reason, by}]}. With rivals nothing is decided yet and
 *  the state is not_called; without marks it follows from the base. */
export function fold(marks, base = "expected") {
  const standingMarks = standing(marks);
  const heads = standingMarks.map((mark) => mark.id);
  if (!heads.length) return { state: base === "exempt" ? "exempt" : "not_called", reason: "", heads, rivals: [] };
  const { state } = standingMarks[0];
  if (standingMarks.some((mark) => mark.state !== state)) {
    const rivals = standingMarks.map(({ id, state, reason, by }) => ({ id, state, reason, by }));
    return { state: "not_called", reason: "", heads, rivals };
  }
  const told = standingMarks.filter((mark) => mark.reason).pop();
  return { state, reason: told?.reason ?? "", heads, rivals: [] };
}

/** What to show: the server's entry and the marks of this person that it has not acknowledged. */
export function localView(entry, pending) {
  if (!pending.length) return entry;
  const known = entry.heads.map((id) => {
    const rival = entry.rivals.find((one) => one.id === id);
    return {
      id,
      state: rival?.state ?? entry.state,
      by: rival?.by ?? "",
      reason: rival?.reason ?? entry.reason,
      seen: [],
    };
  });
  return { ...entry, ...fold([...known, ...pending], entry.base) };
}

const attends = (state) => state === "present" || state === "late";

/** The server's summary, moved by the people whose shown state differs from the server's.
 *  An exempt member counts in the base only while attending. */
export function localSummary(summary, changed) {
  const result = { ...summary };
  for (const { base, before, after } of changed) {
    const step = attends(after) - attends(before);
    result[before] -= 1;
    result[after] += 1;
    result.attending += step;
    if (base === "exempt") result.base += step;
  }
  return result;
}
