"""Pages of paper are handed out a little at a time, fairly between tenants, and nothing quick waits behind them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker

from infra.embedded import Servers
from infra.postgres import sql
from tenants.current import CommitteeRef, using
from tenants.outbox import later
from tenants.transactions import platform_transaction, transaction
from tests.cast import Cast
from tests.minutes.pages import TYPED, send
from tests.workers.processes import process, until
from tests.workers.rows import ask, rows_of
from workers import outbox
from workers.dispatcher import AHEAD, Dispatcher
from workers.jobs import PAPER, PAPER_JOBS

SLOTS = 2
WINDOW = AHEAD * SLOTS


@pytest_asyncio.fixture(autouse=True, loop_scope="session")
async def nothing_else_in_flight(database: Servers) -> AsyncIterator[None]:
    """What other tests have left in the suite's outbox takes no place."""
    statement = "UPDATE platform.outbox SET done_at = now() WHERE job = ANY ($1) AND done_at IS NULL"
    async with platform_transaction():
        await sql(statement, [*PAPER_JOBS])
    yield
    async with platform_transaction():
        await sql(statement, [*PAPER_JOBS])


async def leave(ref: CommitteeRef, count: int, job: str = "clean_page") -> None:
    with using(ref):
        async with transaction():
            for _ in range(count):
                await later(job, page=str(uuid4()))


async def hand_out(box: StubBroker) -> list[UUID]:
    """One round; the ids of what it put into the paper queue."""
    await Dispatcher(box, paper=SLOTS).round()
    found: list[UUID] = []
    while not box.queues[PAPER].empty():
        found += [UUID(i) for i in Message.decode(box.queues[PAPER].get_nowait()).args[1]]
    return found


async def of(ref: CommitteeRef, ids: list[UUID]) -> int:
    mine = {row["id"] for row in await rows_of(ref)}
    return len(mine & set(ids))


async def test_five_hundred_pages_of_one_committee_do_not_hold_up_another(
    cast: Cast, box: StubBroker
) -> None:
    await leave(cast.pleiku, 500)
    first = await hand_out(box)
    await leave(cast.neighbour, 1)
    assert len(first) == WINDOW
    assert await hand_out(box) == []

    await outbox.done(first[:1])
    second = await hand_out(box)

    assert len(second) == 1
    assert await of(cast.neighbour, second) == 1


async def test_whoever_has_least_in_flight_is_next(cast: Cast, box: StubBroker) -> None:
    await leave(cast.pleiku, 30)
    await leave(cast.neighbour, 30)

    first = await hand_out(box)
    assert (await of(cast.pleiku, first), await of(cast.neighbour, first)) == (2, 2)
    theirs = {row["id"] for row in await rows_of(cast.neighbour)} & set(first)
    await outbox.done([*theirs])
    second = await hand_out(box)

    assert await of(cast.neighbour, second) == 2


async def test_never_more_are_sent_than_can_be_worked_on_soon(cast: Cast, box: StubBroker) -> None:
    await leave(cast.pleiku, 40)
    sent: list[UUID] = []
    for _ in range(10):
        ids = await hand_out(box)
        sent += ids
        assert len(sent) <= WINDOW
        await outbox.done(sent[:3])
        sent = sent[3:]


async def test_what_was_sent_and_never_begun_keeps_its_place(cast: Cast, box: StubBroker) -> None:
    await leave(cast.pleiku, 10)
    first = await hand_out(box)
    async with platform_transaction():
        await sql("UPDATE platform.outbox SET due_at = now() WHERE id = ANY ($1)", first)

    assert sorted(await hand_out(box)) == sorted(first)
    assert await hand_out(box) == []


async def test_what_failed_makes_room_for_others_while_it_waits(cast: Cast, box: StubBroker) -> None:
    await leave(cast.pleiku, WINDOW)
    first = await hand_out(box)
    await leave(cast.neighbour, 1)
    await outbox.begin(first, 30)
    await outbox.failed(first[:1], "ChildDied")

    assert await of(cast.neighbour, await hand_out(box)) == 1


async def test_a_document_that_is_begun_is_ended_first(cast: Cast, box: StubBroker) -> None:
    await leave(cast.pleiku, 20)
    await leave(cast.pleiku, 2, "read_page")
    await leave(cast.pleiku, 1, "assemble_minutes")

    ids = await hand_out(box)

    jobs = [row["job"] for row in await rows_of(cast.pleiku) if row["id"] in ids]
    assert sorted(jobs) == ["assemble_minutes", "clean_page", "read_page", "read_page"]


async def test_two_dispatchers_at_once_keep_to_the_same_measure(cast: Cast, box: StubBroker) -> None:
    await leave(cast.pleiku, 40)

    found = await asyncio.gather(*(hand_out(box) for _ in range(5)))

    assert sum(map(len, found)) == WINDOW


async def test_what_is_quick_overtakes_paper_in_one_worker(
    cast: Cast, broker: RedisBroker, database: Servers, logs: Path
) -> None:
    await send(cast, TYPED, TYPED, TYPED)
    dispatcher = Dispatcher(broker, paper=1)

    async def begun() -> bool:
        await dispatcher.round()
        return any(row["attempts"] for row in await rows_of(cast.pleiku) if row["job"] == "clean_page")

    async def figures_done() -> bool:
        await dispatcher.round()
        return all(row["done_at"] for row in await rows_of(cast.pleiku) if row["job"] == "recompute_rollup")

    async with process(database, logs, "worker", "--threads", "1", "--paper", "1"):
        await until(begun, seconds=20)
        await ask(cast.pleiku)
        await until(figures_done, seconds=20)

    rows = await rows_of(cast.pleiku)
    assert not all(row["done_at"] for row in rows if row["job"] == "clean_page")


async def test_the_hold_on_a_long_job_is_kept_up_and_lapses_with_its_worker(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from workers import actors
    from workers.jobs import JOBS

    dues = []

    async def long(page: str) -> None:
        for _ in range(4):
            await asyncio.sleep(0.05)
            dues.append((await rows_of(cast.pleiku))[0]["due_at"])

    monkeypatch.setitem(JOBS, "clean_page", replace(JOBS["clean_page"], run=long))
    monkeypatch.setattr(actors, "HOLD_SECONDS", 0.12)
    await leave(cast.pleiku, 1)
    ids = [str(row["id"]) for row in await rows_of(cast.pleiku)]

    await asyncio.gather(actors.run("clean_page", ids), actors.run("clean_page", ids))

    row = (await rows_of(cast.pleiku))[0]
    assert dues[0] < dues[-1]
    assert len(dues) == 4
    assert (row["attempts"], row["done_at"] is not None) == (1, True)
