"""The office sees what each cell has; a month that was not reported is no zero."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.cells.queries import attendance, cell, committee_of, counted_cells, group_leaders
from server.meetings.queries import NotFound
from server.roll_call.actions import NewMark, close_roll, open_roll, record
from tenants.transactions import transaction
from tests.cast import Cast


async def held(cast: Cast, present: int, *, close: bool = True) -> UUID:
    """A meeting today whose first people came and whose others did not."""
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    marks = [
        NewMark(uuid4(), no, "present", n, clock.now())
        for n, no in enumerate([*cast.numbers.values()][:present])
    ]
    await record(meeting, marks, device=uuid4(), since=0, by=cast.hoa)
    if close:
        await close_roll(meeting, rest_absent=True, by=cast.hoa)
    return meeting


async def test_members_are_counted_by_what_they_are_today(cast: Cast) -> None:
    async with transaction(read_only=True):
        (row,) = await counted_cells(on=clock.today())

    assert {name: row[name] for name in ("groups", "official", "probationary", "exempt", "secretary")} == {
        "groups": 2, "official": 5, "probationary": 1, "exempt": 1, "secretary": None,
    }  # fmt: skip


async def test_a_neighbour_finds_no_such_cell(cast: Cast) -> None:
    async with transaction(read_only=True):
        for reader, wanted in ((cast.stranger, cast.cell), (cast.office, cast.neighbour_cell)):
            with pytest.raises(NotFound):
                await cell(wanted, reader, on=clock.today())
        assert (await cell(cast.cell, cast.hoa, on=clock.today()))["name"] == "Chi bộ Tổ dân phố 5"
        assert await group_leaders(cast.cell, on=clock.today()) == {}


async def test_the_committee_sits_in_its_order_each_once_and_only_while_the_seat_lasts(cast: Cast) -> None:
    today = clock.today()
    async with transaction():
        for name, role, cadre, to_on in (
            ("Nguyễn Văn An", "committee_member", True, None), ("Lê Đình Dũng", "committee_member", False, None),
            ("Trần Thị Bình", "deputy_secretary", False, None), ("Trần Thị Bình", "committee_member", True, None),
            ("Phạm Thị Em", "secretary", False, today), ("Phạm Thị Em", "group_leader", False, None),
            ("Ksor Giang", "secretary", False, today - timedelta(days=1)),
        ):  # fmt: skip
            await sql(
                """INSERT INTO seat (id, member, cell, role, from_on, to_on, commune_cadre)
                SELECT $1, id, $2, $3, '2020-01-01', $4, $5 FROM member WHERE no = $6""",
                uuid4(), cast.cell, role, to_on, cadre, cast.numbers[name],
            )  # fmt: skip
        seated = await committee_of(cast.cell, on=today)

    assert [tuple(row) for row in seated] == [
        ("Phạm Thị Em", "secretary", False), ("Trần Thị Bình", "deputy_secretary", True),
        ("Nguyễn Văn An", "committee_member", True), ("Lê Đình Dũng", "committee_member", False),
    ]  # fmt: skip


async def test_only_closed_rolls_count_and_their_base_says_how(cast: Cast) -> None:
    this = clock.month_of(clock.today())
    await held(cast, 2, close=False)
    async with transaction(read_only=True):
        before = await attendance(cast.cell, first=clock.month_after(this, -11), last=this)
    await held(cast, 4)
    async with transaction(read_only=True):
        after = await attendance(cast.cell, first=clock.month_after(this, -11), last=this)

    assert len(before) == 12
    assert {row["base"] for row in before} == {None}
    # Four of six came, one of them exempt: the exempt who came count in the base, the others of five expected too.
    assert dict(after[-1]) == {
        "month": this, "attending": 4, "late": 0, "absent_excused": 0, "absent_unexcused": 2, "base": 6,
    }  # fmt: skip


async def test_somebody_who_left_yesterday_is_not_counted_today(cast: Cast) -> None:
    async with transaction():
        await sql(
            "UPDATE membership SET to_on = $1, ended_by = 'moved' WHERE party_group IN"
            " (SELECT id FROM party_group WHERE number = 1)",
            clock.today() - timedelta(days=1),
        )
        (row,) = await counted_cells(on=clock.today())

    assert row["official"] + row["probationary"] == 3
