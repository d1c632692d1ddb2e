"""What the tests ask of the outbox and the figures."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from infra.postgres import Record, one, sql
from server import clock
from server.roll_call.actions import close_roll, open_roll
from server.rollups.verify import verify
from tenants.current import CommitteeRef, using
from tenants.outbox import later
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast

MONTH = clock.month_of(clock.today())


async def ask(ref: CommitteeRef, *, job: str = "recompute_rollup", month: str = "") -> None:
    """Leave one job behind."""
    with using(ref):
        async with transaction():
            await later(job, month=month or MONTH.isoformat())


async def rows_of(ref: CommitteeRef) -> list[Record]:
    async with platform_transaction(read_only=True):
        return await sql(
            "SELECT * FROM platform.outbox WHERE schema_name = $1 ORDER BY created_at, id", ref.schema_name
        )


async def all_done(ref: CommitteeRef) -> bool:
    rows = await rows_of(ref)
    return bool(rows) and all(row["done_at"] for row in rows)


async def all_sent(ref: CommitteeRef) -> bool:
    return all(row["sent_at"] for row in await rows_of(ref))


async def make_due(ref: CommitteeRef) -> None:
    """As if the time to look at this tenant's open rows again had come."""
    async with platform_transaction():
        await sql(
            "UPDATE platform.outbox SET due_at = now() WHERE schema_name = $1 AND done_at IS NULL",
            ref.schema_name,
        )


async def figures(committee: UUID, month: date = MONTH) -> Record | None:
    async with platform_transaction(read_only=True):
        return await one(
            "SELECT * FROM platform.rollup WHERE committee = $1 AND month = $2", committee, month
        )


async def differences(ref: CommitteeRef) -> list[object]:
    return list((await verify(ref))[1])


async def take_roll(cast: Cast) -> None:
    """One meeting opened and closed with everybody absent: two jobs left behind."""
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    await close_roll(meeting, rest_absent=True, by=cast.hoa)


async def end_left_over() -> None:
    """End what earlier tests have asked for and no worker has done: hundreds of pages would come before our own."""
    async with platform_transaction():
        await sql("UPDATE platform.outbox SET done_at = now() WHERE done_at IS NULL")
