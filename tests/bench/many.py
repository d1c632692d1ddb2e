"""What grows with the number of committees: migrations and the province's figures."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from statistics import median

from infra.postgres import sql
from server import clock
from server.rollups.actions import recompute_rollup
from server.schema import committee_line
from tenants.current import using
from tenants.migrations import Migration
from tenants.migrations.runner import migrate_committees
from tenants.transactions import transaction
from tests.bench.report import Figure
from tests.bench.town import House

_CHANGE = "ALTER TABLE member ADD COLUMN bench_{n} text; CREATE INDEX bench_{n} ON member (bench_{n})"


async def migrations(owner_url: str, count: int, times: int) -> list[Figure]:
    """Every committee brought one version further, and a run that finds nothing to do."""
    line = list(committee_line())
    changed, idle = [], []
    for n in range(times):
        line.append(Migration(len(line) + 1, f"{len(line) + 1:04}_bench", _CHANGE.format(n=n)))
        for spent, expected in ((changed, count), (idle, 0)):
            begun = time.perf_counter()
            report = await migrate_committees(owner_url, line)
            spent.append(time.perf_counter() - begun)
            assert report.migrated == expected, report
            assert not report.failed, report
    return [
        Figure(f"{count} committees migrated, one change", median(changed), "s", most=3),
        Figure(f"{count} committees migrated, nothing to do", median(idle), "s", most=0.5),
    ]


async def rollups(houses: Sequence[House], times: int) -> list[Figure]:
    """The month of every committee recomputed from its own tables, one after the other and by four at once."""
    month = clock.month_of(clock.today()).isoformat()
    for house in houses:
        with using(house.ref):
            async with transaction():
                await sql("UPDATE roll_call SET closed_at = now(), closed_by = 'bench'")
                await sql("UPDATE meeting SET state = 'held'")

    async def some(part: Sequence[House]) -> None:
        for house in part:
            with using(house.ref):
                await recompute_rollup(month)

    async def timed(tasks: int) -> float:
        begun = time.perf_counter()
        await asyncio.gather(*(asyncio.create_task(some(houses[n::tasks])) for n in range(tasks)))
        return time.perf_counter() - begun

    await timed(1)
    found = {tasks: median([await timed(tasks) for _ in range(times)]) for tasks in (1, 4)}
    return [
        Figure(f"roll-up of all {len(houses)} from source, one task", found[1], "s", most=2),
        Figure(f"roll-up of all {len(houses)} from source, four tasks", found[4], "s", most=2),
    ]
