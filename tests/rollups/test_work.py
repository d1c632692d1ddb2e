"""What the province sees of assigned work is what people said of it, whenever it came in, whatever became of jobs."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from infra.postgres import Record, one, sql
from server import clock
from server.assignments import figures
from server.assignments.actions import say_all
from server.assignments.figures import OUTCOMES
from server.rollups.actions import complete_rollups, months, recompute_dirty, recompute_rollup
from server.rollups.counting import FIGURES
from server.rollups.verify import Difference, verify
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.rollups.papers import DEVICES, marks_of, stored
from tests.rollups.work import WorkHistory, change

THIS_MONTH = clock.month_of(clock.today())
TEN_DAYS = timedelta(days=10)


async def all_stored(cast: Cast) -> dict[date, Record | None]:
    return {month: await stored(cast.pleiku, month) for month in await months()}


@pytest.mark.parametrize("seed", range(5))
async def test_after_any_history_the_figures_are_those_of_what_was_said(cast: Cast, seed: int) -> None:
    history = WorkHistory(cast, seed)
    await history.live(120)

    # Whatever was lost is sent again until it is done.
    await recompute_dirty()

    counted, differences = await verify(cast.pleiku)
    assert differences == []
    assert counted >= 3
    assert len(history.taken) > 8, history.taken
    before = await all_stored(cast)
    await recompute_rollup(history.random.choice([*before]).isoformat())
    await complete_rollups()
    assert before == await all_stored(cast)
    for month, row in before.items():
        assert row is not None
        async with transaction(read_only=True):
            found = await figures.month(None, month)
            covered = await figures.coverage(cast.cell, month)
        assert [row[f"assignments_{name}"] for name in OUTCOMES] == [found.total[name] for name in OUTCOMES]
        assert [row["assignments_live"], row["members_assigned"], row["members_assignable"]] == [
            found.total[name] for name in ("live", "assigned", "assignable")
        ]
        assert dict(covered) == {name: found.total[name] for name in ("assignable", "assigned")}
        assert dict(found.total) | {"cell": None} == dict(found.cells[0]) | {"cell": None, "name": ""}
        assert row["assignments_due"] == sum(row[f"assignments_{name}"] for name in [*OUTCOMES][1:-1])


@pytest.mark.parametrize("seed", range(10, 13))
async def test_the_mark_that_a_change_leaves_is_enough_for_all_that_it_changed(cast: Cast, seed: int) -> None:
    history = WorkHistory(cast, seed)
    await history.live(0)
    await complete_rollups()
    changed = 0
    for _ in range(80):
        await history.live(1)
        changed += len(await marks_of(cast.pleiku))
        await recompute_dirty()
        assert (await verify(cast.pleiku))[1] == []
    assert changed > 10


async def given(cast: Cast, *, meeting: UUID | None = None, due: date | None = None) -> UUID:
    """Work of one person."""
    new = change(
        "given", uuid4(), cell=cast.cell, member=cast.numbers["Nguyễn Văn An"], text="Vận động bà con", area="economy",
        meeting=meeting, due=due,
    )  # fmt: skip
    verdict = await say_all([new], device=DEVICES[0], by=cast.hoa)
    assert verdict.refused == []
    return new.assignment


async def test_work_of_a_meeting_long_past_that_comes_in_today_is_counted_from_then_on(cast: Cast) -> None:
    then, due = clock.month_after(THIS_MONTH, -3) + TEN_DAYS, clock.month_after(THIS_MONTH, -2) + TEN_DAYS
    assignment = await given(cast, meeting=await cast.meeting(then), due=due)
    [mark] = await marks_of(cast.pleiku)
    before = {d.month for d in (await verify(cast.pleiku))[1]}

    await recompute_dirty()

    since = clock.month_of(then)
    assert mark == (since, True, "work")
    # The month in which it was given and the month in which it was due lacked figures; both have them now.
    assert before == {since, clock.month_after(since)}
    assert await verify(cast.pleiku) == (2, [])
    told = {}
    for month in before:
        row = await stored(cast.pleiku, month)
        assert row is not None
        told[month] = (row["assignments_live"], row["assignments_due"], row["assignments_undecided"])
    assert told == {since: (1, 0, 0), clock.month_after(since): (1, 1, 1)}

    # Its result, which comes in today, is a result of the month in which it was due.
    await say_all([change("accepted", assignment, seen=1, result="late")], device=DEVICES[1], by=cast.hoa)
    assert await marks_of(cast.pleiku) == [(clock.month_of(due), True, "work")]
    await recompute_dirty()
    row = await stored(cast.pleiku, clock.month_of(due))
    assert row is not None
    assert (row["assignments_due"], row["assignments_late"], row["assignments_undecided"]) == (1, 1, 0)
    assert (await verify(cast.pleiku))[1] == []


async def test_what_changes_no_figure_leaves_no_mark(cast: Cast) -> None:
    assignment = await given(cast)
    before = await marks_of(cast.pleiku)

    await say_all(
        [change("progress", assignment, seen=1, note="Được nửa rồi"), change("reported", assignment, seen=1)],
        device=DEVICES[0], by=cast.hoa,
    )  # fmt: skip

    assert await marks_of(cast.pleiku) == before


async def test_figures_that_a_new_version_counts_come_to_the_months_that_were_there_before(
    cast: Cast,
) -> None:
    old, lost = clock.month_after(THIS_MONTH, -5), clock.month_after(THIS_MONTH, -2)
    await given(cast, meeting=await cast.meeting(lost + TEN_DAYS))
    await recompute_rollup(old.isoformat())
    # As a month looks that was computed before there were assignments.
    work = [
        name
        for name in FIGURES
        if name.startswith("assign") or name in ("members_assigned", "members_assignable")
    ]
    async with platform_transaction():
        await sql(
            f"UPDATE platform.rollup SET {', '.join(f'{name} = NULL' for name in work)} WHERE committee = $1",
            cast.pleiku.id,
        )
    nothing_said = {(d.month, d.figure) for d in (await verify(cast.pleiku))[1] if d.stored is None}

    await complete_rollups()

    assert {figure for month, figure in nothing_said if month == old} == {*work}
    assert {figure for month, figure in nothing_said if month == lost} == {*FIGURES}
    assert len(work) == 11
    assert (await verify(cast.pleiku))[1] == []
    assert await months() == {old: True, lost: True}


async def test_months_that_have_all_their_figures_are_left_alone(cast: Cast) -> None:
    await recompute_rollup(THIS_MONTH.isoformat())
    at = "SELECT computed_at FROM platform.rollup WHERE committee = $1"
    async with platform_transaction(read_only=True):
        before = await one(at, cast.pleiku.id)

    await complete_rollups()
    with using(cast.neighbour):
        await complete_rollups()

    async with platform_transaction(read_only=True):
        assert await one(at, cast.pleiku.id) == before
        assert await one(at, cast.neighbour.id) is None


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE assignment SET state = 'reported' WHERE id = $1",
        "UPDATE assignment SET text = 'Việc khác' WHERE id = $1",
        "UPDATE assignment SET version = 7 WHERE id = $1",
        "UPDATE assignment SET reported_on = '2026-01-01' WHERE id = $1",
        """UPDATE assignment SET rivals = '{"due": []}' WHERE id = $1""",
        "UPDATE assignment_span SET n = 2, from_on = from_on - 1 WHERE assignment = $1",
        "DELETE FROM assignment_span WHERE assignment = $1",
    ],
)
async def test_verify_finds_an_assignment_that_stands_otherwise_than_was_said(cast: Cast, wrong: str) -> None:
    assignment = await given(cast, due=clock.today())
    await given(cast)
    await recompute_rollup(THIS_MONTH.isoformat())
    right = (await verify(cast.pleiku))[1]
    async with transaction():
        await sql(wrong, assignment)

    found = (await verify(cast.pleiku))[1]

    assert right == []
    assert found == [Difference(cast.pleiku.slug, THIS_MONTH, "assignments_kept_wrong", 1, 0)]


async def test_verify_finds_figures_that_were_made_from_stretches_that_nobody_said(cast: Cast) -> None:
    assignment = await given(cast, due=clock.today())
    async with transaction():
        await sql(
            "UPDATE assignment_span SET ended = 'not_done', to_on = from_on WHERE assignment = $1", assignment
        )
    await recompute_rollup(THIS_MONTH.isoformat())

    found = {d.figure: (d.stored, d.counted) for d in (await verify(cast.pleiku))[1]}

    assert found == {
        "assignments_kept_wrong": (1, 0), "assignments_not_done": (1, 0), "assignments_undecided": (0, 1),
    }  # fmt: skip
