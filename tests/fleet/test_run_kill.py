"""A worker is killed in the middle of an item: another goes on with it, with no person's help."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dramatiq import Message
from dramatiq.brokers.stub import StubBroker

from infra.embedded import Servers
from infra.postgres import sql
from tenants.run_work import HOLD_SECONDS
from tenants.runs import JOB, Work
from tenants.transactions import platform_transaction
from tests.fleet.conftest import Kinds
from tests.fleet.running import items_of, make_items_due, run_of, start, until_held
from workers import dispatcher
from workers.actors import run as act
from workers.dispatcher import Dispatcher
from workers.jobs import QUEUES
from workers.runs import work_runs

pytestmark = pytest.mark.usefixtures("lanes")
ROOT = Path(__file__).parents[2]


@contextmanager
def slow_worker(servers: Servers) -> Iterator[subprocess.Popen[bytes]]:
    """A process that begins an item and never ends it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fleet.slow_worker"], cwd=ROOT, env=os.environ | servers.environment()
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_what_a_killed_worker_held_is_done_by_another_when_its_hold_is_over(
    database: Servers, kinds: Kinds
) -> None:
    done = []

    async def perform(work: Work) -> None:
        done.append((work.subject, work.attempt))

    kinds(slow=perform)
    run = await start("slow", ["a", "b"])
    with slow_worker(database) as process:
        await until_held(run)
        process.send_signal(signal.SIGKILL)
        process.wait()

    await work_runs()
    assert done == [("b", 1)], "nobody knows yet that it was killed"
    async with platform_transaction(read_only=True):
        left = await sql(
            "SELECT extract(epoch FROM held_until - now()) AS s FROM platform.run_item WHERE run = $1 AND no = 1",
            run,
        )
    assert 0 < left[0]["s"] <= HOLD_SECONDS

    await make_items_due(run)
    await work_runs()

    assert done == [("b", 1), ("a", 2)]
    assert (await run_of(run))["state"] == "done"


async def test_with_the_message_lost_and_the_worker_killed_the_dispatcher_goes_on_by_itself(
    database: Servers, kinds: Kinds
) -> None:
    box = StubBroker(middleware=[])
    for name in QUEUES:
        box.declare_queue(name)
    seen = []

    async def perform(work: Work) -> None:
        seen.append(work.subject)

    kinds(slow=perform)
    run = await start("slow", ["a", "b", "c"])
    with slow_worker(database) as process:
        await until_held(run)
        process.send_signal(signal.SIGKILL)
        process.wait()
    async with platform_transaction():
        await sql("UPDATE platform.outbox SET done_at = now() WHERE job = $1", JOB)
    await make_items_due(run)

    # What a dispatcher does all day: a tick, a round; and what a worker does with what it was sent.
    sending = Dispatcher(box)
    await sending._try_round()
    while await sending.round():
        pass
    for name in QUEUES:
        while not box.queues[name].empty():
            message: Message[Any] = Message.decode(box.queues[name].get_nowait())
            if message.args[0] == JOB:
                await act(*message.args)
    box.close()

    assert sorted(seen) == ["a", "b", "c"]
    assert (await run_of(run))["state"] == "done"
    assert {row["attempts"] for row in await items_of(run)} == {1, 2}
    # Both together are less than a minute: the hold of the killed, and the next tick.
    assert HOLD_SECONDS + dispatcher.TICK_SECONDS < 60
