"""One worker process for the room, and rows of the outbox to look at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.stub import StubBroker

from infra.embedded import Servers
from infra.queue import make_broker
from server import clock
from tests.workers.processes import Process, process
from tests.workers.rows import end_left_over
from workers import timetable
from workers.jobs import QUEUES


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where processes write."""
    return tmp_path_factory.mktemp("processes")


@pytest_asyncio.fixture(autouse=True, scope="module", loop_scope="session")
async def nothing_waits(database: Servers) -> None:
    """A worker that starts here finds no work of other tests, nor what the clock asks of all their committees."""
    await timetable.tick(clock.now())
    await end_left_over()


# Not for longer than one test: where a worker is killed, another one that still lives would do its job.
@pytest_asyncio.fixture(loop_scope="session")
async def worker(database: Servers, logs: Path) -> AsyncIterator[Process]:
    """A running worker."""
    async with process(database, logs, "worker") as running:
        yield running


@pytest.fixture
def broker(database: Servers) -> RedisBroker:
    """The real queue, for a dispatcher inside the test."""
    return make_broker(database.queue_url, QUEUES)


@pytest.fixture
def box() -> Iterator[StubBroker]:
    """A queue in memory: what was sent can be looked into."""
    stub = StubBroker(middleware=[])
    for name in QUEUES:
        stub.declare_queue(name)
    yield stub
    stub.close()
