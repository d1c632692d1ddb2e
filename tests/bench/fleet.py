"""``python -m tests.bench.fleet``: what thousands of committees cost: founding, migrating, memory, figures.

All communes of the country by default; each is founded from the template without data, migrated by one change, looked
at for drift, touched by one backend, then filled, and its figures are recomputed from source.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from statistics import median
from typing import TypeVar

import asyncpg
import psutil

from infra.postgres import close_pool, connect, one, open_pool, sql
from infra.settings import KNOWN
from server.demo import country
from server.demo.filling import counting, fill_all
from server.demo.state import COUNTRY
from server.rollups.actions import months, recompute_months
from server.schema import committee_line, platform_lines
from tenants.current import CommitteeRef, using
from tenants.drift import check_schemas
from tenants.lifecycle import found_with
from tenants.migrations import Migration
from tenants.migrations.runner import migrate_committees, migrate_platform
from tenants.template import template_of
from tenants.transactions import platform_transaction, transaction
from tests.bench.ground import Ground, ground
from tests.bench.report import Figure, heading, tell

Answer = TypeVar("Answer")
# As many as there are cores of the machine that the targets name.
_AT_ONCE = 2
# Committees after which a founder's connection is replaced, as fill_all does.
_LIFE = 200
_CHANGE = "ALTER TABLE member ADD COLUMN bench text; CREATE INDEX bench ON member (bench)"
# What a day's pages read of a committee: nearly every table that people look at.
_TOUCHED = ("cell", "party_group", "member", "membership", "exemption", "seat", "meeting", "roll_call", "roll_entry",
            "mark", "minutes", "minutes_page", "minutes_file", "assignment", "assignment_change", "assignment_span",
            "usual_work", "event", "setting", "reminder", "contact", "classification")  # fmt: skip
# A request's statements beside BEGIN and COMMIT, and after how many committees the cost of the figures is told.
_STATEMENTS, _STEPS = 4, (200, 1000)
_ENDLESS = 10**9


def main() -> None:
    """Found, migrate, compare, touch, fill, recompute."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.fleet", description=__doc__)
    parser.add_argument("--committees", type=int, default=3321)
    parser.add_argument("--cells", type=int, default=2, help="in each committee, for the figures")
    parser.add_argument("--members", type=int, default=10, help="in each cell")
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--quick", action="store_true", help="60 committees")
    given = parser.parse_args()
    order = country.Order(
        60 if given.quick else given.committees, given.cells, given.members, given.months, seed=1930
    )
    heading(f"A fleet of {order.committees} committees, {_load()}")
    with ground() as made:
        asyncio.run(_all(made, order))


async def _all(made: Ground, order: country.Order) -> None:
    owner_url, count = made.servers.owner_url, order.committees
    await migrate_platform(owner_url, platform_lines())
    await open_pool(made.servers.app_url, size=6)
    try:
        order = await country.begin(order)
        refs = [ref for ref, _ in await country.unfinished(datetime.fromisoformat(order.at))]
        tell(*await _founding(owner_url, refs))
        tell(*await _migrating(owner_url, count))
        tell(*await _drift(owner_url, count))
        tell(*await _memory(made.servers.app_url, refs))
        tell(*await _filling(owner_url, order))
        tell(*await _figures(refs))
    finally:
        await close_pool()
    heading(f"Memory and disk after that, {_load()}")
    tell(*(Figure(name, size, "MB") for name, size in made.resident().items()))


def _load() -> str:
    return "load " + " ".join(f"{value:.1f}" for value in os.getloadavg())


async def _timed(work: Awaitable[Answer]) -> tuple[float, Answer]:
    begun = time.perf_counter()
    answer = await work
    return time.perf_counter() - begun, answer


async def _beside(refs: Sequence[CommitteeRef], one: Callable[[CommitteeRef], Awaitable[None]]) -> None:
    """Do one thing for each, a few at once."""
    waiting = iter(refs)

    async def work() -> None:
        for ref in waiting:
            await one(ref)

    await asyncio.gather(*(asyncio.create_task(work()) for _ in range(_AT_ONCE)))


async def _founding(owner_url: str, refs: Sequence[CommitteeRef]) -> list[Figure]:
    heading(f"Founding without data, {_AT_ONCE} at once, {_load()}")
    waiting, spent = iter(refs), []

    async def work() -> None:
        owner = await connect(owner_url)
        for number, ref in enumerate(waiting, start=1):
            if number % _LIFE == 0:
                await owner.close()
                owner = await connect(owner_url)
            seconds, _ = await _timed(found_with(owner, ref.id, committee_line()))
            spent.append(seconds)
        await owner.close()

    owner = await connect(owner_url)
    making, template = await _timed(template_of(owner, committee_line()))
    before = await _bytes(owner)
    seconds, _ = await _timed(asyncio.gather(*(work() for _ in range(_AT_ONCE))))
    size = (await _bytes(owner) - before) / len(refs)
    await owner.close()
    third = max(1, len(refs) // 3)
    return [
        Figure(
            "the template made and tried, once a process",
            making * 1000,
            "ms",
            note=f"squashed: {template.squashed}",
        ),
        Figure(f"{len(refs)} committees founded", seconds, "s", most=360 * len(refs) / 3321),
        Figure("one of them, median", median(spent) * 1000, "ms"),
        Figure("the last third beside the first", median(spent[-third:]) / median(spent[:third]), "times"),
        Figure("an empty committee on disk", size / 2**20, "MB"),
    ]


async def _bytes(owner: asyncpg.Connection) -> int:
    size: int = await owner.fetchval("SELECT pg_database_size(current_database())")
    return size


async def _migrating(owner_url: str, count: int) -> list[Figure]:
    heading(f"A migration, {_load()}")
    line = list(committee_line())
    line.append(Migration(len(line) + 1, f"{len(line) + 1:04}_bench", _CHANGE))
    changed, report = await _timed(migrate_committees(owner_url, line))
    assert (report.migrated, report.failed, report.stuck) == (count, {}, {}), report
    idle, again = await _timed(migrate_committees(owner_url, line))
    assert again.migrated == 0
    owner = await connect(owner_url)
    # What follows runs on the product's own version again.
    names = await owner.fetch("SELECT schema_name FROM platform.committee")
    for row in names:
        await owner.execute(f'ALTER TABLE "{row["schema_name"]}".member DROP COLUMN bench')
    await owner.execute(f"UPDATE platform.committee SET version = {len(line) - 1}")
    await owner.close()
    return [
        Figure(f"{count} committees migrated, a column and an index", changed, "s", most=60),
        Figure(f"{count} committees, nothing to do", idle, "s", most=0.5),
    ]


async def _drift(owner_url: str, count: int) -> list[Figure]:
    heading(f"Every schema compared with the template, {_load()}")
    seconds, drifted = await _timed(check_schemas(owner_url, committee_line()))
    assert drifted == {}, list(drifted.items())[:3]
    return [Figure(f"{count} schemas compared by their hash", seconds, "s")]


async def _memory(app_url: str, refs: Sequence[CommitteeRef]) -> list[Figure]:
    """What a backend's own memory becomes when it meets every committee, by the life of its connection."""
    heading(f"Memory of one backend that meets all committees, {_load()}")
    default = int(str(KNOWN["database_connection_queries"][1]))
    found = {}
    for queries in (_ENDLESS, default, default // 5):
        await close_pool()
        await open_pool(app_url, size=1, queries=queries)
        found[queries] = await _most_memory(refs)
    await close_pool()
    await open_pool(app_url, size=6)
    grown = found.pop(_ENDLESS)
    return [
        Figure(
            f"a backend that has touched all {len(refs)}", grown, "MB", note=f"{len(_TOUCHED)} tables of each"
        ),
        Figure("for each committee touched", grown / len(refs), "MB"),
        *(Figure(f"the most with a life of {life} statements", most, "MB") for life, most in found.items()),
    ]


async def _most_memory(refs: Sequence[CommitteeRef]) -> float:
    """Private memory of the only backend (MB), the most that was seen beyond what it began with."""
    most, start = 0.0, None
    for number, ref in enumerate(refs):
        with using(ref):
            async with transaction(read_only=True):
                # All that a visitor opens in a few requests, in as many statements as these would take.
                for first in range(0, len(_TOUCHED), len(_TOUCHED) // _STATEMENTS):
                    some = _TOUCHED[first : first + len(_TOUCHED) // _STATEMENTS]
                    await sql("SELECT " + ", ".join(f"(SELECT count(*) FROM {name})" for name in some))
                if number % 10 == 0 or number == len(refs) - 1:
                    row = await one("SELECT pg_backend_pid() AS pid")
                    assert row is not None
                    size = _private(row["pid"])
                    start = size if start is None else start
                    most = max(most, size - start)
    return most


def _private(pid: int) -> float:
    return float(psutil.Process(pid).memory_full_info().uss) / 2**20


async def _filling(owner_url: str, order: country.Order) -> list[Figure]:
    heading(f"Filled: {order.cells} cells × {order.members} members × {order.months} months each, {_load()}")
    now = datetime.fromisoformat(order.at)
    waiting = await country.unfinished(now)
    done: list[int] = []
    tell_ = counting(COUNTRY, len(waiting), lambda _title, number, _of: done.append(number))
    seconds, _ = await _timed(fill_all(owner_url, country.drafts(waiting, order, now), {}, tell_))
    assert len(done) == order.committees
    async with platform_transaction(read_only=True):
        row = await one("SELECT sum(expected + exempt)::int AS people FROM platform.rollup")
    assert row is not None
    return [
        Figure(f"{order.committees} committees filled and counted", seconds, "s"),
        Figure("committees", order.committees / seconds, "/s"),
        Figure("people on the rolls", float(row["people"]), ""),
    ]


async def _figures(refs: Sequence[CommitteeRef]) -> list[Figure]:
    heading(f"All months of all committees recomputed from source, {_AT_ONCE} at once, {_load()}")
    figures, spent, begun = [], 0.0, 0
    steps = sorted({step for step in _STEPS if step < len(refs)} | {len(refs)})
    for step in steps:
        seconds, _ = await _timed(_beside(refs[begun:step], _recompute))
        spent, begun = spent + seconds, step
        figures.append(
            Figure(f"{step} committees", spent, "s", note=f"{spent / step * 1000:.1f} ms a committee")
        )
    return figures


async def _recompute(ref: CommitteeRef) -> None:
    with using(ref):
        await recompute_months(await months())


if __name__ == "__main__":
    main()
