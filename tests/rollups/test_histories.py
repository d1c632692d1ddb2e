"""What the province sees is what the committee's own papers say, whatever happened to the jobs on the way."""

from __future__ import annotations

import asyncio
import random
from datetime import date, time, timedelta
from uuid import UUID, uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.meetings.actions import call_off, plan, put_back
from server.meetings.quality import score
from server.roll_call.actions import NewMark, close_roll, open_roll, record
from server.rollups.actions import months, recompute_dirty, recompute_rollup
from server.rollups.marking import CAUSES
from server.rollups.verify import verify
from server.words import Refused
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.rollups.papers import DEVICES, a_closed_roll, marks_of, more_cells, stored

STATES = (
    "present",
    "present",
    "present",
    "late",
    "absent_excused",
    "absent_unexcused",
    "not_called",
    "exempt",
)


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
            verb = self.random.choice(
                [
                    self.plan,
                    self.open,
                    self.mark,
                    self.mark,
                    self.mark,
                    self.close,
                    self.off,
                    self.back,
                    self.score,
                    self.job,
                ]
            )
            try:
                await verb()
            except Refused:
                self.refused += 1

    async def plan(self) -> None:
        day = clock.today() - timedelta(days=self.random.randrange(150))
        meeting = uuid4()
        await plan(
            meeting, cell=self.cast.cell, kind="regular", day=day, at=time(19), place="", by=self.cast.hoa
        )
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
            heads = {
                r["no"]: tuple(r["heads"])
                for r in await sql("SELECT no, heads FROM roll_entry WHERE meeting = $1", meeting)
            }
        marks = []
        for no in self.random.sample(sorted(self.cast.numbers.values()), self.random.randint(1, 6)):
            self.seq += 1
            seen = heads.get(no, ()) if self.random.random() < 0.8 else ()
            reason = "Ghi nhầm" if self.random.random() < 0.7 else ""
            marks.append(
                NewMark(
                    uuid4(),
                    no,
                    self.random.choice(STATES),
                    self.seq,
                    clock.now(),
                    seen=seen,
                    late_reason=reason,
                )
            )
        device = self.random.choice(DEVICES)
        for _ in range(self.random.choice([1, 1, 2])):
            await record(
                meeting,
                marks,
                device=device,
                since=0,
                by=self.random.choice([self.cast.hoa, self.cast.leader]),
            )

    async def close(self) -> None:
        await close_roll(await self.some(), rest_absent=self.random.random() < 0.8, by=self.cast.hoa)

    async def off(self) -> None:
        await call_off(await self.some(), reason="Bão", by=self.cast.hoa)

    async def back(self) -> None:
        await put_back(await self.some(), by=self.cast.hoa)

    async def score(self) -> None:
        points = self.random.choice(["", "0", "49", "50", "69", "70", "89", "90", "100"])
        await score(await self.some(), points=points, by=self.cast.hoa)

    async def job(self) -> None:
        """Some of the jobs arrive: one, two at once, one that is killed somewhere; others are lost for now."""
        kind = self.random.choice(["one", "two", "killed", "by hand"])
        if kind == "by hand":
            marks = await marks_of(self.cast.pleiku)
            for month in {month for month, _, _ in self.random.sample(marks, min(len(marks), 2))}:
                await recompute_rollup(month.isoformat())
        else:
            jobs = [asyncio.create_task(recompute_dirty()) for _ in range(2 if kind == "two" else 1)]
            if kind == "killed":
                await asyncio.sleep(self.random.random() * 0.02)
                jobs[0].cancel()
            await asyncio.gather(*jobs, return_exceptions=True)


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_history_the_figures_are_those_of_the_papers(cast: Cast, seed: int) -> None:
    await more_cells(cast)
    history = History(cast, seed)
    await history.live(50)

    # Whatever was lost is sent again until it is done.
    await asyncio.gather(*(asyncio.create_task(recompute_dirty()) for _ in range(3)))

    counted, differences = await verify(cast.pleiku)
    assert differences == []
    assert counted > 1
    assert await marks_of(cast.pleiku) == []
    every = await months()
    assert len(every) == counted
    before = {month: await stored(cast.pleiku, month) for month in every}
    for month in history.random.sample([*every, *every], 2 * counted):
        await recompute_rollup(month.isoformat())
    assert before == {month: await stored(cast.pleiku, month) for month in every}


async def test_every_change_that_the_province_would_see_leaves_a_mark_and_a_job(cast: Cast) -> None:
    meeting, other, day = uuid4(), uuid4(), clock.today()
    causes: list[str] = []

    async def leaves_one(verb: object) -> bool:
        before = len(await marks_of(cast.pleiku))
        await verb  # type: ignore[misc]
        left = (await marks_of(cast.pleiku))[before:]
        causes.extend(cause for _, _, cause in left)
        return [(month, onward) for month, onward, _ in left] == [(clock.month_of(day), False)]

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
    assert await leaves_one(score(meeting, points="86", by=cast.hoa))
    assert not await leaves_one(score(meeting, points=" 86 ", by=cast.hoa))
    assert await leaves_one(score(meeting, points="", by=cast.hoa))
    assert {*causes} < {*CAUSES}


async def test_a_recomputation_that_had_to_wait_counts_what_happened_meanwhile(cast: Cast) -> None:
    meeting, month = await a_closed_roll(cast)
    late = NewMark(uuid4(), cast.numbers["Nguyễn Văn An"], "late", 2, clock.now(), late_reason="Đến muộn")
    locked, release = asyncio.Event(), asyncio.Event()

    async def another_run() -> None:
        async with platform_transaction():
            # The very lock of the committee, as another recomputation holds it.
            await sql("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"rollup {cast.pleiku.id}")
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
        mark = NewMark(
            uuid4(), numbers[n % 6], ("late", "present")[n % 2], 10 + n, clock.now(), late_reason="x"
        )
        await record(meeting, [mark], device=DEVICES[0], since=0, by=cast.hoa)
        await recompute_rollup(month)

    await asyncio.gather(*(change(n) for n in range(24)))

    assert (await verify(cast.pleiku))[1] == []
