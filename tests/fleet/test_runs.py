"""A run is gone through item by item: in steps, with what failed told and tried again, paused, gone on with."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from server.fleet.kinds import CRASHED, FAILED, STORE_AWAY, TOO_SLOW
from server.minutes.keeping import StoreAway
from server.words import Refused, say
from tenants import run_work, runs
from tenants.outbox import Hopeless
from tenants.runs import Item, Work
from tenants.transactions import platform_transaction
from tests.fleet.conftest import Kinds
from tests.fleet.running import go_through, items_of, make_items_due, run_of, start
from workers.runs import work_runs

pytestmark = pytest.mark.usefixtures("lanes")


async def test_items_are_done_in_their_order_and_what_they_give_is_kept(kinds: Kinds) -> None:
    seen = []

    async def perform(work: Work) -> dict[str, object]:
        seen.append((work.subject, work.arguments, work.run_arguments, work.by_name))
        return {"length": len(work.subject)}

    kinds({"at_once": 1}, count=perform)
    run = await start("count", [Item("Ia Grai", {"n": 1}), Item("Chư Sê", {"n": 2})], arguments={"all": True})

    done = await go_through(run)

    assert seen == [
        ("Ia Grai", {"n": 1}, {"all": True}, "Quản trị tỉnh"),
        ("Chư Sê", {"n": 2}, {"all": True}, "Quản trị tỉnh"),
    ]
    assert (done["state"], done["items"], done["done"], done["failed"]) == ("done", 2, 2, 0)
    assert done["started_at"] <= done["ended_at"]
    assert [row["result"] for row in await items_of(run)] == ['{"length": 7}', '{"length": 6}']


async def test_a_later_step_waits_for_all_of_the_earlier_and_a_step_may_plan_the_next(kinds: Kinds) -> None:
    seen: list[tuple[int, str]] = []

    async def perform(work: Work) -> None:
        seen.append((work.step, work.subject))
        if work.step == 1:
            async with platform_transaction():
                # As if it had been killed after planning, and run again.
                assert (
                    await runs.add_items(work.run, [Item(f"{work.subject}-{n}", step=3) for n in (1, 2)]) == 2
                )
                assert (
                    await runs.add_items(work.run, [Item(f"{work.subject}-{n}", step=3) for n in (1, 2)]) == 0
                )

    kinds(plan=perform)
    run = await start("plan", [Item("giữa", step=2), "a", "b"])

    done = await go_through(run)

    assert (done["state"], done["items"], done["done"]) == ("done", 7, 7)
    assert [step for step, _ in seen] == [1, 1, 2, 3, 3, 3, 3]
    assert len(set(seen)) == 7


async def test_what_fails_is_tried_again_and_then_told(kinds: Kinds) -> None:
    tries = 0

    async def perform(work: Work) -> None:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError

    kinds(fails=perform)
    run = await start("fails", ["a"])

    await work_runs()
    first = (await items_of(run))[0]
    assert (first["state"], first["attempts"], first["error"]) == ("waiting", 1, FAILED)
    await work_runs()
    assert tries == 1, "it is not due yet"

    done = await go_through(run)

    assert tries == 3
    assert (done["state"], done["failed"]) == ("failed", 1)
    assert (await items_of(run))[0]["state"] == "failed"


@pytest.mark.parametrize("error", [Refused(name=say("Tên đã có.")), Hopeless("Tên đã có.")])
async def test_what_is_refused_fails_at_once_with_its_reason(kinds: Kinds, error: Exception) -> None:
    async def perform(work: Work) -> None:
        raise error

    kinds(refuses=perform)
    run = await start("refuses", ["a"])

    await work_runs()

    item = (await items_of(run))[0]
    assert (item["state"], item["error"], item["attempts"]) == ("failed", "Tên đã có.", 1)


async def test_what_takes_too_long_is_ended(kinds: Kinds) -> None:
    async def perform(work: Work) -> None:
        await asyncio.sleep(60)

    kinds({"seconds": 0.1, "attempts": 1}, sleeps=perform)
    run = await start("sleeps", ["a"])

    await work_runs()

    assert (await items_of(run))[0]["error"] == TOO_SLOW


async def test_a_store_that_is_away_costs_no_attempt(kinds: Kinds) -> None:
    async def perform(work: Work) -> None:
        raise StoreAway

    kinds(stores=perform)
    run = await start("stores", ["a"])

    for _ in range(5):
        await work_runs()
        await make_items_due(run)

    item = (await items_of(run))[0]
    assert (item["state"], item["attempts"], item["error"]) == ("waiting", 0, STORE_AWAY)


async def test_an_item_that_kills_its_worker_again_and_again_is_given_up(kinds: Kinds) -> None:
    begun = 0

    async def perform(work: Work) -> None:
        nonlocal begun
        begun += 1

    kinds({"attempts": 2}, kills=perform)
    run = await start("kills", ["a"])
    for _ in range(2):
        async with platform_transaction():
            assert await run_work.claim({"kills": 2}, urgent=False, at_once=2) is not None
        await make_items_due(run)

    done = await go_through(run)

    assert begun == 0
    assert done["state"] == "failed"
    assert (await items_of(run))[0]["error"] == CRASHED


async def test_a_run_stops_when_too_many_fail_and_goes_on_with_what_is_mended(kinds: Kinds) -> None:
    broken, seen = {"b", "d"}, []

    async def perform(work: Work) -> None:
        seen.append(work.subject)
        if work.subject in broken:
            raise Refused(name=say("Tên đã có."))

    kinds({"at_once": 1}, checks=perform)
    run = await start("checks", [*"abcde", Item("sau cùng", step=2)], stop_after=2)

    stopped = await go_through(run)
    assert (stopped["state"], stopped["done"], stopped["failed"]) == ("failed", 2, 2)
    assert "e" not in seen

    broken.clear()
    async with platform_transaction():
        assert await runs.retry(run) == 2
    done = await go_through(run)

    assert (done["state"], done["done"], done["failed"]) == ("done", 6, 0)
    assert seen[-1] == "sau cùng"


async def test_fewer_failures_do_not_hold_up_their_own_step_but_the_next(kinds: Kinds) -> None:
    async def perform(work: Work) -> None:
        if work.subject == "b":
            raise Refused(name=say("Tên đã có."))

    kinds(checks=perform)
    run = await start("checks", [*"abcd", Item("sau", step=2)], stop_after=10)

    failed = await go_through(run)
    assert (failed["state"], failed["done"], failed["failed"]) == ("failed", 3, 1)

    async with platform_transaction():
        assert await runs.leave_out(run) == 1
    done = await go_through(run)

    assert (done["state"], done["done"], done["failed"]) == ("done", 4, 0)
    assert {row["subject"]: row["state"] for row in await items_of(run)}["b"] == "skipped"


async def test_a_paused_run_begins_nothing_and_ends_what_is_under_way(kinds: Kinds) -> None:
    async def perform(work: Work) -> None:
        async with platform_transaction():
            await runs.pause(work.run)

    kinds({"at_once": 1}, pauses=perform)
    run = await start("pauses", [*"ab"])

    await work_runs()
    await work_runs()

    assert (await run_of(run))["state"] == "paused"
    assert [row["state"] for row in await items_of(run)] == ["done", "waiting"]
    for expected in ("paused", "done"):
        async with platform_transaction():
            assert await runs.resume(run)
            assert not await runs.resume(run)
        # The last item pauses the run once more: a paused run is never ended behind its back.
        await make_items_due(run)
        await work_runs()
        assert (await run_of(run))["state"] == expected


async def test_a_stopped_run_skips_what_waits_and_stays_stopped(kinds: Kinds) -> None:
    async def perform(work: Work) -> None:
        async with platform_transaction():
            await runs.stop(work.run)

    kinds({"at_once": 1}, stops=perform)
    run = await start("stops", [*"abc"])

    await work_runs()

    assert (await run_of(run))["state"] == "stopped"
    assert [row["state"] for row in await items_of(run)] == ["done", "skipped", "skipped"]
    async with platform_transaction():
        assert not await runs.stop(run)
        assert not await runs.resume(run)
        assert await runs.retry(run) == 0


async def test_the_end_of_a_run_is_told_and_told_again_where_it_was_not_heard(kinds: Kinds) -> None:
    told: list[UUID] = []

    async def perform(work: Work) -> None:
        return None

    async def finished(run: UUID) -> None:
        told.append(run)
        if len(told) == 1:
            raise ZeroDivisionError

    kinds({"finished": finished}, ends=perform)
    run = await start("ends", ["a"])

    with pytest.raises(ZeroDivisionError):
        await work_runs()
    assert (await run_of(run))["state"] == "open"
    await work_runs()
    assert told == [run], "it has just been tried"

    assert (await go_through(run))["state"] == "done"
    assert told == [run, run]


async def test_a_run_with_nothing_to_do_is_done(kinds: Kinds) -> None:
    async def perform(work: Work) -> None:
        raise AssertionError(work)

    kinds(nothing=perform)

    assert (await go_through(await start("nothing", [])))["state"] == "done"
