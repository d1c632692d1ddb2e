"""Half a year of a cell's talk about its work, in the database: any batches, any order, repeated, cut, and at once."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra.postgres import sql
from server import clock
from server.accounts.reader import Reader
from server.assignments import rules
from server.assignments.actions import NewChange, Verdict, say_all
from server.assignments.fold import Change, seen_by
from server.assignments.ground import changes_of
from tenants.transactions import transaction
from tests.assignments.saying import AN, BINH, DUNG, day, explained, given
from tests.cast import Cast, person


@dataclass
class Phone:
    """A person's phone: what it last saw of each work, and what waits in its queue."""

    by: Reader
    device: UUID = field(default_factory=uuid4)
    seen: dict[UUID, int] = field(default_factory=dict)
    queue: list[NewChange] = field(default_factory=list)
    taken: list[NewChange] = field(default_factory=list)
    screen: dict[UUID, list[Change]] = field(default_factory=dict)
    refused: int = 0

    async def look(self, works: list[UUID]) -> None:
        """Open the page: everything that was said so far."""
        async with transaction(read_only=True):
            self.screen = await changes_of(works)
        self.seen |= {work: len(told) for work, told in self.screen.items() if told}

    def likely(self, work: UUID) -> list[str]:
        """What the screen offers, and now and then anything, which must be refused."""
        stood = seen_by(self.screen.get(work, []), self.seen.get(work, 0), ())
        offered = rules.moves(stood, rules.Part(manages=True)) if stood else []
        return offered * 30 + list(rules.MOVES)

    def say(self, random_: random.Random, work: UUID, cast: Cast) -> None:
        after = tuple(c.id for c in self.queue if c.assignment == work)
        self.queue.append(
            NewChange(
                uuid4(), work, random_.choice(self.likely(work)), clock.now(), self.seen.get(work, 0), after,
                note=random_.choice(["", *["vì mưa"] * 7]), member=cast.numbers[random_.choice([AN, BINH, DUNG])],
                text=random_.choice(["Thu quỹ", "Dọn đường"]), area="economy", cell=cast.cell,
                due=random_.choice([None, day(5), day(50)]), result=random_.choice(["late", "on_time"]),
                register=random_.choice(["due", "state"]),
                value=random_.choice([None, day(5).isoformat(), "cancelled"]),
            )
        )  # fmt: skip

    async def send(self, random_: random.Random) -> None:
        """A part of what waits, with something that was taken already; answers may get lost."""
        part = self.queue[: random_.randint(1, 6)]
        repeated = random_.sample(self.taken, min(2, len(self.taken)))
        verdict = await say_all([*repeated, *part], device=self.device, by=self.by)
        assert not {c.id for c in repeated} - set(verdict.acked)
        if random_.random() < 0.8:
            self.hear(part, verdict)

    def hear(self, part: list[NewChange], verdict: Verdict) -> None:
        told = {*verdict.acked, *(c.id for c, _ in verdict.refused)}
        assert {c.id for c in part} <= told
        self.taken += [c for c in part if c.id in set(verdict.acked) and c not in self.taken]
        self.refused += len(verdict.refused)
        self.queue = [c for c in self.queue if c.id not in told]
        self.seen |= {UUID(row["id"]): row["v"] for row in verdict.rows}


async def phones_of(cast: Cast) -> list[Phone]:
    readers: list[Any] = [cast.hoa, cast.deputy, cast.leader, person("Thư ký", "recorder", cast.cell)]
    return [Phone(by) for by in (*readers, await cast.themselves(AN))]


async def everything_explained(works: list[UUID], phones: list[Phone]) -> None:
    """The present is what the history says; what was taken stands once; every move was open to what had been seen."""
    async with transaction(read_only=True):
        told = await changes_of(works)
        ids = [r["id"] for r in await sql("SELECT id FROM assignment_change")]
    assert sorted(ids) == sorted(c.id for of in told.values() for c in of)
    assert {c.id for phone in phones for c in phone.taken} <= set(ids)
    for work in works:
        await explained(work)
        for change in told[work][1:]:
            stood = seen_by(told[work][: change.ordinal - 1], change.seen, change.after)
            assert stood is not None
            assert rules.why_not_move(change.kind, stood) is None


@pytest.mark.parametrize("seed", range(2))
async def test_whatever_is_said_by_whomever_the_history_explains_the_present(cast: Cast, seed: int) -> None:
    chance, phones = random.Random(seed), await phones_of(cast)
    first = [given(cast, name) for name in (AN, BINH, DUNG)]
    phones[0].queue += first
    works = [new.assignment for new in first]
    await phones[0].send(random.Random(1))
    for _ in range(80):
        phone = chance.choice(phones)
        if chance.random() < 0.7:
            await phone.look(works)
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            phone.say(chance, chance.choice(works), cast)
        if chance.random() < 0.7:
            await phone.send(chance)
    for phone in phones:
        while phone.queue:
            await phone.send(chance)

    await everything_explained(works, phones)
    assert sum(len(p.taken) for p in phones) >= 20
    assert sum(p.refused for p in phones) >= 20


async def test_phones_that_send_at_once_wait_for_each_other_and_never_in_a_circle(cast: Cast) -> None:
    chance, phones = random.Random(7), await phones_of(cast)
    new = [given(cast, name) for name in (AN, BINH, DUNG, AN)]
    works = [one.assignment for one in new]
    await asyncio.gather(
        *(say_all(chance.sample(new, len(new)), device=p.device, by=cast.hoa) for p in phones[:2])
    )
    for phone in phones:
        phone.seen = dict.fromkeys(works, 1)
        phone.queue = [
            NewChange(uuid4(), work, "progress", clock.now(), 1, note=f"lượt {n}")
            for n in range(3) for work in chance.sample(works, len(works))
        ]  # fmt: skip

    async def send_all(phone: Phone) -> None:
        own = random.Random(phone.by.name)
        while phone.queue:
            await phone.send(own)

    await asyncio.gather(*(send_all(phone) for phone in phones))

    await everything_explained(works, phones)
    hoa = phones[0]
    assert hoa.refused == 0
