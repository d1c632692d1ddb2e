"""The office sees whose minutes are here; what was not reported is not zero."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.minutes.board import of_cells, of_month, standing, standings, unsent
from tenants.current import using
from tenants.transactions import transaction
from tests.cast import Cast
from tests.minutes.read_pages import change, read_minutes

TODAY = date(2026, 11, 22)


def row(**told: Any) -> dict[str, Any]:
    nothing = {
        "cell": uuid4(), "meeting": uuid4(), "meeting_state": "planned", "held_on": TODAY, "minutes": uuid4(),
        "state": "ready", "failed": 0, "confirmed_at": None,
    }  # fmt: skip
    return {**nothing, **told}


@pytest.mark.parametrize(
    ("told", "stand"),
    [
        ({"minutes": None}, "missing"),
        ({"minutes": None, "held_on": TODAY + timedelta(days=1)}, "waiting"),
        ({"minutes": None, "meeting_state": "not_held"}, "not_held"),
        ({"minutes": None, "meeting": None}, "waiting"),
        ({"state": "collecting"}, "sending"),
        ({"state": "assembling"}, "reading"),
        ({}, "ready"),
        ({"failed": 1}, "failed"),
        ({"state": "failed"}, "failed"),
        ({"failed": 1, "confirmed_at": clock.now()}, "confirmed"),
    ],
)
def test_how_a_row_stands(told: dict[str, Any], stand: str) -> None:
    assert standing(row(**told), today=TODAY, month_over=False) == stand


def test_a_cell_without_a_meeting_is_unreported_once_the_month_is_over() -> None:
    assert standing(row(minutes=None, meeting=None), today=TODAY, month_over=True) == "unreported"


def test_a_cell_that_said_why_it_did_not_meet_owes_nothing_and_one_missing_meeting_of_two_counts() -> None:
    met_twice, excused = uuid4(), uuid4()
    stands: list[Any] = [
        ("ready", row(cell=met_twice)), ("missing", row(cell=met_twice)), ("not_held", row(cell=excused)),
        ("waiting", row()), ("unreported", row()),
    ]  # fmt: skip

    assert unsent(stands) == (2, 3)


async def _month(cast: Cast) -> list[tuple[str, UUID | None]]:
    async with transaction(read_only=True):
        rows = await of_month(clock.month_of(clock.today()))
    return [
        (stand, one["minutes"])
        for stand, one in standings(rows, clock.month_of(clock.today()), clock.today())
    ]


async def test_a_document_takes_its_meeting_off_the_list_until_it_is_thrown_away(cast: Cast) -> None:
    assert await _month(cast) == [("waiting", None)]
    minutes = await read_minutes(cast.pleiku, cast.cell, "Trang một", "Trang hai")

    assert await _month(cast) == [("ready", minutes)]
    await change(cast.pleiku, "UPDATE minutes_page SET state = 'failed', reason = 'too_slow'")
    async with transaction(read_only=True):
        (found,) = await of_month(clock.month_of(clock.today()))
    assert (found["pages"], found["failed"], found["reasons"]) == (2, 2, ["too_slow"])

    await change(cast.pleiku, "UPDATE minutes SET binned_at = now(), erase_on = current_date")
    assert await _month(cast) == [("missing", None)]


async def test_dropped_pages_do_not_count(cast: Cast) -> None:
    await read_minutes(cast.pleiku, cast.cell, "Trang một", "Trang một")
    await change(
        cast.pleiku,
        """UPDATE minutes_page SET state = 'failed', same_decided = 'dropped'
        WHERE id = (SELECT id FROM minutes_page LIMIT 1)""",
    )

    async with transaction(read_only=True):
        (found,) = await of_month(clock.month_of(clock.today()))

    assert (found["pages"], found["failed"]) == (1, 0)


async def test_a_cells_people_see_their_own_meetings_only(cast: Cast) -> None:
    other = uuid4()
    with using(cast.pleiku):
        async with transaction():
            await sql("INSERT INTO cell (id, name, sort_key) VALUES ($1, 'Chi bộ Thôn 9', '2')", other)
    await read_minutes(cast.pleiku, other, "Không phải của tôi")
    minutes = await read_minutes(cast.pleiku, cast.cell, "Của tôi")
    this = clock.month_of(clock.today())

    async with transaction(read_only=True):
        found = await of_cells({cast.cell}, this, clock.month_after(this))

    assert [one["minutes"] for one in found] == [minutes]
