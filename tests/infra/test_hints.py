"""Two web processes hear of each other's changes, and a dead queue troubles nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter

from infra.embedded import Embedded, Servers
from infra.hints import Hints
from tests.workers.processes import until


@asynccontextmanager
async def two(servers: Servers) -> AsyncIterator[tuple[Hints, Hints]]:
    """Two processes' hints, already listening."""
    here, there = Hints(servers.queue_url), Hints(servers.queue_url)
    await here.start()
    await there.start()
    async with there.subscribe("listening") as hint:
        while not await hint.wait(0.05):
            here.tell("listening")
    yield here, there
    await here.stop()
    await there.stop()


async def test_a_change_wakes_this_process_at_once_and_the_other_soon(servers: Servers) -> None:
    async with (
        two(servers) as (here, there),
        here.subscribe("roll 1") as own,
        there.subscribe("roll 1") as other,
    ):
        await asyncio.sleep(0.15)
        other.clear()
        began = perf_counter()
        here.tell("roll 1")

        assert await own.wait(0)
        assert await other.wait(1)
        assert perf_counter() - began < 0.5


async def test_other_topics_and_cleared_hints_stay_quiet(servers: Servers) -> None:
    async with (
        two(servers) as (here, there),
        there.subscribe("roll 1") as one,
        there.subscribe("roll 2") as two_,
    ):
        one.clear()
        two_.clear()
        here.tell("roll 1")

        assert await one.wait(1)
        one.clear()
        assert not await one.wait(0.2)
        assert not await two_.wait(0)


async def test_a_storm_of_changes_goes_out_in_few_messages(servers: Servers) -> None:
    async with two(servers) as (here, _):
        sent = 0
        publish = here._client.publish

        async def counted(*args: object) -> object:
            nonlocal sent
            sent += 1
            return await publish(*args)

        here._client.publish = counted  # type: ignore[method-assign, assignment]
        for number in range(3000):
            here.tell(f"roll {number % 1500}")
            if number % 100 == 0:
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.15)

    assert 1 <= sent <= 8


async def test_with_the_queue_dead_the_own_process_still_hears_and_the_other_looks_when_it_is_back(
    servers: Servers, embedded: Embedded
) -> None:
    async with (
        two(servers) as (here, there),
        here.subscribe("roll 1") as own,
        there.subscribe("roll 1") as other,
    ):
        other.clear()
        embedded.kill("queue")
        await asyncio.sleep(0.05)
        here.tell("roll 1")
        assert await own.wait(0)
        assert not await other.wait(0.2)

        await asyncio.to_thread(embedded.restart, "queue")

        assert await other.wait(5)


async def test_a_process_starts_and_stops_while_the_queue_is_dead(
    servers: Servers, embedded: Embedded
) -> None:
    before = asyncio.all_tasks()
    embedded.kill("queue")
    try:
        hints = Hints(servers.queue_url)
        await hints.start()
        async with hints.subscribe("roll 1") as own:
            hints.tell("roll 1")
            await asyncio.sleep(0.05)
            assert await own.wait(0)
        # One tells others and one hears them: the dead queue has ended neither.
        assert len(asyncio.all_tasks() - before) == 2

        async def noticed() -> bool:
            return hints.away > 0

        await until(noticed, what="nobody noticed that the queue is away")
        await hints.stop()
        assert asyncio.all_tasks() <= before
    finally:
        await asyncio.to_thread(embedded.restart, "queue")
