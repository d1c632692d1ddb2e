"""The dispatcher is fair, sends equal work once, and shares with others."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from dramatiq import Message
from dramatiq.brokers.stub import StubBroker

from infra.postgres import sql
from server import clock
from tenants.transactions import platform_transaction
from tests.cast import Cast
from tests.workers.rows import MONTH, ask, rows_of
from workers import dispatcher
from workers.dispatcher import Dispatcher
from workers.jobs import QUEUES


def sent(box: StubBroker) -> list[tuple[str, str, list[str]]]:
    """(queue, job, ids) of each message."""
    messages: list[Message[Any]] = []
    for name in QUEUES:
        while not box.queues[name].empty():
            messages.append(Message.decode(box.queues[name].get_nowait()))
    return [(m.queue_name, m.args[0], m.args[1]) for m in messages]


async def test_equal_work_of_one_committee_goes_as_one_message_with_all_ids(
    cast: Cast, box: StubBroker
) -> None:
    for _ in range(3):
        await ask(cast.pleiku)
    await ask(cast.pleiku, month=clock.month_after(MONTH, -1).isoformat())
    await ask(cast.neighbour)

    await Dispatcher(box).round()

    mine = {str(row["id"]) for row in await rows_of(cast.pleiku)}
    messages = [(queue, job, len(ids)) for queue, job, ids in sent(box) if mine & set(ids)]
    assert sorted(messages) == [
        ("interactive", "recompute_rollup", 1),
        ("interactive", "recompute_rollup", 3),
    ]
    assert await Dispatcher(box).round() == 0


async def test_a_committee_with_much_work_does_not_keep_the_others_waiting(
    cast: Cast, box: StubBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await Dispatcher(box).round()
    for index in range(30):
        await ask(cast.pleiku, month=clock.month_after(MONTH, -index).isoformat())
    await ask(cast.neighbour)
    monkeypatch.setattr(dispatcher, "PER_TENANT", 10)
    monkeypatch.setattr(dispatcher, "PER_ROUND", 6)

    counts = [await Dispatcher(box).round() for _ in range(6)]

    assert counts == [6, 6, 6, 6, 6, 1]
    neighbour = (await rows_of(cast.neighbour))[0]
    earlier = [r for r in await rows_of(cast.pleiku) if r["sent_at"] <= neighbour["sent_at"]]
    assert len(earlier) == 5


async def test_two_dispatchers_at_once_send_each_row_once(cast: Cast, box: StubBroker) -> None:
    for index in range(40):
        await ask(cast.pleiku, month=clock.month_after(MONTH, -index).isoformat())
    sent(box)

    await asyncio.gather(*(Dispatcher(box).round() for _ in range(4)))

    mine = {str(row["id"]) for row in await rows_of(cast.pleiku)}
    ids = [i for _, _, some in sent(box) for i in some if i in mine]
    assert sorted(ids) == sorted(mine)


async def test_what_is_due_tomorrow_is_not_sent_today(cast: Cast, box: StubBroker) -> None:
    await ask(cast.pleiku)
    async with platform_transaction():
        await sql(
            "UPDATE platform.outbox SET due_at = now() + interval '1 day' WHERE schema_name = $1",
            cast.pleiku.schema_name,
        )

    await Dispatcher(box).round()

    assert (await rows_of(cast.pleiku))[0]["sent_at"] is None


async def test_a_row_that_nobody_begins_is_sent_again_later_and_later(cast: Cast, box: StubBroker) -> None:
    await ask(cast.pleiku)
    await Dispatcher(box).round()
    first = (await rows_of(cast.pleiku))[0]
    async with platform_transaction():
        await sql(
            "UPDATE platform.outbox SET created_at = now() - interval '10 minutes', due_at = now() WHERE id = $1",
            first["id"],
        )

    await Dispatcher(box).round()

    second = (await rows_of(cast.pleiku))[0]
    assert 29 < (first["due_at"] - first["sent_at"]).total_seconds() < 31
    assert 290 < (second["due_at"] - second["sent_at"]).total_seconds() < 310
    assert second["attempts"] == 0
