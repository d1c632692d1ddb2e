"""What is counted of assignments can be counted by hand."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.assignments import figures
from tenants.current import using
from tenants.transactions import transaction
from tests.assignments.stretches import MONTH, Stretch, another_cell, assignment, march, member, overdue_work
from tests.cast import Cast

AN, BINH, CUC, DUNG = "Nguyễn Văn An", "Trần Thị Bình", "Rơ Châm H'Cúc", "Lê Đình Dũng"


async def of_month(cast: Cast, month: date = MONTH) -> dict[str, int]:
    """The total's figures that are not 0."""
    async with transaction(read_only=True):
        total = (await figures.month(None, month)).total
    return {name: n for name, n in dict(total).items() if n and name not in ("cell", "name")}


def ended(due: date | None, to_on: date | None, how: str, result: str = "") -> Stretch:
    return (due, march(1), to_on, how, result)


@pytest.mark.parametrize(
    ("stretches", "expected"),
    [
        ([ended(march(20), None, "")], {"undecided": 1}),
        ([ended(march(20), march(18), "done", "better")], {"better": 1}),
        ([ended(march(20), march(20), "done", "on_time")], {"on_time": 1}),
        ([ended(march(20), march(44), "done", "late")], {"late": 1}),
        ([ended(march(20), march(25), "not_done")], {"not_done": 1}),
        ([ended(march(20), march(20), "changed"), (march(45), march(20), None, "", "")], {"moved": 1}),
        ([ended(march(20), march(19), "changed"), (march(45), march(19), None, "", "")], {}),
        ([ended(march(1), None, "")], {"undecided": 1}),
        ([ended(march(31), None, "")], {"undecided": 1}),
        ([ended(march(32), None, "")], {}),
        ([ended(None, None, "")], {}),
        # Handed over after its day had passed, the day still the same: one deadline, not two.
        ([ended(march(20), march(22), "changed"), (march(20), march(22), None, "", "")], {"undecided": 1}),
        # Missed, moved within the month, and met there: two deadlines of one assignment.
        ([ended(march(10), march(12), "changed"), (march(20), march(12), march(19), "done", "on_time")],
         {"moved": 1, "on_time": 1}),
        # Moved away in time and back again.
        ([ended(march(20), march(4), "changed"), (march(40), march(4), march(5), "changed", ""),
          (march(20), march(5), march(9), "not_done", "")], {"not_done": 1}),
    ],
)  # fmt: skip
async def test_a_deadline_counts_in_its_month_by_what_became_of_it(
    cast: Cast, stretches: list[Stretch], expected: dict[str, int]
) -> None:
    await assignment(cast, AN, *stretches)

    due = {"due": sum(expected.values())} if expected else {}
    assert await of_month(cast) == {**due, **expected, "live": 1, "assigned": 1, "assignable": 5}


async def test_what_was_cancelled_was_not_due(cast: Cast) -> None:
    await assignment(cast, AN, ended(march(20), march(18), "cancelled"))
    await assignment(cast, AN, ended(march(20), march(18), "done", "on_time"))

    found = await of_month(cast)

    assert (found["due"], found["on_time"], found["cancelled"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("from_on", "to_on", "live"),
    [
        (march(1), None, True), (march(31), None, True), (march(32), None, False), (march(-60), None, True),
        (march(-60), march(1), True), (march(-60), march(0), False), (march(5), march(5), True),
    ],
)  # fmt: skip
async def test_work_is_live_in_every_month_that_it_touches(
    cast: Cast, from_on: date, to_on: date | None, live: bool
) -> None:
    await assignment(cast, AN, (None, from_on, to_on, "not_done" if to_on else "", ""))

    found = await of_month(cast)

    assert (found.get("live", 0), found.get("assigned", 0)) == ((1, 1) if live else (0, 0))


async def test_coverage_counts_people_and_leaves_the_exempt_out_on_both_sides(cast: Cast) -> None:
    for name in (AN, AN, BINH, CUC):
        await assignment(cast, name, ended(march(20), None, ""))

    found = await of_month(cast)

    # Six belong to the cell; one is exempt, though she has work.
    assert (found["live"], found["assigned"], found["assignable"]) == (4, 2, 5)


async def test_work_passed_on_within_the_month_covers_both(cast: Cast) -> None:
    id_ = await assignment(
        cast, AN, ended(march(40), march(9), "changed"), (march(40), march(9), None, "", "")
    )
    binh = await member(cast, BINH)
    async with transaction():
        await sql("UPDATE assignment_span SET member = $2 WHERE assignment = $1 AND n = 2", id_, binh)

    found = await of_month(cast)

    assert (found["live"], found["assigned"]) == (1, 2)


async def test_who_left_before_the_month_ended_is_in_neither_number(cast: Cast) -> None:
    await assignment(cast, AN, ended(march(20), None, ""))
    an = await member(cast, AN)
    async with transaction():
        await sql("UPDATE membership SET to_on = $2 WHERE member = $1", an, march(30))

    found = await of_month(cast)

    assert (found["live"], found.get("assigned", 0), found["assignable"]) == (1, 0, 4)


async def test_each_cell_has_its_row_and_whoever_works_for_another_counts_at_home(cast: Cast) -> None:
    other = await another_cell()
    await assignment(cast, AN, ended(march(20), march(18), "done", "on_time"))
    await assignment(cast, BINH, ended(march(20), None, ""), cell=other)

    async with transaction(read_only=True):
        all_cells = await figures.month(None, MONTH)
        one_cell = await figures.month([other], MONTH)
        covered = [await figures.coverage(cell, MONTH) for cell in (cast.cell, other, cast.neighbour_cell)]

    def told(row: Any) -> tuple[int, ...]:
        return tuple(row[name] for name in ("due", "on_time", "live", "assigned", "assignable"))

    assert [(row["name"], *told(row)) for row in all_cells.cells] == [
        ("Chi bộ Tổ dân phố 5", 1, 1, 1, 2, 5), ("Chi bộ Thôn 1", 1, 0, 1, 0, 0),
    ]  # fmt: skip
    assert told(all_cells.total) == (2, 1, 2, 2, 5)
    assert ([row["cell"] for row in one_cell.cells], told(one_cell.total)) == ([other], (1, 0, 1, 0, 0))
    assert figures.done(all_cells.total) == 1
    assert [(row["assigned"], row["assignable"]) for row in covered] == [(2, 5), (0, 0), (0, 0)]


async def test_a_cell_that_ended_stands_there_as_long_as_it_has_work(cast: Cast) -> None:
    other, never = await another_cell(), uuid4()
    async with transaction():
        await sql("UPDATE cell SET to_on = $2 WHERE id = $1", other, march(15))
        await sql(
            "INSERT INTO cell (id, name, sort_key, to_on) VALUES ($1, 'Chi bộ cũ', '3', $2)", never, march(15)
        )
    await assignment(cast, AN, ended(march(10), march(15), "not_done"), cell=other)

    async with transaction(read_only=True):
        now, after = await figures.month(None, MONTH), await figures.month(None, clock.month_after(MONTH))

    assert [row["cell"] for row in now.cells] == [cast.cell, other]
    assert [row["cell"] for row in after.cells] == [cast.cell]


async def test_nothing_given_is_zero_of_those_who_could_be_given_something(cast: Cast) -> None:
    assert await of_month(cast) == {"assignable": 5}


async def test_what_is_overdue_is_told_by_age_and_what_waits_to_be_accepted_is_not(cast: Cast) -> None:
    for days in (-3, 0, 1, 7, 8, 30, 31, 200):
        await overdue_work(cast, days)
    await overdue_work(cast, 50, state="reported")
    await assignment(cast, BINH, (march(3), march(1), march(9), "done", "late"))
    await assignment(cast, BINH, (None, march(1), None, "", ""))

    async with transaction(read_only=True):
        total = (await figures.overdue(None, clock.today())).total

    assert dict(total) == {
        "cell": None, "area": None, "live": 10, "reported": 1, "overdue": 6, "week": 2, "month": 2, "older": 2,
    }  # fmt: skip


async def test_what_is_overdue_is_told_by_cell_and_area(cast: Cast) -> None:
    other = await another_cell()
    await overdue_work(cast, 3)
    await overdue_work(cast, -3, area="security")
    await overdue_work(cast, 40, area="security", cell=other)

    async with transaction(read_only=True):
        found = await figures.overdue(None, clock.today())
        some = await figures.overdue([other], clock.today())
        none = await figures.overdue([uuid4()], clock.today())

    assert {area: (row["overdue"], row["live"]) for area, row in found.areas.items()} == {
        "economy": (1, 1), "security": (1, 2),
    }  # fmt: skip
    assert {cell: (row["week"], row["older"]) for cell, row in found.cells.items()} == {
        cast.cell: (1, 0), other: (0, 1),
    }  # fmt: skip
    assert (some.total["overdue"], [*some.cells]) == (1, [other])
    assert (none.total["live"], none.cells, none.areas) == (0, {}, {})


async def test_the_neighbour_counts_nothing_of_ours(cast: Cast) -> None:
    await overdue_work(cast, 3)

    with using(cast.neighbour):
        async with transaction(read_only=True):
            theirs = await figures.month(None, clock.month_of(clock.today()))
            late = await figures.overdue(None, clock.today())

    assert (theirs.total["live"], theirs.total["assignable"], late.total["live"]) == (0, 5, 0)
