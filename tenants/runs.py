"""Long work that people see, as rows: a run and its items. Here it is planned, looked at, paused and gone on with.

run_work.py is the side of those who do it. Everything needs a platform transaction around it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from infra.postgres import Record, connection, one, rows_affected, sql
from tenants.outbox import later_on_platform

# A person waits for runs of this priority and below; they have workers of their own and wait behind nothing else.
URGENT_PRIORITY = 4
# Jobs of the outbox: whoever does one goes through the items of its lane.
JOB, URGENT_JOB = "work_runs", "work_urgent_runs"


@dataclass(frozen=True)
class Item:
    """One thing to do in a run. ``subject`` is shown to people and, within its step, is its name: it is added once."""

    subject: str
    arguments: dict[str, Any] = field(default_factory=dict)
    step: int = 1
    committee: UUID | None = None


@dataclass(frozen=True)
class Work:
    """A claimed item, with what is known of its run."""

    run: UUID
    kind: str
    no: int
    step: int
    subject: str
    committee: UUID | None
    arguments: dict[str, Any]
    run_arguments: dict[str, Any]
    province: UUID | None
    account: UUID | None
    by_name: str
    attempt: int


def job_of(priority: int) -> str:
    """The job of the outbox that goes through runs of a priority."""
    return URGENT_JOB if priority <= URGENT_PRIORITY else JOB


async def start(
    kind: str,
    items: Sequence[Item],
    *,
    province: UUID | None,
    by_account: UUID | None,
    by_name: str,
    committee: UUID | None = None,
    arguments: Mapping[str, Any] | None = None,
    priority: int = 5,
    stop_after: int = 1,
) -> UUID:
    """Write a run down with its items; its id. It begins once the transaction has committed.

    ``priority``: 1 a person waits, 5 a person asked, 9 the clock did. ``stop_after``: so many items may fail before the
    run stops and waits for a person. A run with no items is done when a worker has seen it.
    """
    run = uuid4()
    await sql(
        """INSERT INTO platform.run
            (id, province, committee, kind, arguments, priority, items, stop_after, account, by_name)
        VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, $9)""",
        run, province, committee, kind, json.dumps(dict(arguments or {})), priority, stop_after, by_account, by_name,
    )  # fmt: skip
    await add_items(run, items)
    await later_on_platform(job_of(priority))
    return run


async def add_items(run: UUID, items: Sequence[Item]) -> int:
    """Add to a run; how many were new. An item whose step has one of the same subject already is left out, so that a
    step that plans the next one may be repeated.
    """
    row = await one("SELECT id FROM platform.run WHERE id = $1 FOR UPDATE", run)
    if row is None:
        raise LookupError(run)
    # A microsecond apart, so that the index knows their order.
    status = await connection().execute(
        """WITH fresh AS (
            SELECT g.subject, g.step, g.arguments, g.committee, row_number() OVER (ORDER BY g.at) AS turn
            FROM unnest($2::text[], $3::int[], $4::text[], $5::uuid[])
                WITH ORDINALITY AS g(subject, step, arguments, committee, at)
            WHERE NOT EXISTS (SELECT 1 FROM platform.run_item i
                WHERE i.run = $1 AND i.step = g.step AND i.subject = g.subject))
        INSERT INTO platform.run_item (run, no, step, subject, committee, arguments, due_at)
        SELECT $1, turn + (SELECT items FROM platform.run WHERE id = $1), step, subject, committee, arguments::jsonb,
            now() + turn * interval '1 microsecond'
        FROM fresh""",
        run, [i.subject for i in items], [i.step for i in items], [json.dumps(i.arguments) for i in items],
        [i.committee for i in items],
    )  # fmt: skip
    added = rows_affected(status)
    await sql("UPDATE platform.run SET items = items + $2 WHERE id = $1", run, added)
    return added


async def call(job: str) -> None:
    """Ask for one more worker of a lane, for what is committed already: one that was asked for and has not begun will
    do, and will call the next.
    """
    await sql(
        """INSERT INTO platform.outbox (id, job, arguments) SELECT gen_random_uuid(), $1, '{}'
        WHERE NOT EXISTS (SELECT 1 FROM platform.outbox
            WHERE job = $1 AND done_at IS NULL AND dead_at IS NULL AND attempts = 0 AND due_at <= now())""",
        job,
    )


async def pause(run: UUID) -> bool:
    """Begin nothing more of a run until it is resumed; what is under way ends. False if it was not open."""
    return await _move(run, ("open",), "paused")


async def resume(run: UUID) -> bool:
    """Go on with a paused run. False if it was not paused."""
    return await _move(run, ("paused",), "open")


async def stop(run: UUID) -> bool:
    """End a run for good: what waits is skipped, what is under way ends. False if it had ended."""
    if not await _move(run, ("open", "paused", "failed"), "stopped"):
        return False
    await sql(
        """UPDATE platform.run_item SET state = 'skipped', ended_at = now() WHERE run = $1 AND state = 'waiting'
        AND (held_until IS NULL OR held_until <= now())""",
        run,
    )
    return True


async def retry(run: UUID) -> int:
    """Give the failed items of a run a new set of attempts and go on; how many there were."""
    return await _mend(run, "waiting")


async def leave_out(run: UUID) -> int:
    """Go on without the failed items of a run; how many there were."""
    return await _mend(run, "skipped")


async def _mend(run: UUID, state: str) -> int:
    if (
        await one("SELECT 1 FROM platform.run WHERE id = $1 AND state IN ('open', 'failed') FOR UPDATE", run)
        is None
    ):
        return 0
    status = await connection().execute(
        """UPDATE platform.run_item SET state = $2, attempts = 0, held_until = NULL, due_at = now(),
            ended_at = CASE WHEN $2 = 'skipped' THEN now() END
        WHERE run = $1 AND state = 'failed'""",
        run, state,
    )  # fmt: skip
    if mended := rows_affected(status):
        await sql("UPDATE platform.run SET state = 'open', failed = 0, ended_at = NULL WHERE id = $1", run)
        await _call_for(run)
    return mended


async def _move(run: UUID, before: Sequence[str], after: str) -> bool:
    status = await connection().execute(
        """UPDATE platform.run SET state = $3, ended_at = CASE WHEN $3 = 'stopped' THEN now() END
        WHERE id = $1 AND state = ANY ($2)""",
        run, before, after,
    )  # fmt: skip
    if rows_affected(status) == 0:
        return False
    await _call_for(run)
    return True


async def _call_for(run: UUID) -> None:
    row = await one("SELECT priority FROM platform.run WHERE id = $1", run)
    if row is not None:
        await later_on_platform(job_of(row["priority"]))


_RUN = """SELECT r.id, r.province, r.committee, r.kind, r.arguments, r.priority, r.state, r.reason, r.items, r.done,
    r.failed, r.stop_after, r.result, r.created_at, r.account, r.by_name, r.started_at, r.ended_at,
    c.slug, c.kind AS committee_kind, c.name AS committee_name
FROM platform.run r LEFT JOIN platform.committee c ON c.id = r.committee"""


async def run(id_: UUID) -> Record | None:
    """A run: its columns, and slug, committee_kind, committee_name where it is about one committee."""
    return await one(f"{_RUN} WHERE r.id = $1", id_)


async def items(run: UUID, *, states: Sequence[str] = (), after: int = 0, limit: int = 100) -> list[Record]:
    """Items of a run by number: no, step, subject, committee, arguments, state, attempts, error, result, held
    (somebody is at it), due_at, started_at, ended_at. ``states``: only these; ``after``: from behind this number.
    """
    return await sql(
        """SELECT no, step, subject, committee, arguments, state, attempts, error, result,
            state = 'waiting' AND coalesce(held_until > now(), false) AS held, due_at, started_at, ended_at
        FROM platform.run_item WHERE run = $1 AND no > $2 AND (cardinality($3::text[]) = 0 OR state = ANY ($3))
        ORDER BY no LIMIT $4""",
        run, after, list(states), limit,
    )  # fmt: skip


async def runs(province: UUID, *, committee: UUID | None = None, limit: int = 50) -> list[Record]:
    """The newest runs of a province, those that are not over first; ``committee``: only those about it."""
    return await sql(
        f"""{_RUN} WHERE r.province = $1 AND ($2::uuid IS NULL OR r.committee = $2)
        ORDER BY r.state IN ('done', 'stopped'), r.created_at DESC LIMIT $3""",
        province, committee, limit,
    )  # fmt: skip
