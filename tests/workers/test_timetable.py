"""The clock asks for each thing once, however many listen to it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, time
from uuid import uuid4

import pytest

from infra.postgres import sql
from server import clock
from tenants import registry
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.workers.rows import rows_of
from workers.jobs import JOBS
from workers.timetable import TIMETABLE, Entry, monthly, nightly, tick


def at(text: str) -> datetime:
    """A moment written in Vietnam's time."""
    return datetime.fromisoformat(text).replace(tzinfo=clock.VIETNAM).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "night", "month"),
    [
        ("2026-11-22 01:59", "2026-11-21", "2026-11"),
        ("2026-11-22 02:00", "2026-11-22", "2026-11"),
        ("2026-12-01 00:04", "2026-11-30", "2026-11"),
        ("2026-12-01 00:05", "2026-11-30", "2026-12"),
        ("2027-01-01 00:00", "2026-12-31", "2026-12"),
    ],
)
def test_slots_follow_the_clock_of_vietnam(moment: str, night: str, month: str) -> None:
    assert nightly(time(2))(at(moment))[0] == night
    assert monthly(time(0, 5))(at(moment))[0] == month


def test_every_line_names_a_job_that_belongs_there() -> None:
    for entry in TIMETABLE:
        assert (JOBS[entry.job].inside == "committee") == (entry.inside == "every active committee")


async def test_two_tickers_at_once_ask_once_for_every_active_committee(cast: Cast) -> None:
    async with platform_transaction():
        await registry.suspend(cast.neighbour.id, "Sáp nhập")
    # Slots of a year of its own, so that no other test has filled them.
    year = 3000 + uuid4().int % 5000
    moment = at(f"{year}-03-02 09:00")

    filled = await asyncio.gather(*(tick(moment) for _ in range(6)))

    assert sum(filled) == len(TIMETABLE)
    rows = await rows_of(cast.pleiku)
    monthly_jobs = [row for row in rows if row["job"] == "recompute_rollup"]
    assert [row["arguments"] for row in monthly_jobs] == [f'{{"month": "{year}-03-01"}}'] * 2
    nightly_jobs = [e.job for e in TIMETABLE if e.inside != "platform" and e.job != "recompute_rollup"]
    assert sorted(row["job"] for row in rows if row not in monthly_jobs) == sorted(nightly_jobs)
    assert await rows_of(cast.neighbour) == []
    assert await tick(moment) == 0
    await _forget(year)


async def test_after_days_without_a_tick_only_the_last_slot_is_filled(cast: Cast) -> None:
    year = 3000 + uuid4().int % 5000
    entry = Entry("purge_outbox", nightly(time(2)))

    assert await tick(at(f"{year}-03-01 09:00"), (entry,)) == 1
    assert await tick(at(f"{year}-03-05 09:00"), (entry,)) == 1
    assert await tick(at(f"{year}-03-05 10:00"), (entry, replace(entry))) == 0

    async with platform_transaction(read_only=True):
        slots = await sql(
            "SELECT slot FROM platform.timetable_slot WHERE slot LIKE $1 ORDER BY slot", f"{year}-%"
        )
    assert [row["slot"] for row in slots] == [f"{year}-03-01", f"{year}-03-05"]
    await _forget(year)


async def _forget(year: int) -> None:
    async with platform_transaction():
        await sql("DELETE FROM platform.outbox WHERE arguments ->> 'month' LIKE $1", f"{year}-%")
