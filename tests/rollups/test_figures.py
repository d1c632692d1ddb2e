"""Every figure can be counted by hand, and verify finds every one that was changed by hand."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import one, sql
from server import clock
from server.meetings.actions import call_off
from server.rollups.actions import recompute_rollup
from server.rollups.counting import FIGURES
from server.rollups.verify import Difference, verify
from tenants.current import set_current, using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.rollups.papers import a_closed_roll, more_cells, stored


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def counted(database: Servers) -> tuple[Cast, UUID, str]:
    """A committee with one closed roll whose month is computed; tests put right again what they put wrong."""
    cast = await Cast.assemble(database.owner_url)
    return cast, *(await a_closed_roll(cast))


@pytest.fixture
def closed(counted: tuple[Cast, UUID, str]) -> tuple[Cast, UUID, str]:
    """The same, with its committee's turn."""
    set_current(counted[0].pleiku)
    return counted


async def test_the_figures_of_a_small_cell_can_be_counted_by_hand(cast: Cast) -> None:
    await more_cells(cast)

    _, month = await a_closed_roll(cast)

    row = await stored(cast.pleiku, date.fromisoformat(month))
    assert row is not None
    assert dict(row) == {
        "cells": 2, "cells_met": 1, "cells_not_met": 0, "cells_not_reported": 1,
        "members_official": 5, "members_probationary": 1,
        "meetings_held": 1, "meetings_not_held": 0, "meetings_planned": 0, "rolls_closed": 1,
        "expected": 5, "present": 1, "late": 0, "absent_excused": 0, "absent_unexcused": 4, "exempt": 1,
        "exempt_attending": 0,
        "assignments_live": 0, "assignments_due": 0, "assignments_better": 0, "assignments_on_time": 0,
        "assignments_late": 0, "assignments_not_done": 0, "assignments_moved": 0, "assignments_undecided": 0,
        "assignments_cancelled": 0, "members_assigned": 0, "members_assignable": 5,
        "exempt_age_health": 1, "exempt_away_work": 0, "meetings_with_minutes": 0,
        "quality_good": 0, "quality_fair": 0, "quality_average": 0, "quality_weak": 0,
    }  # fmt: skip


async def test_a_cell_that_called_off_and_a_cell_that_said_nothing_are_two_things(cast: Cast) -> None:
    await more_cells(cast)
    meeting = await cast.meeting()
    await call_off(meeting, reason="Bão số 5", by=cast.hoa)
    month = clock.month_of(clock.today())

    await recompute_rollup(month.isoformat())

    row = await stored(cast.pleiku, month)
    assert row is not None
    assert (row["cells_met"], row["cells_not_met"], row["cells_not_reported"]) == (0, 1, 1)
    assert (row["meetings_not_held"], row["meetings_planned"]) == (1, 0)


async def test_verify_finds_every_figure_that_was_changed_by_hand(closed: tuple[Cast, UUID, str]) -> None:
    cast, _, month = closed
    first = date.fromisoformat(month)
    for figure in FIGURES:
        # cells is the sum of its three parts, and the table insists on it.
        partner = {"cells": ", cells_not_reported = cells_not_reported + 1"}.get(figure, "")
        partner = ", cells = cells + 1" if figure.startswith("cells_") else partner
        async with platform_transaction():
            row = await one(
                f"""UPDATE platform.rollup SET {figure} = {figure} + 1{partner} WHERE committee = $1 AND month = $2
                RETURNING {figure} AS now""",
                cast.pleiku.id, first,
            )  # fmt: skip
        assert row is not None

        found = (await verify(cast.pleiku))[1]

        assert Difference(cast.pleiku.slug, first, figure, row["now"], row["now"] - 1) in found
        await recompute_rollup(month)
    assert (await verify(cast.pleiku))[1] == []


async def test_verify_finds_a_month_that_was_never_computed_or_got_lost(
    closed: tuple[Cast, UUID, str],
) -> None:
    cast, _, month = closed
    async with platform_transaction():
        await sql("DELETE FROM platform.rollup WHERE committee = $1", cast.pleiku.id)

    months, found = await verify(cast.pleiku)
    await recompute_rollup(month)

    assert months == 1
    assert {d.figure for d in found} == set(FIGURES)
    assert {d.stored for d in found} == {None}
    assert await verify(cast.pleiku) == (1, [])


async def test_verify_finds_a_standing_that_is_not_what_the_marks_say(closed: tuple[Cast, UUID, str]) -> None:
    cast, meeting, month = closed
    change = "UPDATE roll_entry SET state = $3 WHERE meeting = $1 AND no = $2"
    an = cast.numbers["Nguyễn Văn An"]
    async with transaction():
        await sql(change, meeting, an, "absent_excused")

    kept_wrong = (await verify(cast.pleiku))[1]
    await recompute_rollup(month)
    counted_wrong = (await verify(cast.pleiku))[1]
    async with transaction():
        await sql(change, meeting, an, "present")
    await recompute_rollup(month)

    assert kept_wrong == [
        Difference(cast.pleiku.slug, date.fromisoformat(month), "standings_kept_wrong", 1, 0)
    ]
    assert {d.figure for d in counted_wrong} == {"standings_kept_wrong", "present", "absent_excused"}
    assert (await verify(cast.pleiku))[1] == []


async def test_verify_finds_heads_and_rivals_that_were_invented(closed: tuple[Cast, UUID, str]) -> None:
    cast, meeting, _ = closed
    exempt = cast.numbers["Rơ Châm H'Cúc"]
    for value in (
        f"heads = ARRAY['{uuid4()}']::uuid[]",
        f"""heads = '{{}}', rivals = '[{{"id": "{uuid4()}"}}]'""",
    ):
        async with transaction():
            await sql(f"UPDATE roll_entry SET {value} WHERE meeting = $1 AND no = $2", meeting, exempt)

        assert [d.figure for d in (await verify(cast.pleiku))[1]] == ["standings_kept_wrong"]
    async with transaction():
        await sql(
            "UPDATE roll_entry SET heads = '{}', rivals = NULL WHERE meeting = $1 AND no = $2",
            meeting,
            exempt,
        )
    assert (await verify(cast.pleiku))[1] == []


async def test_the_neighbours_figures_stay_untouched(closed: tuple[Cast, UUID, str]) -> None:
    cast, _, month = closed

    assert await stored(cast.neighbour, date.fromisoformat(month)) is None
    assert await verify(cast.neighbour) == (0, [])
    with using(cast.neighbour):
        await recompute_rollup(month)
    row = await stored(cast.neighbour, date.fromisoformat(month))
    assert row is not None
    assert (row["cells"], row["meetings_held"], row["present"]) == (1, 0, 0)


@pytest.mark.parametrize("month", ["2026-11", "2026-13-01", "", "yesterday"])
async def test_a_job_with_no_month_fails_and_writes_nothing(
    closed: tuple[Cast, UUID, str], month: str
) -> None:
    with pytest.raises(ValueError, match=r".+"):
        await recompute_rollup(month)

    assert await verify(closed[0].pleiku) == (1, [])


async def test_the_columns_and_the_figures_are_the_same(database: Servers) -> None:
    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'platform.rollup'::regclass AND attnum > 0"
        )

    assert {row["attname"] for row in rows} - set(FIGURES) == {"committee", "month", "computed_at"}
