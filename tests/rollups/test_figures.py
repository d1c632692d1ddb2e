"""What the province sees is what the committee's own papers say, whatever happened to the jobs on the way."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import date, time, timedelta
from uuid import UUID, uuid4

import pytest
import pytest_asyncio

from infra.embedded import Servers
from infra.postgres import Record, one, sql
from server import clock
from server.meetings.actions import call_off, plan, put_back
from server.roll_call.actions import NewMark, close_roll, open_roll, record
from server.rollups.actions import FIGURES, recompute_rollup
from server.rollups.verify import Difference, verify
from server.words import Refused
from tenants.current import CommitteeRef, set_current, using
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast

STATES = ("present", "present", "present", "late", "absent_excused", "absent_unexcused", "not_called", "exempt")
DEVICES = [uuid4() for _ in range(3)]


async def jobs_of(ref: CommitteeRef) -> list[str]:
    """The months that the committee's jobs name, in the order in which they were left."""
    async with platform_transaction(read_only=True):
        rows = await sql(
            "SELECT job, arguments FROM platform.outbox WHERE schema_name = $1 ORDER BY created_at", ref.schema_name
        )
    assert {row["job"] for row in rows} <= {"recompute_rollup"}
    return [json.loads(row["arguments"])["month"] for row in rows]


async def stored(ref: CommitteeRef, month: date) -> Record | None:
    async with platform_transaction(read_only=True):
        return await one(
            f"SELECT {', '.join(FIGURES)} FROM platform.rollup WHERE committee = $1 AND month = $2", ref.id, month
        )


async def more_cells(cast: Cast) -> None:
    """A cell that never meets, one that ended, one that is not founded yet."""
    today = clock.today()
    async with transaction():
        for name, start, end in (
            ("Chi bộ Thôn 1", date(1990, 1, 1), None),
            ("Chi bộ Thôn 2", date(1990, 1, 1), today - timedelta(days=45)),
            ("Chi bộ Thôn 3", today + timedelta(days=45), None),
        ):
            await sql(
                "INSERT INTO cell (id, name, sort_key, from_on, to_on) VALUES ($1, $2, '2', $3, $4)",
                uuid4(), name, start, end,
            )  # fmt: skip


class History:
    """A cell's half-year in random order: what people did, and what became of the jobs."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast = cast
        self.random = random.Random(seed)
        self.meetings: list[UUID] = []
        self.seq = 0
        self.refused = 0

    async def live(self, steps: int) -> None:
        for _ in range(steps):
            verb = self.random.choice([self.plan, self.open, self.mark, self.mark, self.mark, self.close, self.off, self.back, self.job])
            try:
                await verb()
            except Refused:
                self.refused += 1

    async def plan(self) -> None:
        day = clock.today() - timedelta(days=self.random.randrange(150))
        meeting = uuid4()
        await plan(meeting, cell=self.cast.cell, kind="regular", day=day, at=time(19), place="", by=self.cast.hoa)
        self.meetings.append(meeting)

    async def some(self) -> UUID:
        if not self.meetings:
            await self.plan()
        return self.random.choice(self.meetings[-4:])

    async def open(self) -> None:
        await open_roll(await self.some(), by=self.cast.hoa)

    async def mark(self) -> None:
        meeting = await self.some()
        async with transaction(read_only=True):
            heads = {r["no"]: tuple(r["heads"]) for r in await sql("SELECT no, heads FROM roll_entry WHERE meeting = $1", meeting)}
        marks = []
        for no in self.random.sample(sorted(self.cast.numbers.values()), self.random.randint(1, 6)):
            self.seq += 1
            seen = heads.get(no, ()) if self.random.random() < 0.8 else ()
            reason = "Ghi nhầm" if self.random.random() < 0.7 else ""
            marks.append(
                NewMark(uuid4(), no, self.random.choice(STATES), self.seq, clock.now(), seen=seen, late_reason=reason)
            )
        device = self.random.choice(DEVICES)
        for _ in range(self.random.choice([1, 1, 2])):
            await record(meeting, marks, device=device, since=0, by=self.random.choice([self.cast.hoa, self.cast.leader]))

    async def close(self) -> None:
        await close_roll(await self.some(), rest_absent=self.random.random() < 0.8, by=self.cast.hoa)

    async def off(self) -> None:
        await call_off(await self.some(), reason="Bão", by=self.cast.hoa)

    async def back(self) -> None:
        await put_back(await self.some(), by=self.cast.hoa)

    async def job(self) -> None:
        """Some of the jobs arrive: in any order, some twice; others are lost for now."""
        months = await jobs_of(self.cast.pleiku)
        for month in self.random.sample(months, min(len(months), 3)):
            await recompute_rollup(month)


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_history_the_figures_are_those_of_the_papers(cast: Cast, seed: int) -> None:
    await more_cells(cast)
    history = History(cast, seed)
    await history.live(50)

    # Whatever was lost is sent again until it is done: every month that was ever named, in any order, some twice.
    months = await jobs_of(cast.pleiku)
    history.random.shuffle(months)
    for month in {*months}:
        await recompute_rollup(month)

    counted, differences = await verify(cast.pleiku)
    assert differences == []
    assert counted == len({*months}) > 1
    before = {month: await stored(cast.pleiku, date.fromisoformat(month)) for month in {*months}}
    for month in months:
        await recompute_rollup(month)
    assert before == {month: await stored(cast.pleiku, date.fromisoformat(month)) for month in {*months}}


async def test_every_change_that_the_province_would_see_leaves_a_job(cast: Cast) -> None:
    meeting, other, day = uuid4(), uuid4(), clock.today()
    month = clock.month_of(day).isoformat()

    async def leaves_one(verb: object) -> bool:
        before = len(await jobs_of(cast.pleiku))
        await verb  # type: ignore[misc]
        return (await jobs_of(cast.pleiku))[before:] == [month]

    def planned(id_: UUID) -> object:
        return plan(id_, cell=cast.cell, kind="regular", day=day, at=time(19), place="", by=cast.hoa)

    an = cast.numbers["Nguyễn Văn An"]
    change = NewMark(uuid4(), an, "late", 1, clock.now(), late_reason="Ghi nhầm")
    assert await leaves_one(planned(meeting))
    assert await leaves_one(planned(other))
    assert not await leaves_one(planned(other))
    assert await leaves_one(call_off(other, reason="Bão", by=cast.hoa))
    assert await leaves_one(put_back(other, by=cast.hoa))
    assert not await leaves_one(put_back(other, by=cast.hoa))
    assert await leaves_one(open_roll(meeting, by=cast.hoa))
    assert not await leaves_one(open_roll(meeting, by=cast.hoa))
    assert await leaves_one(close_roll(meeting, rest_absent=True, by=cast.hoa))
    assert not await leaves_one(close_roll(meeting, rest_absent=True, by=cast.hoa))
    assert await leaves_one(record(meeting, [change], device=DEVICES[0], since=0, by=cast.hoa))
    assert not await leaves_one(record(meeting, [change], device=DEVICES[0], since=0, by=cast.hoa))


async def a_closed_roll(cast: Cast) -> tuple[UUID, str]:
    """A closed roll of today with one person present, and its month, computed."""
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    mark = NewMark(uuid4(), cast.numbers["Nguyễn Văn An"], "present", 1, clock.now())
    await record(meeting, [mark], device=DEVICES[0], since=0, by=cast.hoa)
    await close_roll(meeting, rest_absent=True, by=cast.hoa)
    month = clock.month_of(clock.today()).isoformat()
    await recompute_rollup(month)
    assert (await verify(cast.pleiku))[1] == []
    return meeting, month


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
        "expected": 5, "present": 1, "late": 0, "absent_excused": 0, "absent_unexcused": 4, "exempt": 1, "exempt_attending": 0,
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


async def test_a_recomputation_that_had_to_wait_counts_what_happened_meanwhile(cast: Cast) -> None:
    meeting, month = await a_closed_roll(cast)
    late = NewMark(uuid4(), cast.numbers["Nguyễn Văn An"], "late", 2, clock.now(), late_reason="Đến muộn")
    locked, release = asyncio.Event(), asyncio.Event()

    async def another_run() -> None:
        async with platform_transaction():
            # The very lock of the month, as another recomputation holds it.
            await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"rollup {cast.pleiku.id} {month}")
            locked.set()
            await release.wait()

    holding = asyncio.create_task(another_run())
    await locked.wait()
    waiting = asyncio.create_task(recompute_rollup(month))
    await asyncio.sleep(0.1)
    await record(meeting, [late], device=DEVICES[0], since=0, by=cast.hoa)
    assert not waiting.done()
    release.set()
    await asyncio.gather(holding, waiting)

    row = await stored(cast.pleiku, date.fromisoformat(month))
    assert row is not None
    assert (row["present"], row["late"]) == (0, 1)
    assert (await verify(cast.pleiku))[1] == []


async def test_many_recomputations_and_changes_at_once_end_with_the_newest_figures(cast: Cast) -> None:
    meeting, month = await a_closed_roll(cast)
    numbers = sorted(cast.numbers.values())

    async def change(n: int) -> None:
        mark = NewMark(uuid4(), numbers[n % 6], ("late", "present")[n % 2], 10 + n, clock.now(), late_reason="x")
        await record(meeting, [mark], device=DEVICES[0], since=0, by=cast.hoa)
        await recompute_rollup(month)

    await asyncio.gather(*(change(n) for n in range(24)))

    assert (await verify(cast.pleiku))[1] == []


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


async def test_verify_finds_a_month_that_was_never_computed_or_got_lost(closed: tuple[Cast, UUID, str]) -> None:
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

    assert kept_wrong == [Difference(cast.pleiku.slug, date.fromisoformat(month), "standings_kept_wrong", 1, 0)]
    assert {d.figure for d in counted_wrong} == {"standings_kept_wrong", "present", "absent_excused"}
    assert (await verify(cast.pleiku))[1] == []


async def test_verify_finds_heads_and_rivals_that_were_invented(closed: tuple[Cast, UUID, str]) -> None:
    cast, meeting, _ = closed
    exempt = cast.numbers["Rơ Châm H'Cúc"]
    for value in (f"heads = ARRAY['{uuid4()}']::uuid[]", f"""heads = '{{}}', rivals = '[{{"id": "{uuid4()}"}}]'"""):
        async with transaction():
            await sql(f"UPDATE roll_entry SET {value} WHERE meeting = $1 AND no = $2", meeting, exempt)

        assert [d.figure for d in (await verify(cast.pleiku))[1]] == ["standings_kept_wrong"]
    async with transaction():
        await sql("UPDATE roll_entry SET heads = '{}', rivals = NULL WHERE meeting = $1 AND no = $2", meeting, exempt)
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
async def test_a_job_with_no_month_fails_and_writes_nothing(closed: tuple[Cast, UUID, str], month: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        await recompute_rollup(month)

    assert await verify(closed[0].pleiku) == (1, [])


async def test_the_columns_and_the_figures_are_the_same(database: Servers) -> None:
    async with platform_transaction(read_only=True):
        rows = await sql("SELECT attname FROM pg_attribute WHERE attrelid = 'platform.rollup'::regclass AND attnum > 0")

    assert {row["attname"] for row in rows} - set(FIGURES) == {"committee", "month", "computed_at"}
