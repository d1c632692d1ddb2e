"""Marks: who may leave them, what they outlive, and that none goes before what it stands for was counted."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from infra.postgres import one, sql
from server import clock
from server.meetings.quality import score
from server.minutes.actions import arrange, settle
from server.minutes.bin import restore, throw_away
from server.rollups.actions import EVER, months, recompute_dirty, recompute_rollups
from server.rollups.marking import mark_committees_dirty, mark_dirty
from server.rollups.recounting import to_recount
from server.rollups.verify import verify
from tenants.current import current, using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.rollups.papers import a_closed_roll, marks_of, stored
from workers.jobs import perform

MONTH = clock.month_of(clock.today())


async def figure(cast: Cast, name: str) -> int:
    row = await stored(cast.pleiku, MONTH)
    assert row is not None
    found: int = row[name]
    return found


async def test_a_mark_that_comes_while_its_month_is_counted_stays_for_the_next_run(cast: Cast) -> None:
    meeting, _ = await a_closed_roll(cast)
    async with transaction():
        await mark_dirty(MONTH, cause="work")
    held, release = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with transaction():
            await sql("LOCK TABLE exemption IN ACCESS EXCLUSIVE MODE")
            held.set()
            await release.wait()

    holding = asyncio.create_task(hold())
    await held.wait()
    # It has read the marks, and waits in the middle of counting.
    counting = asyncio.create_task(recompute_dirty())
    await asyncio.sleep(0.3)
    await score(meeting, points="95", by=cast.hoa)
    release.set()
    await asyncio.gather(holding, counting)

    assert [cause for _, _, cause in await marks_of(cast.pleiku)] == ["quality"]
    await recompute_dirty()
    assert await figure(cast, "quality_good") == 1
    assert await marks_of(cast.pleiku) == []


async def test_a_recomputation_that_fails_takes_no_mark_away(cast: Cast) -> None:
    await a_closed_roll(cast)
    async with transaction():
        await mark_dirty(MONTH, cause="work")
    async with platform_transaction():
        # It has counted, and waits to replace what the province has.
        await sql("LOCK TABLE platform.rollup IN SHARE MODE")
        failing = asyncio.create_task(recompute_dirty())
        await asyncio.sleep(0.3)
        failing.cancel()
        await asyncio.gather(failing, return_exceptions=True)

    assert [cause for _, _, cause in await marks_of(cast.pleiku)] == ["work"]
    assert await recompute_dirty() == 1


async def test_a_committee_marks_its_own_months_only_and_reads_no_marks(cast: Cast) -> None:
    for statement in (
        f"""INSERT INTO platform.rollup_dirty (schema_name, month, cause)
        VALUES ('{cast.neighbour.schema_name}', '2026-11-01', 'work')""",
        "SELECT 1 FROM platform.rollup_dirty",
        "DELETE FROM platform.rollup_dirty",
        "SELECT 1 FROM platform.rollup_correction",
        "UPDATE platform.rollup_correction SET cause = ''",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with transaction():
                await sql(statement)


async def test_corrections_and_closings_can_be_changed_by_nobody(cast: Cast) -> None:
    for table in ("closing", "rollup_closed", "rollup_correction"):
        for statement in (f"DELETE FROM platform.{table}", f"UPDATE platform.{table} SET month = month"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with platform_transaction():
                    await sql(statement)


async def test_a_mark_onward_is_about_every_later_month_that_is_known(cast: Cast) -> None:
    for back in (1, 3, 5):
        await cast.meeting(clock.month_after(MONTH, -back) + timedelta(days=9))
    async with transaction():
        await mark_dirty(clock.month_after(MONTH, -4), onward=True, cause="members")

    assert await recompute_dirty() == 3

    assert sorted(month for month, complete in (await months()).items() if complete) == [
        clock.month_after(MONTH, -back) for back in (4, 3, 1)
    ]


async def test_the_jobs_of_an_older_version_still_do_their_work(cast: Cast) -> None:
    """Its web leaves no marks: jobs that name their months."""
    day = clock.month_after(MONTH, -2) + timedelta(days=9)
    await cast.meeting(day)
    await perform("recompute_rollup", cast.pleiku.schema_name, {"month": clock.month_of(day).isoformat()})
    assert (await verify(cast.pleiku))[1] == []

    await cast.meeting(day - timedelta(days=40))
    await cast.meeting(day)
    since = clock.month_of(day - timedelta(days=40))
    await perform("recompute_rollups", cast.pleiku.schema_name, {"since": since.isoformat()})

    assert await verify(cast.pleiku) == (2, [])


async def test_months_that_are_recomputed_by_hand_lose_the_marks_that_are_about_them_alone(
    cast: Cast,
) -> None:
    async with transaction():
        await mark_dirty(MONTH, cause="work")
        await mark_dirty(clock.month_after(MONTH, -1), cause="work")
        await mark_dirty(MONTH, onward=True, cause="members")

    await recompute_rollups(MONTH.isoformat())

    assert await marks_of(cast.pleiku) == [
        (clock.month_after(MONTH, -1), False, "work"), (MONTH, True, "members"),
    ]  # fmt: skip


async def test_a_province_marks_several_committees_and_each_is_left_a_job(cast: Cast) -> None:
    async with platform_transaction():
        await mark_committees_dirty([cast.pleiku.id, cast.neighbour.id], date(2026, 3, 9), cause="rules")

    for ref in (cast.pleiku, cast.neighbour):
        assert await marks_of(ref) == [(date(2026, 3, 1), False, "rules")]


async def test_a_mark_never_goes_before_it_was_counted_by_the_rules_it_stands_for(cast: Cast) -> None:
    meeting, _ = await a_closed_roll(cast)
    await score(meeting, points="85", by=cast.hoa)
    await recompute_dirty()
    assert await figure(cast, "quality_fair") == 1
    bulletin = uuid4()
    rule = {"key": "meeting_band_from", "scope": "good", "value": 80, "unit": "points", "from": "2025-11-01",
            "to": None, "source": "Hướng dẫn của tỉnh", "confidence": "C"}  # fmt: skip
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.bulletin (id, province, kind, title, rules, by_name)
            VALUES ($1, $2, 'rules', 'Khung điểm', $3, 'Tỉnh')""",
            bulletin, cast.province, json.dumps([rule]),
        )  # fmt: skip
        await sql("INSERT INTO platform.bulletin_receipt VALUES ($1, $2)", bulletin, cast.pleiku.id)
        await sql("UPDATE platform.committee SET rules_version = 1 WHERE id = $1", cast.pleiku.id)
        await mark_committees_dirty([cast.pleiku.id], MONTH, cause="rules")

    # This task still knows the committee as it was before.
    assert current().rules_version == 0
    await recompute_dirty()

    assert (await figure(cast, "quality_good"), await figure(cast, "quality_fair")) == (1, 0)
    assert await marks_of(cast.pleiku) == []


async def test_minutes_count_once_all_their_pages_are_here_and_no_more_in_the_bin(cast: Cast) -> None:
    meeting, _ = await a_closed_roll(cast)
    minutes, file = uuid4(), uuid4()
    await arrange(minutes, meeting=meeting, files=[file], by=cast.hoa)
    await recompute_dirty()
    assert await figure(cast, "meetings_with_minutes") == 0

    await _arrives(minutes, file)
    counted = await _after(cast)
    await throw_away(minutes, reason="Chụp nhầm", by=cast.hoa)
    binned = await _after(cast)
    await restore(minutes, by=cast.hoa)

    assert (counted, binned, await _after(cast)) == (1, 0, 1)


async def _after(cast: Cast) -> int:
    assert [(month, cause) for month, _, cause in await marks_of(cast.pleiku)] == [(MONTH, "minutes")]
    await recompute_dirty()
    assert (await verify(cast.pleiku))[1] == []
    return await figure(cast, "meetings_with_minutes")


async def _arrives(minutes: UUID, file: UUID) -> None:
    async with transaction():
        await sql(
            """INSERT INTO minutes_file (id, minutes, sha256, bytes, kind, pages, object_key, stored_by, account)
            VALUES ($1, $2, repeat('a', 64), 1, 'jpeg', 1, 'k', 'Hòa', gen_random_uuid())""",
            file, minutes,
        )  # fmt: skip
        await settle(minutes, changed=True)


async def test_what_is_left_of_counting_everything_again_is_still_marked(cast: Cast) -> None:
    # One that was taken back to a backup is counted again as a whole too, and is no rest of such a run.
    async with platform_transaction():
        await sql(
            """INSERT INTO platform.rollup_dirty (schema_name, month, onward, cause)
            VALUES ($1, $2, true, 'restored')""",
            cast.neighbour.schema_name, EVER,
        )  # fmt: skip
    for back in (0, 2):
        await cast.meeting(clock.month_after(MONTH, -back) + timedelta(days=9))
    refs, again = await to_recount()
    assert {cast.pleiku.id, cast.neighbour.id} <= {ref.id for ref in refs}
    assert await recompute_dirty() == 2

    left, again = await to_recount()

    assert again
    assert {ref.id for ref in refs} - {ref.id for ref in left} == {cast.pleiku.id}
    with using(cast.neighbour):
        assert await recompute_dirty() == 1
    async with platform_transaction():
        row = await one(
            "SELECT count(*) AS n FROM platform.rollup_dirty WHERE month = $1 AND cause = 'recount'", EVER
        )
        assert row is not None
        await sql("DELETE FROM platform.rollup_dirty WHERE month = $1", EVER)
    assert row["n"] == len(left) - 1
