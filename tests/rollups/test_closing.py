"""A closed month stays as it was: what changes in it is a numbered correction with its cause, and none gets lost."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from uuid import uuid4

import pytest

from infra.postgres import Record, one, sql
from server import clock
from server.meetings.actions import plan
from server.rollups import closing
from server.rollups.actions import CLOSING_LOCK, complete_rollups, recompute_dirty, recompute_rollup
from server.rollups.closing import close_month, close_months, closes_on, digest, frozen
from server.rollups.corrections import standing
from server.rollups.counting import FIGURES
from server.rollups.verify import verify
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.rollups.papers import a_closed_roll, marks_of, stored
from tests.rollups.test_histories import History

THIS_MONTH = clock.month_of(clock.today())


def ago(months: int) -> date:
    return clock.month_after(THIS_MONTH, -months)


async def corrections(cast: Cast, month: date | None = None) -> list[Record]:
    async with platform_transaction(read_only=True):
        return await sql(
            """SELECT month, number, cause, changed FROM platform.rollup_correction
            WHERE committee = $1 AND ($2::date IS NULL OR month = $2) ORDER BY month, number""",
            cast.pleiku.id, month,
        )  # fmt: skip


async def closed(cast: Cast, month: date) -> Record | None:
    async with platform_transaction(read_only=True):
        return await one(
            "SELECT figures, kind, name FROM platform.rollup_closed WHERE committee = $1 AND month = $2",
            cast.pleiku.id, month,
        )  # fmt: skip


async def plan_on(cast: Cast, day: date) -> None:
    await plan(uuid4(), cell=cast.cell, kind="regular", day=day, at=clock.now().time(), place="", by=cast.hoa)


@pytest.mark.parametrize("seed", range(20, 24))
async def test_whatever_happens_a_closed_month_is_what_was_frozen_with_all_its_corrections(
    cast: Cast, seed: int
) -> None:
    history = History(cast, seed)
    await history.live(25)
    await recompute_dirty()
    before: list[Record] = []
    for n in range(1, 6):
        await close_month(cast.province, ago(n))
    kept = {ago(n): await closed(cast, ago(n)) for n in range(1, 6)}
    for _ in range(5):
        await history.live(16)
        now = await corrections(cast)
        # None is changed or lost, and what was frozen stays.
        assert set(map(tuple, before)) <= set(map(tuple, now))
        assert kept == {month: await closed(cast, month) for month in kept}
        before = now
    await asyncio.gather(*(asyncio.create_task(recompute_dirty()) for _ in range(3)))

    assert (await verify(cast.pleiku))[1] == []
    every = await corrections(cast)
    assert len(every) > 3
    for month, row in kept.items():
        mine = [one for one in every if one["month"] == month]
        assert [one["number"] for one in mine] == [*range(1, len(mine) + 1)]
        assert all(json.loads(one["changed"]) and one["cause"] for one in mine)
        shown = await stored(cast.pleiku, month)
        stands = standing(row["figures"] if row else None, [one["changed"] for one in mine])
        assert stands == (dict(shown) if shown else {})


async def test_a_correction_says_what_changed_and_why_and_comes_once(cast: Cast) -> None:
    month = ago(2)
    await recompute_rollup(month.isoformat())
    await close_month(cast.province, month)
    await plan_on(cast, month + timedelta(days=5))
    await plan_on(cast, month + timedelta(days=6))

    await recompute_dirty()
    await recompute_dirty()
    await recompute_rollup(month.isoformat())

    [row] = await corrections(cast)
    assert (row["month"], row["number"], row["cause"]) == (month, 1, "meeting_planned")
    assert json.loads(row["changed"]) == {"meetings_planned": [0, 2]}


async def test_a_month_of_which_nothing_was_known_is_closed_as_that_and_corrected_when_it_comes(
    cast: Cast,
) -> None:
    month = ago(3)
    async with platform_transaction():
        await sql("UPDATE platform.committee SET created_at = '2020-01-01'")
    await close_month(cast.province, month)
    row = await closed(cast, month)
    assert row is not None
    assert row["figures"] is None

    await plan_on(cast, month + timedelta(days=5))
    await recompute_dirty()

    [found] = await corrections(cast)
    changed = json.loads(found["changed"])
    assert set(changed) == set(FIGURES)
    assert {before for before, _ in changed.values()} == {None}
    assert (changed["meetings_planned"], changed["cells"]) == ([None, 1], [None, 1])
    assert (await verify(cast.pleiku))[1] == []


async def test_a_committee_that_was_not_there_yet_is_not_in_the_months_before_it(cast: Cast) -> None:
    async with platform_transaction():
        await sql("UPDATE platform.committee SET created_at = now() WHERE province = $1", cast.province)
    await close_month(cast.province, ago(3))

    assert await closed(cast, ago(3)) is None
    async with platform_transaction(read_only=True):
        row = await one(
            "SELECT committees, reported FROM platform.closing WHERE province = $1", cast.province
        )
    assert row is not None
    assert tuple(row) == (0, 0)


async def test_months_close_after_their_day_and_stay_closed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    await plan_on(cast, ago(2) + timedelta(days=3))
    last_day = closes_on(ago(1))
    assert last_day == THIS_MONTH - timedelta(days=1) + timedelta(days=10)

    async def closings(today: date) -> list[date]:
        monkeypatch.setattr(clock, "today", lambda: today)
        await close_months()
        async with platform_transaction(read_only=True):
            rows = await sql(
                "SELECT month FROM platform.closing WHERE province = $1 ORDER BY month", cast.province
            )
        return [row["month"] for row in rows]

    # The mark was worked off before the month was closed: what was known is no correction.
    await recompute_rollup(ago(2).isoformat())
    await plan_on(cast, ago(2) + timedelta(days=4))
    assert await closings(last_day) == [ago(2)]
    assert await marks_of(cast.pleiku) == []
    assert await closings(last_day + timedelta(days=1)) == [ago(2), ago(1)]
    assert await closings(last_day + timedelta(days=2)) == [ago(2), ago(1)]
    assert await corrections(cast) == []
    assert not await close_month(cast.province, ago(1))


async def test_a_committee_whose_figures_fail_holds_no_other_up(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    await recompute_rollup(ago(2).isoformat())
    await plan_on(cast, ago(2) + timedelta(days=4))

    async def broken() -> None:
        raise RuntimeError("its schema is of yesterday")

    monkeypatch.setattr(closing, "complete_rollups", broken)
    await close_months()
    assert await closed(cast, ago(2)) is not None
    await recompute_dirty()

    assert [row["number"] for row in await corrections(cast, ago(2))] == [1]


async def test_figures_that_an_older_version_did_not_count_are_counted_before_the_month_closes(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in (1, 2):
        await recompute_rollup(ago(n).isoformat())
    async with platform_transaction():
        await sql(
            "UPDATE platform.rollup SET quality_good = NULL, exempt_age_health = NULL WHERE committee = $1",
            cast.pleiku.id,
        )
        # A month with meetings that was never counted: its job died.
        await sql("DELETE FROM platform.rollup WHERE committee = $1 AND month = $2", cast.pleiku.id, ago(1))
    await cast.meeting(ago(1) + timedelta(days=4))
    monkeypatch.setattr(clock, "today", lambda: closes_on(ago(1)) + timedelta(days=1))

    await close_months()

    for n in (1, 2):
        row = await closed(cast, ago(n))
        assert row is not None
        assert set(json.loads(row["figures"])) == set(FIGURES)
        assert json.loads(row["figures"])["exempt_age_health"] == 1
    await complete_rollups()
    assert await corrections(cast) == []


async def test_a_committee_without_a_cell_has_not_reported(cast: Cast) -> None:
    with using(cast.neighbour):
        async with transaction():
            for table in ("exemption", "membership", "party_group", "member", "cell"):
                await sql(f"DELETE FROM {table}")
    for ref in (cast.pleiku, cast.neighbour):
        with using(ref):
            await recompute_rollup(THIS_MONTH.isoformat())

    await close_month(cast.province, THIS_MONTH)

    async with platform_transaction(read_only=True):
        row = await one(
            "SELECT committees, reported FROM platform.closing WHERE province = $1", cast.province
        )
    assert row is not None
    assert tuple(row) == (2, 1)


async def test_the_sum_of_a_closed_month_proves_every_frozen_figure(cast: Cast) -> None:
    await a_closed_roll(cast)
    with using(cast.neighbour):
        await recompute_rollup(THIS_MONTH.isoformat())
    await close_month(cast.province, THIS_MONTH)
    async with platform_transaction(read_only=True):
        row = await one("SELECT * FROM platform.closing WHERE province = $1", cast.province)
        rows = await frozen(cast.province, THIS_MONTH)

    assert row is not None
    assert (row["committees"], row["reported"]) == (2, 2)
    assert row["sha256"] == digest(reversed(rows)) == digest(rows)
    for n, frozen_row in enumerate(rows):
        for figure in FIGURES:
            told = json.loads(frozen_row["figures"])
            other = {**frozen_row, "figures": json.dumps(told | {figure: told[figure] + 1})}
            assert digest([*rows[:n], other, *rows[n + 1 :]]) != row["sha256"]


async def test_verify_finds_a_closed_month_that_was_changed_without_a_correction(cast: Cast) -> None:
    _, month = await a_closed_roll(cast)
    await close_month(cast.province, THIS_MONTH)
    async with platform_transaction():
        # As an older worker would, which knows nothing of closing.
        await sql("UPDATE platform.rollup SET present = present + 1 WHERE committee = $1", cast.pleiku.id)

    found = {d.figure: (d.stored, d.counted) for d in (await verify(cast.pleiku))[1]}
    await recompute_rollup(month)

    assert found == {"present": (2, 1), "closed_present": (1, 2)}
    assert (await verify(cast.pleiku))[1] == []
    assert await corrections(cast) == []


async def test_figures_that_a_later_version_counts_correct_nothing(cast: Cast) -> None:
    await a_closed_roll(cast)
    async with platform_transaction():
        await sql("UPDATE platform.rollup SET quality_good = NULL WHERE committee = $1", cast.pleiku.id)
    await close_month(cast.province, THIS_MONTH)

    await complete_rollups()

    row = await stored(cast.pleiku, THIS_MONTH)
    assert row is not None
    assert row["quality_good"] == 0
    assert await corrections(cast) == []
    assert (await verify(cast.pleiku))[1] == []


async def test_closing_waits_for_who_recomputes_and_nothing_slips_between(cast: Cast) -> None:
    await recompute_rollup(ago(2).isoformat())
    holding, release = asyncio.Event(), asyncio.Event()

    async def recomputing() -> None:
        async with platform_transaction():
            await sql(f"SELECT pg_advisory_xact_lock_shared({CLOSING_LOCK})")
            holding.set()
            await release.wait()
            await sql(
                "UPDATE platform.rollup SET meetings_planned = 7 WHERE committee = $1 AND month = $2",
                cast.pleiku.id, ago(2),
            )  # fmt: skip

    other = asyncio.create_task(recomputing())
    await holding.wait()
    closes = asyncio.create_task(close_month(cast.province, ago(2)))
    await asyncio.sleep(0.1)
    assert not closes.done()
    release.set()
    await asyncio.gather(other, closes)

    row = await closed(cast, ago(2))
    assert row is not None
    assert json.loads(row["figures"])["meetings_planned"] == 7
