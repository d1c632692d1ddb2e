"""Workers beside each other: nothing twice at once, one item of a committee, turns between runs, people first."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

import pytest

from infra.postgres import one, sql
from tenants import run_work, runs
from tenants.runs import Item, Work
from tenants.transactions import platform_transaction
from tests.fleet.conftest import Kinds
from tests.fleet.running import go_through, items_of, make_items_due, run_of, start
from workers import runs as worker
from workers.runs import wake, work_runs, work_urgent_runs

pytestmark = pytest.mark.usefixtures("lanes")


async def test_many_workers_at_once_do_every_item_once(kinds: Kinds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "AT_ONCE", 6)
    done: Counter[str] = Counter()
    at_it: set[str] = set()
    most = 0

    async def perform(work: Work) -> None:
        nonlocal most
        assert work.subject not in at_it
        at_it.add(work.subject)
        most = max(most, len(at_it))
        await asyncio.sleep(0.05)
        done[work.subject] += 1
        at_it.discard(work.subject)

    kinds({"at_once": 4}, each=perform)
    run = await start("each", [str(n) for n in range(60)])

    await asyncio.gather(*(work_runs() for _ in range(8)))

    assert (await run_of(run))["state"] == "done"
    assert set(done.values()) == {1}
    assert len(done) == 60
    assert most == 4, "as many at once as the kind allows, and no more"


async def test_nobody_is_at_a_committee_twice_in_whichever_run(kinds: Kinds) -> None:
    committee, other = uuid4(), uuid4()
    at_it: list[object] = []

    async def perform(work: Work) -> None:
        assert work.committee not in at_it
        at_it.append(work.committee)
        await asyncio.sleep(0.01)
        at_it.remove(work.committee)

    kinds(moves=perform, exports=perform)
    first = await start("moves", [Item(str(n), committee=committee) for n in range(5)])
    second = await start(
        "exports", [Item(str(n), committee=one) for n, one in enumerate((committee, other) * 3)], priority=1
    )

    for _ in range(8):
        await asyncio.gather(work_runs(), work_runs(), work_urgent_runs(), work_urgent_runs())

    assert {(await run_of(run))["state"] for run in (first, second)} == {"done"}


async def test_runs_of_one_priority_take_turns_and_a_higher_one_goes_first(kinds: Kinds) -> None:
    seen: list[str] = []

    async def perform(work: Work) -> None:
        seen.append(work.subject[0])

    kinds({"at_once": 1}, turns=perform)
    await start("turns", [f"A{n}" for n in range(6)])
    await start("turns", [f"B{n}" for n in range(3)])
    await start("turns", [f"Z{n}" for n in range(3)], priority=9)

    await work_runs()

    assert "".join(seen) == "ABABABAAAZZZ"


async def test_whoever_waits_at_a_screen_never_waits_behind_the_clock(kinds: Kinds) -> None:
    never, both, seen = asyncio.Event(), asyncio.Event(), []

    async def perform(work: Work) -> None:
        seen.append(work.subject)
        if len(seen) == 2:
            both.set()
        if work.subject.startswith("đêm"):
            await never.wait()

    kinds({"at_once": 2}, same=perform)
    bulk = await start("same", [f"đêm {n}" for n in range(5)], priority=9)
    working = [asyncio.create_task(work_runs()) for _ in range(3)]
    await asyncio.wait_for(both.wait(), 10)
    waited_for = await start("same", ["người chờ"], priority=1)

    await asyncio.wait_for(work_urgent_runs(), 5)

    assert (await run_of(waited_for))["state"] == "done"
    assert (await run_of(bulk))["done"] == 0
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)


async def test_a_worker_with_more_to_do_calls_the_next_and_an_idle_tick_calls_nobody(kinds: Kinds) -> None:
    async def perform(work: Work) -> None:
        return None

    kinds(calls=perform)
    run = await start("calls", [*"abc"])
    await _begin_called()

    async with platform_transaction():
        assert await run_work.claim({"calls": 2}, urgent=False, at_once=2) is not None
    assert await _called() == 1, "there is a second place"
    await _begin_called()
    async with platform_transaction():
        assert await run_work.claim({"calls": 2}, urgent=False, at_once=2) is not None
        assert await run_work.claim({"calls": 2}, urgent=False, at_once=2) is None
    await wake()
    assert await _called() == 0, "every place is taken"

    await make_items_due(run)
    await wake()
    await wake()
    assert await _called() == 1, "their holds are over"
    await go_through(run)
    await _begin_called()
    await wake()
    assert await _called() == 0


async def test_what_is_tried_again_later_is_found_by_the_tick(kinds: Kinds) -> None:
    async def perform(work: Work) -> None:
        if work.attempt == 1:
            raise ZeroDivisionError

    kinds(again=perform)
    run = await start("again", ["a"])
    await work_runs()
    await _begin_called()
    await wake()
    assert await _called() == 0, "not due yet"

    await make_items_due(run)
    await wake()

    assert await _called() == 1


async def test_a_stalled_worker_that_comes_back_changes_nothing(kinds: Kinds) -> None:
    async def perform(work: Work) -> dict[str, object]:
        return {"by": "second"}

    kinds(stalls=perform)
    run = await start("stalls", ["a"])
    async with platform_transaction():
        stalled = await run_work.claim({"stalls": 2}, urgent=False, at_once=2)
    assert stalled is not None
    await make_items_due(run)

    await work_runs()

    for late in (
        lambda: run_work.finish(stalled, {"by": "first"}),
        lambda: run_work.fail(stalled, "failed"),
        lambda: run_work.hold(stalled),
    ):
        async with platform_transaction():
            with pytest.raises(run_work.Lost):
                await late()
    assert (await run_of(run))["done"] == 1
    assert (await items_of(run))[0]["result"] == '{"by": "second"}'


async def test_whoever_has_lost_an_item_stops_working_on_it(
    kinds: Kinds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "HOLD_SECONDS", 0.06)
    ended = asyncio.Event()

    async def perform(work: Work) -> None:
        if work.attempt > 1:
            return
        await make_items_due(work.run)
        async with platform_transaction():
            assert await run_work.claim({"loses": 2}, urgent=False, at_once=2) is not None
        try:
            await asyncio.sleep(30)
        finally:
            ended.set()

    kinds(loses=perform)
    run = await start("loses", ["a"])

    await asyncio.wait_for(work_runs(), 10)

    assert ended.is_set()
    item = (await items_of(run))[0]
    assert (item["state"], item["attempts"], item["held"]) == ("waiting", 2, True)


async def _called() -> int:
    async with platform_transaction(read_only=True):
        row = await one(
            """SELECT count(*)::int AS n FROM platform.outbox
            WHERE job = $1 AND done_at IS NULL AND attempts = 0""",
            runs.JOB,
        )
    assert row is not None
    return int(row["n"])


async def _begin_called() -> None:
    """As if workers had come: what was called for is begun."""
    async with platform_transaction():
        await sql(
            "UPDATE platform.outbox SET attempts = 1, done_at = now() WHERE job = $1 AND done_at IS NULL",
            runs.JOB,
        )
