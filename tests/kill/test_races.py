"""Several people press at the same moment: whoever is second is told so, and nothing is half done."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra.embedded import Servers
from infra.postgres import Record, sql
from server import clock
from server.meetings.actions import call_off
from server.roll_call.actions import NewMark, Verdict, close_roll, open_roll, record
from server.rollups.actions import recompute_rollup
from server.words import Refused
from tenants.transactions import transaction
from tests.cast import Cast, person
from tests.kill.room import Room, a_room
from tests.workers.rows import MONTH, differences, rows_of
from web.roll_call.routes import changes_since

ROUNDS, MANY = 25, 200
DICE = Random(7)


def tap(no: int, state: str = "present", *, seq: int = 1, seen: tuple[UUID, ...] = ()) -> NewMark:
    return NewMark(uuid4(), no, state, seq, clock.now(), seen=seen)


async def soon(act: Awaitable[Any]) -> Any:
    """Within a few milliseconds, as two thumbs do; a refusal is an answer."""
    await asyncio.sleep(DICE.uniform(0, 0.01))
    try:
        return await act
    except Refused as refusal:
        return refusal


async def table(name: str, meeting: UUID) -> list[Record]:
    async with transaction(read_only=True):
        return await sql(f"SELECT * FROM {name} WHERE meeting = $1", meeting)


async def state_of(meeting: UUID) -> str:
    async with transaction(read_only=True):
        return str((await sql("SELECT state FROM meeting WHERE id = $1", meeting))[0]["state"])


async def an_open_roll(cast: Cast, *marked: int) -> UUID:
    meeting = await cast.meeting()
    await open_roll(meeting, by=cast.hoa)
    marks = [tap(no, seq=index) for index, no in enumerate(marked, start=1)]
    await record(meeting, marks, device=uuid4(), since=0, by=cast.hoa)
    return meeting


async def test_a_mark_is_in_before_the_closing_or_refused(cast: Cast) -> None:
    an, seen = cast.numbers["Nguyễn Văn An"], set()
    for round_ in range(MANY):
        if round_ >= ROUNDS and len(seen) == 2:
            break
        meeting, mark = await an_open_roll(cast), tap(an)

        verdict, _ = await asyncio.gather(
            soon(record(meeting, [mark], device=uuid4(), since=0, by=cast.deputy)),
            soon(close_roll(meeting, rest_absent=True, by=cast.hoa)),
        )

        assert isinstance(verdict, Verdict)
        in_time = verdict.acked == [mark.id]
        kept = [row["state"] for row in await table("mark", meeting) if row["no"] == an]
        shown = next(row["state"] for row in await table("roll_entry", meeting) if row["no"] == an)
        assert kept == [shown] == (["present"] if in_time else ["absent_unexcused"])
        assert in_time or "khóa" in verdict.refused[0][1]
        seen.add(in_time)
    assert seen == {True, False}
    await recompute_rollup(MONTH.isoformat())
    assert await differences(cast.pleiku) == []


async def test_a_roll_is_never_closed_over_somebody_who_was_not_called(cast: Cast) -> None:
    an, *others = (no for name, no in cast.numbers.items() if "H'Cúc" not in name)
    seen = set()
    for round_ in range(MANY):
        if round_ >= ROUNDS and len(seen) == 2:
            break
        meeting = await an_open_roll(cast, *others)

        _, closing = await asyncio.gather(
            soon(record(meeting, [tap(an)], device=uuid4(), since=0, by=cast.deputy)),
            soon(close_roll(meeting, rest_absent=False, by=cast.hoa)),
        )

        assert await state_of(meeting) == ("planned" if isinstance(closing, Refused) else "held")
        states = Counter(row["state"] for row in await table("roll_entry", meeting))
        assert states == {"present": 5, "exempt": 1}
        seen.add(isinstance(closing, Refused))
    assert seen == {True, False}


async def test_closing_eight_times_at_once_closes_once(cast: Cast) -> None:
    meeting = await an_open_roll(cast)

    ends = await asyncio.gather(
        *(soon(close_roll(meeting, rest_absent=True, by=by)) for by in (cast.hoa, cast.deputy) * 4)
    )

    assert ends == [None] * 8
    assert [row["version"] for row in await table("roll_call", meeting)] == [2]
    assert len(await table("mark", meeting)) == 5
    async with transaction(read_only=True):
        events = await sql("SELECT 1 FROM event WHERE action = 'roll_closed' AND subject = $1", str(meeting))
    assert len(events) == 1
    assert len(await rows_of(cast.pleiku)) == 2


async def test_phones_that_opened_the_roll_without_a_network_open_it_once(cast: Cast) -> None:
    meeting, numbers = await cast.meeting(), list(cast.numbers.values())

    verdicts = await asyncio.gather(
        *(
            soon(record(meeting, [tap(no)], device=uuid4(), since=0, by=by, opening=True))
            for no, by in zip(numbers, [cast.hoa, cast.deputy] * 3, strict=True)
        )
    )

    assert all(len(verdict.acked) == 1 for verdict in verdicts)
    assert sorted(verdict.changes["version"] for verdict in verdicts) == [2, 3, 4, 5, 6, 7]
    assert {row["state"] for row in await table("roll_entry", meeting)} == {"present"}
    assert len(await rows_of(cast.pleiku)) == 1


async def test_a_meeting_is_opened_or_called_off_never_both(cast: Cast) -> None:
    for _ in range(ROUNDS):
        meeting = await cast.meeting()

        opening, calling = await asyncio.gather(
            soon(open_roll(meeting, by=cast.hoa)), soon(call_off(meeting, reason="Mưa bão", by=cast.deputy))
        )

        opened = bool(await table("roll_call", meeting))
        assert (opening is None, calling is None) == (opened, not opened)
        assert await state_of(meeting) == ("planned" if opened else "not_held")


async def test_who_opens_again_while_somebody_closes_stops_nobody(cast: Cast) -> None:
    for _ in range(ROUNDS):
        meeting = await an_open_roll(cast)

        ends = await asyncio.gather(
            soon(close_roll(meeting, rest_absent=True, by=cast.hoa)),
            *(soon(open_roll(meeting, by=cast.deputy)) for _ in range(4)),
        )

        assert ends == [None] * 5
        assert await state_of(meeting) == "held"


class Screen:
    """A phone that only asks what has changed, and keeps what is newer."""

    def __init__(self) -> None:
        self.version = 0
        self.entries: dict[int, tuple[str, list[str]]] = {}

    async def look(self, room: Room, by: Any) -> None:
        changes = json.loads(await changes_since(room.meeting, self.version, by))
        assert changes["version"] >= self.version
        self.version = changes["version"]
        self.entries |= {e["no"]: (e["state"], e["heads"]) for e in changes["entries"]}


async def test_versions_are_in_the_order_of_commits_so_a_phone_that_asks_misses_nothing(
    database: Servers,
) -> None:
    room = await a_room(database.owner_url)
    by, phones, batches = person("Hòa", "secretary", room.cell), 8, 12
    await open_roll(room.meeting, by=by)
    writing = asyncio.Event()

    async def mark(dice: Random) -> list[int]:
        device, versions = uuid4(), []
        for number in range(batches):
            numbers = dice.sample(room.secretary.numbers, dice.randrange(1, 12))
            marks = [
                tap(no, dice.choice(["present", "late"]), seq=number * 100 + i)
                for i, no in enumerate(numbers)
            ]
            verdict = await record(room.meeting, marks, device=device, since=0, by=by)
            assert len(verdict.acked) == len(marks)
            versions.append(verdict.changes["version"])
        return versions

    async def watch(screen: Screen) -> int:
        looks = 0
        while not writing.is_set():
            await screen.look(room, by)
            looks += 1
        await screen.look(room, by)
        return looks

    screens = [Screen(), Screen()]
    watching = [asyncio.create_task(watch(screen)) for screen in screens]
    versions = await asyncio.gather(*(mark(Random(n)) for n in range(phones)))
    writing.set()
    looks = await asyncio.gather(*watching)

    assert sorted(v for own in versions for v in own) == list(range(2, phones * batches + 2))
    assert all(own == sorted(own) for own in versions)
    kept = {
        row["no"]: (row["state"], [str(head) for head in row["heads"]])
        for row in await table("roll_entry", room.meeting)
    }
    assert [screen.entries for screen in screens] == [kept] * 2
    assert min(looks) > 3


@pytest.mark.parametrize("copies", [2, 8])
async def test_the_same_batch_by_several_ways_at_once_counts_once(cast: Cast, copies: int) -> None:
    for _ in range(ROUNDS // 5):
        meeting, device = await cast.meeting(), uuid4()
        marks = [tap(no, seq=index) for index, no in enumerate(cast.numbers.values(), start=1)]

        verdicts = await asyncio.gather(
            *(
                soon(record(meeting, marks, device=device, since=0, by=cast.hoa, opening=True))
                for _ in range(copies)
            )
        )

        assert [verdict.acked for verdict in verdicts] == [[mark.id for mark in marks]] * copies
        assert {verdict.changes["version"] for verdict in verdicts} == {2}
        assert len(await table("mark", meeting)) == len(marks)
