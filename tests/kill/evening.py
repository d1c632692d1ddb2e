"""An evening in the hall: six phones take the roll, close it and change it, and somebody strikes in the middle."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from tests.kill.house import House
from tests.kill.phone import Ledger, Phone
from tests.kill.room import Room
from tests.workers.processes import until

SEED = int(os.environ.get("KILL_SEED", "1"))
# A phone of an honest product waits ten seconds for an answer; where everything hangs, ours give up earlier.
PATIENCE, LITTLE_PATIENCE = 10.0, 1.0
# How many marks make a strike fall in the middle.
FLOW = 40

Strike = Callable[["Evening"], Awaitable[None]]


class Evening:
    """One roll call with everything that takes part in it."""

    def __init__(self, house: House, room: Room, ledger: Ledger, dice: Random, timeout: float) -> None:
        self.house, self.room, self.ledger, self.dice = house, room, ledger, dice
        one, two = house.ports["web-1"], house.ports["web-2"]
        markers = [room.secretary, room.deputy, *room.leaders]
        self.phones = [
            Phone(room, marker, (one, two) if index % 2 == 0 else (two, one), ledger, dice, timeout=timeout)
            for index, marker in enumerate(markers)
        ]
        self.secretary, self.deputy = self.phones[:2]
        self.strikes = 0
        self.recoveries: list[float] = []

    async def answered(self, status: int) -> None:
        """Wait until some phone has had this answer once more."""
        before = self._count(status)

        async def more() -> bool:
            return self._count(status) > before

        await until(more, seconds=60, what=f"no phone was ever answered {status}")

    def _count(self, status: int) -> int:
        return sum(phone.answers[status] for phone in self.phones)

    async def sent(self) -> None:
        """Wait until no phone holds anything."""
        await until(self._nothing_queued, seconds=30, what="a phone still holds marks")

    async def _nothing_queued(self) -> bool:
        return not any(phone.queue for phone in self.phones)


@asynccontextmanager
async def an_evening(house: House, room: Room, folder: Path, victim: str) -> AsyncIterator[Evening]:
    timeout = LITTLE_PATIENCE if victim == "stopped_database" else PATIENCE
    dice = Random(f"{victim} {SEED}")
    evening = Evening(house, room, Ledger(folder / "acknowledged"), dice, timeout)
    watching = [asyncio.create_task(phone.watch()) for phone in (evening.secretary, evening.deputy)]
    try:
        yield evening
        assert all(phone.heard for phone in (evening.secretary, evening.deputy))
    finally:
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
        for phone in evening.phones:
            await phone.stop()


async def take_the_roll(evening: Evening, strike: Strike) -> None:
    """All phones mark; two of them opened the roll without a network, at the same time."""
    evening.secretary.opening = evening.deputy.opening = True
    async with struck(evening, strike, after=evening.dice.randrange(10, FLOW)) as end:
        tasks = [asyncio.create_task(p.mark_until(end)) for p in (evening.secretary, evening.deputy)]
        await until(lambda: opened(evening), seconds=20, what="the roll was never opened")
        await asyncio.gather(*(phone.look() for phone in evening.phones[2:]))
        tasks += [asyncio.create_task(phone.mark_until(end)) for phone in evening.phones[2:]]
    await asyncio.gather(*tasks)
    await evening.sent()


async def opened(evening: Evening) -> bool:
    return evening.secretary.state == "open"


async def close_and_change(evening: Evening, strike: Strike) -> None:
    """The secretary settles what is marked differently and closes; two phones go on changing, with a reason."""
    await evening.secretary.look()
    evening.secretary.settle()
    await evening.sent()
    async with struck(evening, strike, after=evening.dice.randrange(0, FLOW // 2)) as end:
        await evening.secretary.close_roll()
        await evening.deputy.look()
        tasks = [
            asyncio.create_task(phone.mark_until(end, late_reason="ghi nhầm"))
            for phone in (evening.secretary, evening.deputy)
        ]
    await asyncio.gather(*tasks)
    await evening.sent()


@asynccontextmanager
async def struck(evening: Evening, strike: Strike, *, after: int) -> AsyncIterator[asyncio.Event]:
    """Strike once ``after`` more marks are acknowledged; then wait for as many again, and end the block's event."""
    end, start = asyncio.Event(), len(evening.ledger)

    async def more(than: int) -> bool:
        return len(evening.ledger) - start >= than

    async def striking() -> None:
        await until(lambda: more(after), seconds=30, what="nothing was acknowledged")
        await asyncio.sleep(evening.dice.uniform(0, 0.1))
        struck_at = time.perf_counter()
        await strike(evening)
        evening.strikes += 1
        back = len(evening.ledger) - start
        await until(lambda: more(back + 1), seconds=30, what="nothing is acknowledged any more")
        evening.recoveries.append(time.perf_counter() - struck_at)
        await until(lambda: more(back + FLOW // 2), seconds=30, what="nothing is acknowledged any more")

    task = asyncio.create_task(striking())
    try:
        yield end
        await task
    finally:
        task.cancel()
        end.set()
