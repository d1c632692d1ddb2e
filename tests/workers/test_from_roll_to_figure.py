"""A closed roll becomes a figure of the province within seconds, whatever dies in between."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import redis
from dramatiq.brokers.redis import RedisBroker

from infra.embedded import Embedded, Servers
from infra.postgres import connect
from server.schema import committee_line
from tenants import registry
from tenants.outbox import later_on_platform
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.workers.processes import Process, process, until
from tests.workers.rows import (
    all_done,
    all_sent,
    differences,
    figures,
    make_due,
    rows_of,
    take_roll,
)
from workers.dispatcher import Dispatcher, QueueDown


async def test_the_province_sees_a_closed_roll_within_five_seconds(
    cast: Cast, worker: Process, database: Servers, logs: Path
) -> None:
    async with process(database, logs, "dispatcher"):
        await take_roll(cast)

        async def shown() -> bool:
            row = await figures(cast.pleiku.id)
            return row is not None and row["rolls_closed"] == 1

        assert await until(shown, seconds=5) < 5
        await until(lambda: all_done(cast.pleiku))
    assert (await figures(cast.pleiku.id))["absent_unexcused"] == 5  # type: ignore[index]
    neighbour = await figures(cast.neighbour.id)
    assert neighbour is None or neighbour["rolls_closed"] == 0
    assert await differences(cast.pleiku) == []


async def test_a_message_that_the_queue_forgot_is_sent_again(
    cast: Cast, broker: RedisBroker, database: Servers, logs: Path
) -> None:
    dispatcher = Dispatcher(broker)
    await take_roll(cast)
    await dispatcher.round()
    redis.Redis.from_url(database.queue_url).flushall()

    async with process(database, logs, "worker"):
        assert await dispatcher.round() == 0
        await make_due(cast.pleiku)
        await dispatcher.round()
        await until(lambda: all_done(cast.pleiku))

    assert await differences(cast.pleiku) == []


async def test_a_worker_killed_in_the_middle_of_a_job_leaves_it_to_the_next(
    cast: Cast, broker: RedisBroker, database: Servers, logs: Path
) -> None:
    dispatcher = Dispatcher(broker)
    await take_roll(cast)
    holder = await connect(database.owner_url)
    lock = "hashtextextended($1, 0)", f"rollup {cast.pleiku.id}"
    await holder.execute(f"SELECT pg_advisory_lock({lock[0]})".replace("$1", f"'{lock[1]}'"))

    async with process(database, logs, "worker") as first:
        await dispatcher.round()
        await until(lambda: _begun(cast))
        first.kill()
    await holder.close()
    assert await figures(cast.pleiku.id) is None
    assert not await all_done(cast.pleiku)

    async with process(database, logs, "worker"):
        await make_due(cast.pleiku)
        await dispatcher.round()
        await until(lambda: all_done(cast.pleiku))

    assert {row["attempts"] for row in await rows_of(cast.pleiku)} == {2}
    assert (await figures(cast.pleiku.id))["rolls_closed"] == 1  # type: ignore[index]
    assert await differences(cast.pleiku) == []


async def _begun(cast: Cast) -> bool:
    return all(row["attempts"] for row in await rows_of(cast.pleiku))


async def test_with_the_queue_down_rows_wait_and_the_loop_goes_on(
    cast: Cast, broker: RedisBroker, embedded: Embedded, database: Servers, logs: Path
) -> None:
    embedded.kill("queue")
    try:
        await take_roll(cast)
        with pytest.raises(QueueDown):
            await Dispatcher(broker).round()
        assert not any(row["sent_at"] for row in await rows_of(cast.pleiku))
        running = Dispatcher(broker)
        loop = asyncio.create_task(running.run())
        await asyncio.sleep(0.3)
    finally:
        await asyncio.to_thread(embedded.restart, "queue")

    await until(lambda: all_sent(cast.pleiku), seconds=5)
    running.stop()
    await loop
    async with process(database, logs, "worker"):
        await until(lambda: all_done(cast.pleiku))


async def test_a_new_committee_is_founded_by_a_job_and_founding_it_again_changes_nothing(
    cast: Cast, worker: Process, broker: RedisBroker
) -> None:
    async with platform_transaction():
        ref = await registry.add_committee(cast.province, kind="commune_committee", name="Ia Grai")
        await later_on_platform("found_committee", committee=str(ref.id))
        await later_on_platform("found_committee", committee=str(ref.id))

    await Dispatcher(broker).round()

    async def there() -> bool:
        return await figures(ref.id) is not None

    await until(there)
    async with platform_transaction(read_only=True):
        founded = await registry.find(ref.slug)
    assert founded is not None
    assert founded.state == "active"
    assert (await figures(ref.id))["cells"] == 0  # type: ignore[index]
    assert len(committee_line()) > 0


async def test_a_suspended_committee_keeps_its_figures(
    cast: Cast, worker: Process, broker: RedisBroker
) -> None:
    await take_roll(cast)
    async with platform_transaction():
        await registry.suspend(cast.pleiku.id, "Sáp nhập")

    await Dispatcher(broker).round()

    await until(lambda: all_done(cast.pleiku))
    kept = await figures(cast.pleiku.id)
    assert kept is not None
    assert (kept["rolls_closed"], kept["absent_unexcused"]) == (1, 5)
    assert await differences(cast.pleiku) == []
