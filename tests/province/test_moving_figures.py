"""Cells move between committees, and the province's figures go on: month for month the sum is what it was before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra import objects
from infra.embedded import Servers
from infra.postgres import sql
from server import clock
from server.committees import merging
from server.roll_call.actions import NewMark, close_roll, open_roll, record
from server.rollups.actions import recompute_dirty, recompute_months
from server.rollups.closing import close_month
from server.rollups.corrections import standing
from server.rollups.counting import FIGURES
from server.rollups.verify import verify
from server.words import Refused
from tenants import registry
from tenants.current import CommitteeRef, using
from tenants.transactions import platform_transaction, transaction
from tests.assignments.saying import AN, BINH, change, give, said
from tests.cast import Cast
from tests.fleet.running import go_through
from tests.province.full_cell import administrator, province_slug, second_cell
from tests.province.test_splitting import split

THIS_MONTH = clock.month_of(clock.today())
MONTHS = [clock.month_after(THIS_MONTH, -n) for n in range(5, -1, -1)]
# In the middle of a month, with two whole months and the present one behind it.
DAY = MONTHS[2] + timedelta(days=14)

Sums = dict[date, dict[str, int]]


@pytest.fixture(autouse=True)
def own_store(servers: Servers) -> None:
    objects.client.cache_clear()


async def live(cast: Cast) -> None:
    """A cell that meets in every second month and has work, one that never meets, one that ended after a meeting."""
    for month in (MONTHS[0], MONTHS[2], MONTHS[4]):
        await a_roll(cast, await cast.meeting(month + timedelta(days=4)))
    await give(cast)
    await second_cell(cast.pleiku, "Chi bộ Làng Kép")
    ended = await second_cell(cast.pleiku, "Chi bộ Làng Cũ")
    with using(cast.pleiku):
        async with transaction():
            await sql("UPDATE cell SET to_on = $2 WHERE id = $1", ended, MONTHS[1] + timedelta(days=9))
            await sql(
                "UPDATE membership SET to_on = $2, ended_by = 'moved' WHERE cell = $1",
                ended,
                MONTHS[1] + timedelta(days=9),
            )
            meeting = uuid4()
            await sql(
                """INSERT INTO meeting (id, cell, kind, held_on, starts_at, state, not_held_reason)
                VALUES ($1, $2, 'regular', $3, $3::date + interval '12 hours', 'planned', '')""",
                meeting, ended, MONTHS[1] + timedelta(days=3),
            )  # fmt: skip
    for ref in (cast.pleiku, cast.neighbour):
        with using(ref):
            await recompute_months(MONTHS)


async def a_roll(cast: Cast, meeting: UUID) -> None:
    await open_roll(meeting, by=cast.hoa)
    await close_roll(meeting, rest_absent=True, by=cast.hoa)


async def living(cast: Cast) -> list[CommitteeRef]:
    async with platform_transaction(read_only=True):
        return await registry.committees(cast.province)


async def counted_again(cast: Cast) -> None:
    for ref in await living(cast):
        with using(ref):
            await recompute_dirty()
            assert (await verify(ref))[1] == []


async def sums(cast: Cast) -> Sums:
    """Every figure of every month over all committees."""
    columns = ", ".join(f"sum({name})::int AS {name}" for name in FIGURES)
    async with platform_transaction(read_only=True):
        rows = await sql(
            f"""SELECT r.month, {columns} FROM platform.rollup r JOIN platform.committee c ON c.id = r.committee
            WHERE c.province = $1 GROUP BY r.month ORDER BY r.month""",
            cast.province,
        )
    return {row["month"]: {name: row[name] for name in FIGURES} for row in rows}


async def merge(cast: Cast, source: CommitteeRef, target: CommitteeRef, day: date) -> str:
    run = await merging.merge(
        await province_slug(cast), source.slug, into=target.slug, day=day, agreed=True, by=administrator(cast)
    )
    return str((await go_through(run))["state"])


async def test_after_a_merger_every_month_sums_up_to_what_it_was(cast: Cast) -> None:
    await live(cast)
    before = await sums(cast)
    assert await merge(cast, cast.pleiku, cast.neighbour, DAY) == "done"
    await counted_again(cast)

    assert {month: (await sums(cast))[month] for month in MONTHS} == before


async def test_after_a_split_every_month_sums_up_to_what_it_was(cast: Cast) -> None:
    await live(cast)
    before = await sums(cast)
    with using(cast.pleiku):
        async with transaction(read_only=True):
            cells = {row["name"]: row["id"] for row in await sql("SELECT id, name FROM cell")}
    run = await split(cast, [cells["Chi bộ Làng Kép"], cells["Chi bộ Làng Cũ"]], day=DAY)
    assert (await go_through(run))["state"] == "done"
    await counted_again(cast)

    assert {month: (await sums(cast))[month] for month in MONTHS} == before


async def test_a_merger_into_months_that_are_closed_is_corrected_on_both_sides(cast: Cast) -> None:
    await live(cast)
    for month in MONTHS[:-1]:
        await close_month(cast.province, month)
    before = await as_corrected(cast)
    assert await merge(cast, cast.pleiku, cast.neighbour, DAY) == "done"
    await counted_again(cast)

    assert await as_corrected(cast) == before
    async with platform_transaction(read_only=True):
        rows = await sql(
            """SELECT committee, month, number, cause FROM platform.rollup_correction
            WHERE committee = ANY ($1) ORDER BY month""",
            [cast.pleiku.id, cast.neighbour.id],
        )
    assert {row["month"] for row in rows} == {*MONTHS[2:5]}
    assert {(row["number"], row["cause"]) for row in rows} == {(1, "cells_moved")}
    assert len(rows) == 6


async def test_a_split_in_months_that_are_closed_is_corrected_on_both_sides(cast: Cast) -> None:
    await live(cast)
    for month in MONTHS[:-1]:
        await close_month(cast.province, month)
    before = await as_corrected(cast)
    assert (await go_through(await split(cast, [cast.cell], day=DAY)))["state"] == "done"
    await counted_again(cast)

    assert await as_corrected(cast) == before


async def as_corrected(cast: Cast) -> Sums:
    """Every figure of every closed month over all committees: as frozen, with all corrections."""
    async with platform_transaction(read_only=True):
        frozen = await sql(
            "SELECT committee, month, figures FROM platform.rollup_closed WHERE province = $1", cast.province
        )
        corrections = await sql(
            "SELECT committee, month, changed FROM platform.rollup_correction ORDER BY number"
        )
    found: Sums = {}
    kept = {(row["committee"], row["month"]): row["figures"] for row in frozen}
    for ref in await living(cast):
        for month in MONTHS[:-1]:
            changes = [c["changed"] for c in corrections if (c["committee"], c["month"]) == (ref.id, month)]
            sum_ = found.setdefault(month, dict.fromkeys(FIGURES, 0))
            for name, value in standing(kept.get((ref.id, month)), changes).items():
                sum_[name] += value or 0
    return found


async def test_a_cell_can_not_go_on_from_a_day_before_it_came(cast: Cast) -> None:
    """Else the months between would count with the first committee and with the third."""
    await live(cast)
    with using(cast.pleiku):
        async with transaction():
            await sql("UPDATE cell SET joined_on = $1, came_from = 'Đảng ủy xã Ia Grai'", MONTHS[4])
    refused: list[Any] = []
    for begin in (
        lambda day: merge(cast, cast.pleiku, cast.neighbour, day),
        lambda day: split(cast, [cast.cell], day=day),
    ):
        with pytest.raises(Refused) as refusal:
            await begin(MONTHS[4] - timedelta(days=1))
        refused += refusal.value.reasons
    assert refused == ["day", "day"]


async def test_an_open_roll_is_gone_on_with_and_closed_where_the_cell_is_now(cast: Cast) -> None:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    device, first = uuid4(), NewMark(uuid4(), cast.numbers[AN], "present", 1, clock.now())
    await record(meeting, [first], device=device, since=0, by=cast.hoa)
    work = await give(cast)
    offline = change(work, "reported", 1, note="Đã xong hai hộ")
    with using(cast.neighbour):
        await recompute_months(MONTHS)
    async with transaction(read_only=True):
        names = {row["no"]: row["id"] for row in await sql("SELECT no, id FROM member")}
    assert await merge(cast, cast.pleiku, cast.neighbour, clock.today()) == "done"

    with using(cast.neighbour):
        async with transaction(read_only=True):
            numbers = {row["id"]: row["no"] for row in await sql("SELECT no, id FROM member")}
        new = {name: numbers[names[no]] for name, no in cast.numbers.items()}
        again = NewMark(first.id, new[AN], "present", 1, first.at)
        late = NewMark(uuid4(), new[BINH], "late", 2, clock.now(), reason="", late_reason="")
        verdict = await record(meeting, [again, late], device=device, since=0, by=cast.hoa)
        assert (verdict.acked, verdict.refused) == ([first.id, late.id], [])
        await close_roll(meeting, rest_absent=True, by=cast.hoa)
        await said(offline, by=cast.hoa)
        await said(offline, by=cast.hoa)
        await recompute_dirty()
        async with transaction(read_only=True):
            marks = await sql(
                "SELECT count(*) AS n FROM mark WHERE meeting = $1 AND id = $2", meeting, first.id
            )
    await counted_again(cast)
    assert marks[0]["n"] == 1
    now = (await sums(cast))[THIS_MONTH]
    assert (now["present"], now["late"], now["expected"], now["rolls_closed"]) == (1, 1, 5, 1)
    assert now["assignments_live"] == 1
