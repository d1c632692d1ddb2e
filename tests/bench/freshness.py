"""From a closed roll to the province's figure, while many other committees are dirty; and all figures counted again."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence
from statistics import median, quantiles

from infra.postgres import one
from server import clock
from server.roll_call.actions import close_roll
from server.rollups.actions import recompute_dirty
from server.rollups.marking import mark_committees_dirty
from server.rollups.recounting import to_recount
from server.rollups.verify import verify
from tenants.current import using
from tenants.transactions import platform_transaction
from tests.bench.report import Figure
from tests.bench.town import House
from workers import outbox

OTHERS_A_SECOND, EVERY = 50, 0.1
# A figure that is not there by then is told as this: the bench goes on.
PATIENCE = 30.0


async def figures(houses: Sequence[House], probes: int) -> list[Figure]:
    """Both, one after the other, with the worker and the dispatcher that run."""
    await all_worked_off()
    shown = await freshness(houses, probes)
    await all_worked_off()
    return shown + await recounting(houses)


async def freshness(houses: Sequence[House], probes: int) -> list[Figure]:
    """``probes`` committees close their rolls, two a second, while others are marked dirty; needs a worker and a
    dispatcher that run.
    """
    closing, others = houses[:probes], houses[probes:]
    over = asyncio.Event()
    load = asyncio.create_task(_dirty(others, over))
    waits = []
    for house in closing:
        waits.append(asyncio.create_task(_until_shown(house)))
        await asyncio.sleep(0.5)
    seconds = sorted(await asyncio.gather(*waits))
    over.set()
    marked, spent = await load
    p95 = quantiles(seconds, n=20)[-1]
    return [
        Figure(f"a closed roll shows in the province (median of {probes})", median(seconds), "s"),
        Figure("the same, 95th percentile", p95, "s", most=5),
        Figure("other committees dirty meanwhile", marked / spent, "/s", least=OTHERS_A_SECOND * 0.95),
        Figure("marks left behind when the load ends", await _left(), "", note="worked off afterwards"),
    ]


async def _dirty(houses: Sequence[House], over: asyncio.Event) -> tuple[int, float]:
    """Mark others dirty until it is over: how many, in how many seconds."""
    chance, marked, begun = random.Random(5), 0, time.perf_counter()
    while not over.is_set():
        due = int((time.perf_counter() - begun + EVERY) * OTHERS_A_SECOND) - marked
        some = chance.sample(houses, min(due, len(houses)))
        async with platform_transaction():
            await mark_committees_dirty([h.ref.id for h in some], clock.today(), cause="recount")
        marked += len(some)
        await asyncio.sleep(EVERY)
    return marked, time.perf_counter() - begun


async def _until_shown(house: House) -> float:
    with using(house.ref):
        await close_roll(house.meeting, rest_absent=True, by=house.secretary)
    begun = time.perf_counter()
    while time.perf_counter() - begun < PATIENCE:
        async with platform_transaction(read_only=True):
            row = await one(
                "SELECT rolls_closed FROM platform.rollup WHERE committee = $1 AND month = $2",
                house.ref.id, clock.month_of(clock.today()),
            )  # fmt: skip
        if row is not None and row["rolls_closed"]:
            break
        await asyncio.sleep(0.05)
    return time.perf_counter() - begun


async def _left() -> int:
    async with platform_transaction(read_only=True):
        row = await one("SELECT count(DISTINCT schema_name) AS n FROM platform.rollup_dirty")
    assert row is not None
    return int(row["n"])


async def recounting(houses: Sequence[House], *, at_once: int = 4) -> list[Figure]:
    """All months of all committees counted again, and all of them proved by the other way of counting."""
    begun = time.perf_counter()
    refs, _ = await to_recount()
    queue, months = list(refs), 0

    async def work() -> None:
        nonlocal months
        while queue:
            with using(queue.pop()):
                more = await recompute_dirty()
            months += more

    await asyncio.gather(*(asyncio.create_task(work()) for _ in range(at_once)))
    counted = time.perf_counter() - begun
    begun, wrong = time.perf_counter(), 0
    for house in houses:
        wrong += len((await verify(house.ref))[1])
    proved = time.perf_counter() - begun
    assert wrong == 0, wrong
    return [
        Figure(f"{len(refs)} committees, {months} months counted again", counted, "s"),
        Figure("a month counted again, in all of that", 1000 * counted / months, "ms"),
        Figure(f"{len(houses)} committees proved by counting otherwise", proved, "s", note="differences: 0"),
    ]


async def all_worked_off() -> None:
    """Wait until no mark and no job is left: those of the clock too, which a first dispatcher leaves at once."""
    async with asyncio.timeout(120):
        while await _left() or await outbox.waiting():  # noqa: ASYNC110 - other processes do what is waited for
            await asyncio.sleep(0.2)
