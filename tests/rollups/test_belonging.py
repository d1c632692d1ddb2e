"""A cell that was carried to another committee counts where it belongs on the month's last day, and only there."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest

from infra.postgres import Record, sql
from server import clock
from server.roll_call.actions import close_roll, open_roll
from server.rollups.actions import months, recompute_dirty
from server.rollups.marking import mark_dirty
from server.rollups.verify import verify
from tenants.current import CommitteeRef, using
from tenants.transactions import transaction
from tests.cast import Cast
from tests.rollups.papers import stored
from tests.rollups.test_work import given

THIS_MONTH = clock.month_of(clock.today())
BEFORE, BEFORE_THAT = clock.month_after(THIS_MONTH, -1), clock.month_after(THIS_MONTH, -2)
# In the middle of the month before this one.
MOVED = BEFORE + timedelta(days=14)
COUNTED = ("cells", "members_official", "members_probationary", "exempt_age_health", "meetings_held", "expected",
           "assignments_live", "members_assignable")  # fmt: skip


async def carry(cast: Cast, day: date) -> None:
    """Cell, people, meetings, rolls and work of the first committee copied to its neighbour with their ids, as of a
    day: what a move does, in short.
    """
    tables = ("cell", "member", "membership", "exemption", "meeting", "roll_call", "roll_entry", "mark", "assignment",
              "assignment_change", "assignment_span")  # fmt: skip
    with using(cast.pleiku):
        async with transaction(read_only=True):
            rows = {
                t: [r["row"] for r in await sql(f"SELECT to_jsonb(t)::text AS row FROM {t} t")]
                for t in tables
            }
        async with transaction():
            await sql("UPDATE cell SET went_to = 'Thị ủy Ayun Pa', went_on = $1, to_on = $1::date - 1", day)
            await sql(
                "UPDATE membership SET to_on = $1::date - 1, ended_by = 'moved' WHERE to_on IS NULL", day
            )
            await mark_dirty(day, onward=True, cause="cells_moved")
    with using(cast.neighbour):
        async with transaction():
            for table in ("seat", "exemption", "membership", "party_group", "member", "cell"):
                await sql(f"DELETE FROM {table}")
            for table, some in rows.items():
                for row in some:
                    shifted = "|| jsonb_build_object('party_group', null)" if table == "membership" else ""
                    await sql(
                        f"""INSERT INTO {table} OVERRIDING SYSTEM VALUE
                        SELECT (jsonb_populate_record(NULL::{table}, $1::jsonb {shifted})).*""",
                        row,
                    )
            await sql("UPDATE cell SET joined_on = $1, came_from = 'Thành ủy Pleiku'", day)
            await mark_dirty(day, onward=True, cause="cells_moved")


async def a_roll(cast: Cast, day: date) -> None:
    meeting = await cast.meeting(day)
    await open_roll(meeting, by=cast.hoa)
    await close_roll(meeting, rest_absent=True, by=cast.hoa)


async def counted(ref: CommitteeRef, month: date) -> dict[str, int]:
    row: Record | None = await stored(ref, month)
    return {name: row[name] for name in COUNTED} if row else dict.fromkeys(COUNTED, 0)


async def test_what_a_cell_did_is_counted_in_one_committee_each_month(cast: Cast) -> None:
    for day in (BEFORE_THAT + timedelta(days=3), BEFORE + timedelta(days=3), BEFORE + timedelta(days=20)):
        await a_roll(cast, day)
    await given(
        cast, meeting=await cast.meeting(BEFORE_THAT + timedelta(days=5)), due=BEFORE + timedelta(days=9)
    )
    await recompute_dirty()
    alone = {month: await counted(cast.pleiku, month) for month in (BEFORE_THAT, BEFORE)}

    await carry(cast, MOVED)
    for ref in (cast.pleiku, cast.neighbour):
        with using(ref):
            await recompute_dirty()

    nothing = dict.fromkeys(COUNTED, 0)
    assert (await counted(cast.pleiku, BEFORE_THAT), await counted(cast.neighbour, BEFORE_THAT)) == (
        alone[BEFORE_THAT], nothing,
    )  # fmt: skip
    # The meeting on the fourth day was held in the old committee, and is counted where the cell was at the month's end.
    assert (await counted(cast.pleiku, BEFORE), await counted(cast.neighbour, BEFORE)) == (
        nothing,
        alone[BEFORE],
    )
    assert alone[BEFORE]["meetings_held"] == 2
    for ref in (cast.pleiku, cast.neighbour):
        with using(ref):
            assert (await verify(ref))[1] == []
    with using(cast.neighbour):
        assert BEFORE_THAT not in await months()


@pytest.mark.parametrize("day", [BEFORE, THIS_MONTH - timedelta(days=1)])
async def test_a_cell_that_moves_on_the_first_or_the_last_day_counts_with_the_new_committee(
    cast: Cast, day: date
) -> None:
    await a_roll(cast, BEFORE + timedelta(days=3))
    await carry(cast, day)
    for ref in (cast.pleiku, cast.neighbour):
        with using(ref):
            await recompute_dirty()
            assert (await verify(ref))[1] == []

    assert (await counted(cast.pleiku, BEFORE))["meetings_held"] == 0
    assert (await counted(cast.neighbour, BEFORE))["meetings_held"] == 1
    assert (await counted(cast.neighbour, BEFORE))["cells"] == 1


async def test_a_cell_that_ended_and_was_not_carried_keeps_its_last_meeting(cast: Cast) -> None:
    await a_roll(cast, BEFORE + timedelta(days=3))
    async with transaction():
        await sql("UPDATE cell SET to_on = $1", MOVED)
        await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ Thôn 1', '0')", uuid4())
    await recompute_dirty()

    row = await counted(cast.pleiku, BEFORE)
    assert (row["cells"], row["meetings_held"]) == (1, 1)
    assert (await verify(cast.pleiku))[1] == []
