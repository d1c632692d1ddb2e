"""kill -9 in the middle of a roll call: what was acknowledged is there once, what was not arrives, the figures agree.

Six phones mark a cell of 64 while a victim is killed twice: during the roll, and again while it is closed and
changed afterwards, when each mark leaves work behind for dispatcher, queue and worker. KILL_SEED chooses other moments.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from infra.embedded import Servers
from infra.postgres import sql
from tenants.transactions import platform_transaction
from tests.kill.books import assert_all_slots_are_free, compare, faults, settle_the_books
from tests.kill.evening import Evening, Strike, an_evening, close_and_change, take_the_roll
from tests.kill.house import House, delete
from tests.kill.phone import NO_ANSWER
from tests.kill.room import a_room
from tests.pooler.bouncer import EVERYTHING


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


async def kill_pooler(evening: Evening) -> None:
    await evening.house.kill("pooler")
    await evening.answered(503)
    await evening.house.restart("pooler")


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
} | ({"pooler": (kill_pooler, {503})} if EVERYTHING else {})


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
