// How changes to assignments are sent: in batches of one committee, in the order in which they were said. Only an
// acknowledgement removes one; only a verdict moves it aside.
import { tell } from "./bus.js";
import { nextChanges, receiveChanges } from "./changes.js";
import { deviceId } from "./queue.js";
import { fetchJson } from "./sender.js";

const BATCH = 100;
const SMALLEST = 5;
const TIMEOUT = 10_000;

/** A line for one Sender. */
export function workLine() {
  let size = BATCH;
  return {
    lock: "nennep-work",
    lease: 45_000,
    next: (account, held) => nextChanges(account, held, size),
    send: post,
    slow({ late, status }) {
      if (late || status === 413) size = Math.max(SMALLEST, size >> 1);
    },
    async settle(job, { acked, refused, rows }) {
      if (!Array.isArray(acked) || !Array.isArray(refused)) return false;
      const sent = new Set(job.changes.map(({ id }) => id));
      const verdict = { acked: acked.filter((id) => sent.has(id)), refused: refused.filter(({ id }) => sent.has(id)) };
      await receiveChanges(job, { ...verdict, rows });
      tell({ type: "work" });
      const moved = verdict.acked.length + verdict.refused.length > 0;
      if (moved) size = Math.min(BATCH, size * 2);
      return moved;
    },
    held: async () => tell({ type: "work" }),
  };
}

async function post({ slug, account, changes }) {
  const body = JSON.stringify({ device: await deviceId(), changes });
  // A weak signal needs longer for many changes than for one.
  return fetchJson(`/${slug}/assignments/changes`, TIMEOUT + 100 * changes.length, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", "X-Account": account },
  });
}
