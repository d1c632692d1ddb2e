"""The rows of the outbox after they have committed: claimed, sent, begun, done, failed, dead, released.

``due_at`` is always the moment at which the dispatcher looks at a row (again); ``attempts`` counts how often a worker
has *begun* it, so a night without workers costs nothing, and a job that kills its worker is counted all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from infra.postgres import Record, connection, rows_affected, sql
from tenants.outbox import RELEASED
from tenants.transactions import platform_transaction

ATTEMPTS = 10
# How long a job is tried again that fails because of something else that is away.
PATIENCE_DAYS = 3
KEEP_DAYS, KEEP_SLOTS_DAYS = 7, 90

_OPEN = "done_at IS NULL AND dead_at IS NULL"
_DUE = f"{_OPEN} AND due_at <= now()"
# What waits for the dispatcher or a worker: not what was only asked for a later moment. (What was sent is due again
# later too, in case nobody begins it.)
WANTED_NOW = f"{_OPEN} AND (attempts > 0 OR sent_at IS NOT NULL OR due_at <= now())"

# Each tenant's first rows before anybody's later ones, and no more than $1 of one tenant; jobs named in $3 are handed
# out by another measure. The outer conditions stand again because a row may have been sent by another dispatcher
# between the choice and the lock.
_CLAIM = f"""SELECT id, schema_name, job, arguments FROM platform.outbox
WHERE {_DUE} AND id IN (
    SELECT id FROM (
        SELECT id, due_at, row_number() OVER (PARTITION BY schema_name ORDER BY due_at) AS turn
        FROM platform.outbox WHERE {_DUE} AND job <> ALL ($3)
    ) AS waiting WHERE turn <= $1 ORDER BY turn, due_at LIMIT $2)
FOR UPDATE SKIP LOCKED"""

# In flight is what was sent and neither done nor failed. What was sent and is due again keeps its place; of the rest
# as much as there is room for, the tenant with the least in flight first; of one tenant by the order of the jobs.
_CLAIM_FEW = f"""WITH flight AS (
    SELECT id, schema_name, due_at FROM platform.outbox WHERE {_OPEN} AND job = ANY ($1) AND sent_at IS NOT NULL
), busy AS (
    SELECT schema_name, count(*) AS n FROM flight GROUP BY schema_name
), waiting AS (
    SELECT o.id, o.due_at, coalesce(b.n, 0) + row_number() OVER (
        PARTITION BY o.schema_name ORDER BY array_position($1, o.job), o.due_at) AS turn
    FROM platform.outbox o LEFT JOIN busy b ON b.schema_name = o.schema_name
    WHERE {_DUE} AND job = ANY ($1) AND sent_at IS NULL
)
SELECT id, schema_name, job, arguments FROM platform.outbox
WHERE {_DUE} AND id IN (
    SELECT id FROM flight WHERE due_at <= now() UNION ALL
    (SELECT id FROM waiting ORDER BY turn, due_at LIMIT greatest(0, $2 - (SELECT count(*) FROM flight))))
FOR UPDATE SKIP LOCKED"""


async def claim(*, per_tenant: int, limit: int, besides: Sequence[str] = ()) -> list[Record]:
    """Lock rows to be sent (id, schema_name, job, arguments as text) until the platform transaction around it ends.

    ``besides``: jobs that claim_few hands out.
    """
    return await sql(_CLAIM, per_tenant, limit, list(besides))


async def claim_few(jobs: Sequence[str], *, at_once: int) -> list[Record]:
    """The same for long jobs: never more than ``at_once`` of them sent and not yet ended, fairly between tenants.

    Nothing while another dispatcher hands them out.
    """
    if not (await sql("SELECT pg_try_advisory_xact_lock(hashtextextended('outbox few', 0)) AS mine"))[0][
        "mine"
    ]:
        return []
    return await sql(_CLAIM_FEW, list(jobs), at_once)


async def sent(ids: Sequence[UUID]) -> None:
    """Write down that rows were handed to the queue, in the transaction that claimed them.

    A row that no worker begins is sent again after half a minute, later at growing distances: half its age.
    """
    await sql(
        """UPDATE platform.outbox SET sent_at = now(), due_at = now() +
            least(greatest(interval '30 seconds', (now() - created_at) / 2), interval '15 minutes')
        WHERE id = ANY($1)""",
        ids,
    )


async def begin(ids: Sequence[UUID], seconds: float) -> list[Record]:
    """Count an attempt of those rows that are still open, and keep the dispatcher off them for ``seconds``."""
    async with platform_transaction():
        return await sql(
            f"""UPDATE platform.outbox SET attempts = attempts + 1, due_at = now() + $2 * interval '1 second'
            WHERE id = ANY($1) AND {_OPEN} RETURNING id, schema_name, job, arguments, attempts, trace,
                created_at > now() - interval '{PATIENCE_DAYS} days' AS young""",
            ids, seconds,
        )  # fmt: skip


async def hold(ids: Sequence[UUID], seconds: float) -> None:
    """Keep the dispatcher off rows that are still being worked on."""
    async with platform_transaction():
        await sql(
            f"UPDATE platform.outbox SET due_at = now() + $2 * interval '1 second' WHERE id = ANY($1) AND {_OPEN}",
            ids, seconds,
        )  # fmt: skip


async def done(ids: Sequence[UUID]) -> None:
    """Rows are done."""
    async with platform_transaction():
        await sql(
            f"UPDATE platform.outbox SET done_at = now(), error = '' WHERE id = ANY($1) AND {_OPEN}", ids
        )


async def failed(ids: Sequence[UUID], error: str, *, hopeless: bool = False) -> None:
    """Try again after 2, 4, 8, … seconds, at most a quarter of an hour; ``hopeless``: the row is a dead letter."""
    async with platform_transaction():
        await sql(
            f"""UPDATE platform.outbox SET error = $2, dead_at = CASE WHEN $3 THEN now() END,
                due_at = now() + least(900, 2 ^ least(attempts, 20)) * interval '1 second', sent_at = NULL
            WHERE id = ANY($1) AND {_OPEN}""",
            ids, error[:500], hopeless,
        )  # fmt: skip


async def put_off(ids: Sequence[UUID], error: str) -> None:
    """Try again, with no attempt counted, after a quarter of the row's age: 2 seconds at least, 5 minutes at most."""
    async with platform_transaction():
        await sql(
            f"""UPDATE platform.outbox SET error = $2, attempts = greatest(attempts - 1, 0), sent_at = NULL,
                due_at = now() + least(greatest((now() - created_at) / 4, interval '2 seconds'), interval '5 minutes')
            WHERE id = ANY($1) AND {_OPEN}""",
            ids, error[:500],
        )  # fmt: skip


async def dead_letters() -> list[Record]:
    """Rows given up: id, committee (its path), job, arguments, attempts, dead_at, error."""
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT o.id, coalesce(c.slug, o.schema_name) AS committee, o.job, o.arguments, o.attempts, o.dead_at,
                o.error
            FROM platform.outbox o LEFT JOIN platform.committee c ON c.schema_name = o.schema_name
            WHERE o.dead_at IS NOT NULL AND o.done_at IS NULL ORDER BY o.dead_at"""
        )


async def release(ids: Sequence[UUID] | None) -> int:
    """Give dead letters (all for None) a new set of attempts, from now on; how many there were."""
    async with platform_transaction():
        status = await connection().execute(
            f"""UPDATE platform.outbox SET {RELEASED}
            WHERE dead_at IS NOT NULL AND done_at IS NULL AND ($1::uuid[] IS NULL OR id = ANY($1))""",
            ids,
        )
    return rows_affected(status)


async def waiting(schema_name: str | None = None) -> int:
    """How many rows (of one tenant) are still to be done."""
    async with platform_transaction(read_only=True):
        rows = await sql(
            f"SELECT count(*) AS n FROM platform.outbox WHERE {_OPEN} AND ($1::text IS NULL OR schema_name = $1)",
            schema_name,
        )
    return int(rows[0]["n"])


async def purge() -> None:
    """Forget rows done more than a week ago and slots filled long ago. Dead letters stay until a person decides."""
    async with platform_transaction():
        await sql(f"DELETE FROM platform.outbox WHERE done_at < now() - interval '{KEEP_DAYS} days'")
        await sql(
            f"DELETE FROM platform.timetable_slot WHERE filled_at < now() - interval '{KEEP_SLOTS_DAYS} days'"
        )
