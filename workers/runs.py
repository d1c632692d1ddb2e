"""Goes through runs: claims an item, does it, claims the next. As many at once as the kinds and the lane allow."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from infra import metrics, traces
from infra.log import about, describe
from infra.postgres import Away
from server.fleet.kinds import CRASHED, FAILED, STORE_AWAY, TOO_SLOW
from server.minutes.keeping import StoreAway
from server.words import Refused, as_json
from tenants import run_work, runs
from tenants.outbox import Hopeless
from tenants.run_work import HOLD_SECONDS, Lost
from tenants.runs import Work
from tenants.transactions import platform_transaction
from workers.run_kinds import KINDS, Kind

# Items in flight in each of the two lanes, all workers together: threads stay free for what else there is to do.
AT_ONCE = 2
# How long a worker goes from item to item before others get its thread; the next one goes on at once.
TURN_SECONDS = 20.0
# After the attempts of an item that failed, and while the object store is away.
BACKOFF_SECONDS, STORE_AWAY_SECONDS = 2.0, 30.0

log = logging.getLogger(__name__)


def limits() -> dict[str, int]:
    """How many items of each kind may be worked on at the same time."""
    return {name: kind.at_once for name, kind in KINDS.items()}


async def work_runs() -> None:
    """Go through the runs for which nobody waits at a screen."""
    await _work(urgent=False)


async def work_urgent_runs() -> None:
    """Go through the runs for which somebody waits."""
    await _work(urgent=True)


async def wake() -> None:
    """Call workers for what waits and nobody was called for; cheap, for every tick of the dispatcher."""
    async with platform_transaction():
        await run_work.wake(limits(), at_once=AT_ONCE)


async def _work(*, urgent: bool) -> None:
    until = asyncio.get_running_loop().time() + TURN_SECONDS
    while (work := await _claim(urgent)) is not None:
        await _observed(work)
        if asyncio.get_running_loop().time() > until:
            async with platform_transaction():
                await runs.call(runs.URGENT_JOB if urgent else runs.JOB)
            return
    async with platform_transaction(read_only=True):
        left = await run_work.unended(limits(), urgent=urgent)
    for row in left:
        await _end(row["id"], KINDS[row["kind"]])


async def _claim(urgent: bool) -> Work | None:
    async with platform_transaction():
        return await run_work.claim(limits(), urgent=urgent, at_once=AT_ONCE)


@dataclass(frozen=True)
class Fault:
    """Why an item was not done: a sentence or a key of FAULTS; when it is tried again, and whether that counts."""

    why: str
    again_seconds: float | None = None
    counted: bool = True
    said: tuple[object, ...] = ()


async def _observed(work: Work) -> None:
    """Do an item so that its lines in the log, its span and what is counted know which one it is."""
    with (
        about(run=str(work.run), kind=work.kind),
        traces.span(f"run {work.kind}", nennep__run=str(work.run)) as span,
    ):
        outcome = await _do(work)
        if outcome != "done":
            span.tell(failed=outcome)
    metrics.RUN_ITEMS.labels(work.kind, outcome).inc()


async def _do(work: Work) -> str:
    """What became of an item: done, put_back, failed, or lost to somebody else."""
    kind = KINDS[work.kind]
    facts = {"item": work.no, "attempt": work.attempt}
    try:
        # Not held any longer while the outcome is written: the hold that there is lasts for that.
        async with _holding(lambda: run_work.hold(work)):
            outcome = await _try(work, kind, facts)
        async with platform_transaction():
            over = await _write(work, outcome)
    except Lost:
        log.warning("an item was taken by somebody else", extra=facts)
        return "lost"
    if over:
        await _end(work.run, kind)
    if isinstance(outcome, Fault):
        return "failed" if outcome.again_seconds is None else "put_back"
    log.debug("an item is done", extra=facts)
    return "done"


async def _try(work: Work, kind: Kind, facts: dict[str, Any]) -> dict[str, Any] | Fault:
    if work.attempt > kind.attempts:
        # Begun too often and never ended, not even badly: it kills its worker.
        return Fault(CRASHED)
    try:
        async with asyncio.timeout(kind.seconds):
            return await kind.perform(work) or {}
    except Lost:
        raise
    except (Refused, Hopeless) as error:
        log.warning("an item was refused", extra=facts | {"error": describe(error)})
        reasons = error.reasons.values() if isinstance(error, Refused) else ()
        return Fault(str(error), said=tuple(map(as_json, reasons)))
    except StoreAway as error:
        log.warning("an item was put off", extra=facts | {"error": describe(error.__cause__ or error)})
        return Fault(STORE_AWAY, STORE_AWAY_SECONDS, counted=False)
    except Exception as error:
        log.error("an item failed", extra=facts, exc_info=error)
        again = BACKOFF_SECONDS * 2**work.attempt if work.attempt < kind.attempts else None
        return Fault(TOO_SLOW if isinstance(error, TimeoutError) else FAILED, again)


async def _write(work: Work, outcome: dict[str, Any] | Fault) -> bool:
    """Write down what became of an item; whether all of its run are done."""
    if not isinstance(outcome, Fault):
        return await run_work.finish(work, outcome)
    if outcome.again_seconds is None:
        await run_work.fail(work, outcome.why, said=outcome.said)
    else:
        await run_work.put_back(work, outcome.why, seconds=outcome.again_seconds, counted=outcome.counted)
    return False


async def _end(run: UUID, kind: Kind) -> None:
    """What a run ends with, and its end. Raises what the kind raises: it is tried again after a while."""
    async with _holding(lambda: run_work.serve(run)):
        if kind.finished is not None:
            await kind.finished(run)
        async with platform_transaction():
            await run_work.end(run)


@asynccontextmanager
async def _holding(say_so: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
    """Say again and again that somebody is at it; where somebody else has it now the block is ended by Lost."""
    mine = asyncio.current_task()
    assert mine is not None
    lost = False

    async def go_on() -> None:
        nonlocal lost
        while True:
            await asyncio.sleep(HOLD_SECONDS / 3)
            try:
                async with platform_transaction():
                    await say_so()
            except (asyncpg.PostgresError, *Away):
                continue
            except Lost:
                lost = True
                mine.cancel()
                return

    holding = asyncio.create_task(go_on())
    try:
        yield
    except asyncio.CancelledError:
        if lost and mine.uncancel() == 0:
            raise Lost from None
        raise
    finally:
        holding.cancel()
