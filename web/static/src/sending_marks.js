// How marks are sent: in batches of one meeting. Only an acknowledgement removes a mark; only a verdict moves it aside.
import { tell } from "./bus.js";
import { deviceId, nextBatch, receive, wishOpen } from "./queue.js";
import { fetchJson } from "./sender.js";

const BATCH = 200;
const SMALLEST = 10;
const TIMEOUT = 10_000;

/** A line for one Sender. */
export function markLine() {
  let size = BATCH;
  return {
    lock: "nennep-flush",
    lease: 45_000,
    next: (account, held) => nextBatch(account, held, size),
    send: post,
    slow({ late, status }) {
      if (late || status === 413) size = Math.max(SMALLEST, size >> 1);
    },
    async settle(batch, body) {
      const sent = new Set(batch.marks.map((mark) => mark.id));
      const acked = body.acked.filter((id) => sent.has(id));
      const refused = body.refused.filter((one) => sent.has(one.id));
      await receive(batch, { ...body, acked, refused });
      tell({ type: "marks" });
      const moved = acked.length + refused.length > 0 || (batch.open && body.state !== "planned");
      if (moved) size = Math.min(BATCH, size * 2);
      return moved;
    },
    async held(batch, { status }) {
      // A wish to open that was refused and carries no mark loses nothing: the page is as it was.
      if (status === 422 && !batch.marks.length) await wishOpen(batch.key, false);
      tell({ type: "roll" });
    },
  };
}

async function post({ slug, meeting, since, open, marks, account }) {
  const device = await deviceId();
  const body = JSON.stringify({
    device,
    since,
    sent_at: new Date().toISOString(),
    open,
    marks: marks.map(({ id, no, state, reason, seq, at, seen, late_reason }) => ({
      id,
      no,
      state,
      reason,
      seq,
      at,
      seen,
      late_reason,
    })),
  });
  // A weak signal needs longer for many marks than for one.
  return fetchJson(`/${slug}/meetings/${meeting}/marks`, TIMEOUT + 50 * marks.length, {
    method: "POST",
    body,
    headers: { "Content-Type": "application/json", "X-Account": account },
  });
}
