"""The side of those who do runs: items are claimed one by one and held while somebody is at them.

Nothing here depends on a message or a process: what was begun and never ended is claimed again once its hold is over.
Everything needs a platform transaction around it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from infra.postgres import Record, connection, one, rows_affected, sql
from tenants.runs import JOB, URGENT_JOB, URGENT_PRIORITY, Work, call

# A worker says at a third of this that it is still at an item; after a kill somebody else takes it when it is over.
HOLD_SECONDS = 30.0


class Lost(Exception):
    """Somebody else has this item now: the hold was over before it was made longer."""


# What is being worked on in a lane ($1), the runs that may go on and the step each has come to, and of each its first
# item that is due, free, and of a committee at which nobody else is. The run with the least in flight comes first,
# then the one that was served longest ago. $2, $3: kinds and how many items of each may be in flight; $4: in the lane.
_NEXT = f"""WITH flight AS (
    SELECT i.run, i.committee, r.kind, r.priority <= {URGENT_PRIORITY} AS urgent
    FROM platform.run_item i JOIN platform.run r ON r.id = i.run
    WHERE i.state = 'waiting' AND i.held_until > now()
), ready AS (
    SELECT r.id, r.priority, r.served_at, r.created_at,
        (SELECT count(*) FROM flight f WHERE f.run = r.id) AS busy,
        least((SELECT min(i.step) FROM platform.run_item i WHERE i.run = r.id AND i.state = 'waiting'),
            CASE WHEN r.failed > 0 THEN (SELECT min(i.step) FROM platform.run_item i
                WHERE i.run = r.id AND i.state = 'failed') END) AS step
    FROM platform.run r JOIN unnest($2::text[], $3::int[]) AS k(kind, at_once) ON k.kind = r.kind
    WHERE r.state = 'open' AND (r.priority <= {URGENT_PRIORITY}) = $1
        AND (SELECT count(*) FROM flight f WHERE f.kind = r.kind AND f.urgent = $1) < k.at_once
        AND (SELECT count(*) FROM flight f WHERE f.urgent = $1) < $4
)
SELECT i.run, i.no FROM ready r CROSS JOIN LATERAL (
    SELECT i.run, i.no FROM platform.run_item i
    WHERE i.run = r.id AND i.state = 'waiting' AND i.step = r.step AND i.due_at <= clock_timestamp()
        AND (i.held_until IS NULL OR i.held_until <= now())
        AND NOT EXISTS (SELECT 1 FROM flight f WHERE f.committee = i.committee)
    ORDER BY i.due_at LIMIT 1) AS i
ORDER BY r.priority, r.busy, r.served_at NULLS FIRST, r.created_at LIMIT 1"""

_TAKE = f"""WITH taken AS (
    UPDATE platform.run_item SET attempts = attempts + 1, started_at = coalesce(started_at, now()),
        held_until = clock_timestamp() + interval '{HOLD_SECONDS} seconds'
    WHERE run = $1 AND no = $2
    RETURNING run, no, step, subject, committee, arguments, attempts
), served AS (
    UPDATE platform.run SET started_at = coalesce(started_at, now()), served_at = clock_timestamp() WHERE id = $1
    RETURNING kind, arguments, province, account, by_name
)
SELECT t.run, s.kind, t.no, t.step, t.subject, t.committee, t.arguments, s.arguments AS run_arguments, s.province,
    s.account, s.by_name, t.attempts FROM taken t, served s"""


async def claim(kinds: Mapping[str, int], *, urgent: bool, at_once: int) -> Work | None:
    """Take the next item of a lane, counting an attempt, and hold it for HOLD_SECONDS; None where nothing can be done.

    ``kinds``: how many items of each kind may be worked on at the same time; ``at_once``: how many of the whole lane.
    Where there is more to do, another worker is called for.
    """
    # One chooses at a time, so that what it counts is true; the next statement sees all that was chosen before.
    await sql("SELECT pg_advisory_xact_lock(hashtextextended('nennep runs', 0))")
    limits = urgent, list(kinds), list(kinds.values()), at_once
    chosen = await one(_NEXT, *limits)
    if chosen is None:
        return None
    row = await one(_TAKE, chosen["run"], chosen["no"])
    assert row is not None
    if await one(_NEXT, *limits) is not None:
        await call(URGENT_JOB if urgent else JOB)
    return _work(row)


def _work(row: Record) -> Work:
    return Work(
        run=row["run"], kind=row["kind"], no=row["no"], step=row["step"], subject=row["subject"],
        committee=row["committee"], arguments=json.loads(row["arguments"]),
        run_arguments=json.loads(row["run_arguments"]), province=row["province"], account=row["account"],
        by_name=row["by_name"], attempt=row["attempts"],
    )  # fmt: skip


async def wake(kinds: Mapping[str, int], *, at_once: int) -> None:
    """Call a worker for each lane in which something could be done: what is tried again, what a killed worker held,
    what a lost message would have begun.
    """
    for urgent, job in ((False, JOB), (True, URGENT_JOB)):
        limits = urgent, list(kinds), list(kinds.values()), at_once
        if await one(_NEXT, *limits) or await unended(kinds, urgent=urgent):
            await call(job)


_MINE = "run = $1 AND no = $2 AND attempts = $3 AND state = 'waiting'"


async def hold(work: Work) -> None:
    """Keep others off an item for HOLD_SECONDS more. Raises Lost where somebody else has taken it."""
    status = await connection().execute(
        f"""UPDATE platform.run_item SET held_until = clock_timestamp() + interval '{HOLD_SECONDS} seconds'
        WHERE {_MINE}""",
        work.run, work.no, work.attempt,
    )  # fmt: skip
    if rows_affected(status) == 0:
        raise Lost(work.subject)


async def finish(work: Work, result: Mapping[str, Any]) -> bool:
    """An item is done, with what it gave; whether all of its run are. Raises Lost."""
    await sql("SELECT 1 FROM platform.run WHERE id = $1 FOR UPDATE", work.run)
    status = await connection().execute(
        f"""UPDATE platform.run_item SET state = 'done', result = $4, error = '', held_until = NULL, ended_at = now()
        WHERE {_MINE}""",
        work.run, work.no, work.attempt, json.dumps(dict(result)),
    )  # fmt: skip
    if rows_affected(status) == 0:
        raise Lost(work.subject)
    await sql("UPDATE platform.run SET done = done + 1 WHERE id = $1", work.run)
    return await _settle(work.run)


async def fail(work: Work, error: str, *, said: Sequence[object] = ()) -> None:
    """An item can't be done; its run stops where too many can't, or nothing else can be done before. ``said``: the same
    in sentences that JSON keeps, for other languages. Raises Lost.
    """
    await sql("SELECT 1 FROM platform.run WHERE id = $1 FOR UPDATE", work.run)
    status = await connection().execute(
        f"""UPDATE platform.run_item SET state = 'failed', error = $4, result = $5, held_until = NULL, ended_at = now()
        WHERE {_MINE}""",
        work.run, work.no, work.attempt, error[:1000], json.dumps({"said": [*said]} if said else {}),
    )  # fmt: skip
    if rows_affected(status) == 0:
        raise Lost(work.subject)
    await sql(
        """UPDATE platform.run SET failed = failed + 1,
            state = CASE WHEN state = 'open' AND failed + 1 >= stop_after THEN 'failed' ELSE state END,
            ended_at = CASE WHEN state = 'open' AND failed + 1 >= stop_after THEN now() ELSE ended_at END
        WHERE id = $1""",
        work.run,
    )
    await _settle(work.run)


async def put_back(work: Work, error: str, *, seconds: float, counted: bool = True) -> None:
    """Have an item tried again after ``seconds``; not ``counted``: this attempt was no fault of its own."""
    await sql(
        f"""UPDATE platform.run_item SET error = $4, held_until = NULL, attempts = attempts - $6::int,
            due_at = now() + $5 * interval '1 second' WHERE {_MINE}""",
        work.run, work.no, work.attempt, error[:1000], seconds, 0 if counted else 1,
    )  # fmt: skip


async def _settle(run: UUID) -> bool:
    """Whether an open run has come to its end; one that can't, for what failed, stops and waits for a person."""
    row = await one(
        """SELECT r.state, r.failed > 0 AS failed, EXISTS (
            SELECT 1 FROM platform.run_item w WHERE w.run = r.id AND w.state = 'waiting' AND w.step <= coalesce(
                CASE WHEN r.failed > 0 THEN (SELECT min(f.step) FROM platform.run_item f
                    WHERE f.run = r.id AND f.state = 'failed') END, 32767)) AS more
        FROM platform.run r WHERE r.id = $1""",
        run,
    )
    assert row is not None
    if row["more"] or row["state"] != "open":
        return False
    if row["failed"]:
        await sql("UPDATE platform.run SET state = 'failed', ended_at = now() WHERE id = $1", run)
        return False
    return True


async def unended(kinds: Mapping[str, int], *, urgent: bool) -> list[Record]:
    """Open runs (id, kind) of a lane in which nothing is left to do, and nobody has ended them for HOLD_SECONDS."""
    return await sql(
        f"""SELECT r.id, r.kind FROM platform.run r
        WHERE r.state = 'open' AND (r.priority <= {URGENT_PRIORITY}) = $1 AND r.kind = ANY ($2)
            AND (r.served_at IS NULL OR r.served_at <= now() - interval '{HOLD_SECONDS} seconds') AND NOT EXISTS (
                SELECT 1 FROM platform.run_item i WHERE i.run = r.id AND i.state IN ('waiting', 'failed'))""",
        urgent, list(kinds),
    )  # fmt: skip


async def serve(run: UUID) -> None:
    """Say that somebody is ending a run."""
    await sql("UPDATE platform.run SET served_at = clock_timestamp() WHERE id = $1", run)


async def end(run: UUID) -> None:
    """A run is done, unless something was added to it meanwhile."""
    await sql("SELECT 1 FROM platform.run WHERE id = $1 FOR UPDATE", run)
    await sql(
        """UPDATE platform.run SET state = 'done', started_at = coalesce(started_at, now()), ended_at = now()
        WHERE id = $1 AND state = 'open' AND NOT EXISTS (
            SELECT 1 FROM platform.run_item i WHERE i.run = platform.run.id AND i.state IN ('waiting', 'failed'))""",
        run,
    )
