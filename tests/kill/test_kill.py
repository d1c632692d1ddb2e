"""kill -9 in the middle of a roll call: what was acknowledged is there once, what was not arrives, the figures agree.

Six phones mark a cell of 64 while a victim is killed twice: during the roll, and again while it is closed and
changed afterwards, when each mark leaves work behind for dispatcher, queue and worker. KILL_SEED chooses other moments.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest

from infra.embedded import Servers
from infra.postgres import sql
from server.rollups.verify import verify
from tenants.current import using
from tenants.transactions import platform_transaction, transaction
from tests.kill.house import House, delete
from tests.kill.phone import NO_ANSWER, Ledger, Phone
from tests.kill.room import Room, a_room
from tests.workers.processes import until
from tests.workers.rows import all_done, figures, make_due, rows_of

SEED = int(os.environ.get("KILL_SEED", "1"))
# A phone of an honest product waits ten seconds for an answer; where everything hangs, ours give up earlier.
PATIENCE, LITTLE_PATIENCE = 10.0, 1.0
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

        await until(more, seconds=30, what=f"no phone was ever answered {status}")

    def _count(self, status: int) -> int:
        return sum(phone.answers[status] for phone in self.phones)

    async def sent(self) -> None:
        """Wait until no phone holds anything."""
        await until(self._nothing_queued, seconds=30, what="a phone still holds marks")

    async def _nothing_queued(self) -> bool:
        return not any(phone.queue for phone in self.phones)


async def kill_web(evening: Evening) -> None:
    # First the secretary's process, then the other.
    victim = ("web-1", "web-2")[evening.strikes % 2]
    await evening.house.kill(victim)
    await evening.answered(NO_ANSWER)
    await evening.house.restart(victim)


async def kill_worker(evening: Evening) -> None:
    await evening.house.kill("worker")
    await evening.house.restart("worker")


async def kill_dispatcher(evening: Evening) -> None:
    await evening.house.kill("dispatcher")
    await evening.house.restart("dispatcher")


async def kill_queue(evening: Evening) -> None:
    await evening.house.kill("queue")
    await asyncio.sleep(evening.dice.uniform(0.2, 1))
    await evening.house.restart("queue")


async def kill_and_wipe_queue(evening: Evening) -> None:
    data = evening.house.queue_data()
    await evening.house.kill("queue")
    await delete(data)
    await evening.house.restart("queue")


async def kill_database(evening: Evening) -> None:
    await evening.house.kill("database")
    await evening.answered(503)
    await evening.house.restart("database")


async def stop_database(evening: Evening) -> None:
    await evening.house.stop_the_clock(3)


async def delete_sessions(evening: Evening) -> None:
    accounts = [phone.marker.account for phone in evening.phones[::2]]
    async with platform_transaction():
        await sql("DELETE FROM platform.session WHERE account = ANY($1)", accounts)
    await evening.answered(401)


# Who is struck, and what phones may hear meanwhile besides 200. A queue that is down is nothing to them.
VICTIMS: dict[str, tuple[Strike, set[int]]] = {
    "web": (kill_web, {NO_ANSWER}),
    "worker": (kill_worker, set()),
    "dispatcher": (kill_dispatcher, set()),
    "queue": (kill_queue, set()),
    "queue_and_its_data": (kill_and_wipe_queue, set()),
    "database": (kill_database, {503}),
    "stopped_database": (stop_database, {NO_ANSWER}),
    "session": (delete_sessions, {401}),
}


@pytest.mark.parametrize("victim", VICTIMS)
async def test_nothing_acknowledged_is_lost_and_everything_arrives_when_this_is_killed(
    house: House, database: Servers, tmp_path: Path, capsys: pytest.CaptureFixture[str], victim: str
) -> None:
    strike, troubles = VICTIMS[victim]
    room = await a_room(database.owner_url)
    before = dict(house.running)
    async with an_evening(house, room, tmp_path, victim) as evening:
        await take_the_roll(evening, strike)
        await close_and_change(evening, strike)
        late = await settle_the_books(evening)

        facts = await compare(evening)
        with capsys.disabled():
            print(f"\n  killed {victim}: {facts}, figures {late:.1f} s after the last mark", end=" ")
    heard = Counter[int]()
    for phone in evening.phones:
        heard += phone.answers
    assert set(heard) - {200, 303} == troubles
    assert all(message for phone in evening.phones for message in phone.messages)
    assert all(one.alive for one in house.running.values())
    assert all(one is before[name] for name, one in house.running.items() if not name.startswith(victim))
    await assert_all_slots_are_free(evening)
    assert faults(house) == []


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


async def settle_the_books(evening: Evening) -> float:
    """Wait until the outbox is empty; seconds it took. What a queue forgot is sent again after half a minute, which
    is not waited for."""
    ref, began = evening.room.ref, time.perf_counter()
    while not await all_done(ref):
        if time.perf_counter() - began > 3:
            await make_due(ref)
            await asyncio.sleep(0.5)
        assert time.perf_counter() - began < 30, await rows_of(ref)
        await asyncio.sleep(0.05)
    return time.perf_counter() - began


async def compare(evening: Evening) -> str:
    """Ledger, phones, marks, roll and figures against each other; the facts in words."""
    room, promised = evening.room, evening.ledger.ids()
    with using(room.ref):
        async with transaction(read_only=True):
            rows = await sql("SELECT id::text, device::text, seq FROM mark WHERE meeting = $1", room.meeting)
            state = (await sql("SELECT state FROM meeting WHERE id = $1", room.meeting))[0]["state"]
    there = Counter(row["id"] for row in rows)
    devices = {phone.device for phone in evening.phones}
    taps = Counter((row["device"], row["seq"]) for row in rows if row["device"] in devices)
    made = {i for phone in evening.phones for i in phone.made}
    lost, dup = len(promised - set(there)), sum(n - 1 for n in (*there.values(), *taps.values()))
    assert (lost, dup) == (0, 0)
    assert made == promised
    assert len(taps) == len(made)
    assert [phone.refused for phone in evening.phones] == [[]] * len(evening.phones)
    assert state == "held"
    assert await elsewhere(room) == 0
    await compare_screens(evening)
    assert await verify(room.ref) == (1, [])
    assert (await figures(room.ref.id))["rolls_closed"] == 1  # type: ignore[index]
    assert not [row for row in await rows_of(room.ref) if row["dead_at"]]
    unheard = sum(phone.answers_lost for phone in evening.phones)
    return (
        f"{len(made)} marks, {unheard} answers lost on the way, lost={lost} dup={dup}, "
        f"whole again after {max(evening.recoveries):.1f} s, longest silence {evening.ledger.longest_silence():.1f} s"
    )


async def elsewhere(room: Room) -> int:
    """Marks at the neighbour's."""
    with using(room.neighbour):
        async with transaction(read_only=True):
            return int((await sql("SELECT count(*)::int AS n FROM mark"))[0]["n"])


async def compare_screens(evening: Evening) -> None:
    """Every phone, after one look, shows what the database has."""
    with using(evening.room.ref):
        async with transaction(read_only=True):
            rows = await sql(
                "SELECT no, state, heads FROM roll_entry WHERE meeting = $1", evening.room.meeting
            )
    kept = {row["no"]: (row["state"], [str(head) for head in row["heads"]]) for row in rows}
    for phone in evening.phones:
        await phone.look()
        assert {no: (e["state"], e["heads"]) for no, e in phone.entries.items()} == kept


async def assert_all_slots_are_free(evening: Evening) -> None:
    """Each web process still serves more at once than its pool has connections, and no transaction is left open."""
    phone = evening.secretary
    for port in evening.house.ports.values():
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=15, trust_env=False
        ) as client:
            ready = await asyncio.gather(
                *(client.get(phone.changes, headers=phone.headers) for _ in range(30))
            )
        assert {answer.status_code for answer in ready} == {200}

    async def none_open() -> bool:
        async with platform_transaction(read_only=True):
            rows: list[Any] = await sql(
                """SELECT pid FROM pg_stat_activity WHERE usename = session_user AND pid <> pg_backend_pid()
                AND xact_start < now() - interval '1 second'"""
            )
        return not rows

    await until(none_open, seconds=10, what="a transaction is left open")


def faults(house: House) -> list[str]:
    """What the web processes call errors of their own: a server that is away is none."""
    lines = [line for log in house.web_logs() for line in log.read_text("utf-8").splitlines()]
    return [line for line in lines if json.loads(line)["level"] in ("error", "critical")]
