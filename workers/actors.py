"""The one actor: runs the job of some outbox rows and writes down what became of it.

dramatiq's own retries are off: it loses a message when the queue fails just then, and the truth is in PostgreSQL.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import dramatiq
from dramatiq import Broker, Middleware, Worker
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, MiddlewareError

from infra import metrics, traces
from infra.log import about, describe
from infra.postgres import Away, Record, close_pool, open_pool
from infra.queue import make_broker
from infra.settings import Settings
from server.paper.child import warm_up
from tenants.outbox import Hopeless
from workers import outbox
from workers.dispatcher import ACTOR
from workers.jobs import (
    BULK,
    INTERACTIVE,
    JOBS,
    PAPER,
    QUEUES,
    Job,
    KilledWorker,
    give_up,
    perform,
    somebody_elses,
)

MARGIN_SECONDS, HOLD_SECONDS, LEAVE_SECONDS = 5.0, 30.0, 2.0

_UNKNOWN = Job(perform, BULK, "platform")
_under_way: set[UUID] = set()

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Crew:
    """The workers of this process: one for each kind of threads, each with a broker of its own, over one event loop."""

    workers: tuple[tuple[RedisBroker, Worker], ...]

    def ping(self) -> None:
        """Raises one of QueueErrors if the queue does not answer."""
        self.workers[0][0].client.ping()

    def start(self) -> None:
        """Begin. Raises PoolFailed."""
        for _, worker in self.workers:
            worker.start()

    def stop(self, milliseconds: int) -> None:
        """End after the jobs under way, or after a time; the first, whose event loop the others use, as the last."""
        for broker, worker in reversed(self.workers):
            worker.stop(timeout=milliseconds // len(self.workers))
            broker.close()


def make_crew(given: Settings, *, threads: int, paper: int, queues: set[str]) -> Crew:
    """The workers of this process, not yet started: ``threads`` for what is quick, ``paper`` for pages, which take
    seconds each: nothing quick ever waits behind them.
    """
    kinds = [(queues - {PAPER}, threads), (queues & {PAPER}, paper)]
    wanted = [(names, number) for names, number in kinds if names]
    middleware: list[Middleware] = [
        AsyncIO(),
        Pool(
            given.database_url,
            sum(number for _, number in wanted) + 1,
            given.database_connection_queries,
            paper=PAPER in queues,
        ),
    ]
    crew = []
    for names, number in wanted:
        broker = make_broker(given.queue_url, QUEUES, middleware=middleware)
        dramatiq.actor(actor_name=ACTOR, queue_name=INTERACTIVE, broker=broker)(run)
        # How long an idle consumer sleeps before it asks again: part of the time from a closed roll to its figure.
        crew.append((broker, Worker(broker, queues=names, worker_threads=number, worker_timeout=200)))
        middleware = []
    return Crew(tuple(crew))


class PoolFailed(MiddlewareError):
    """The database can't be reached at the start of a worker."""


class Pool(Middleware):
    """Opens the database's pool on the event loop of the actors before the first message, and closes it after the last.

    It stands behind AsyncIO: "before" hooks run in the order of the list, "after" hooks in the reverse. Not
    after_worker_boot, as one might think: consumers run by then.
    """

    def __init__(self, url: str, size: int, queries: int, *, paper: bool) -> None:
        self._url, self._size, self._queries, self._paper = url, size, queries, paper

    def before_worker_boot(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002 - dramatiq's signature
        """Open it; what an ordinary exception would say here, dramatiq would only log."""
        loop = get_event_loop_thread()
        assert loop is not None
        try:
            loop.run_coroutine(open_pool(self._url, size=self._size, queries=self._queries))
        except (asyncpg.PostgresError, *Away) as error:
            loop.stop()
            raise PoolFailed(describe(error)) from error
        if self._paper:
            warm_up()

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002 - dramatiq's signature
        """Hand back what is still under way, and close it."""
        loop = get_event_loop_thread()
        assert loop is not None
        loop.run_coroutine(_leave())


async def _leave() -> None:
    """Jobs that had no time to end are due again now, not when somebody misses them; whose connections are cut."""
    with suppress(asyncpg.PostgresError, *Away):
        await outbox.hold([*_under_way], 0)
    with suppress(TimeoutError):
        async with asyncio.timeout(LEAVE_SECONDS):
            await close_pool()


async def run(name: str, ids: Sequence[str]) -> None:
    """Do what the rows ``ids`` ask for, all the same job ``name``, unless it is done; never raises: the rows know."""
    try:
        await _run(name, [UUID(text) for text in ids])
    except Exception as error:  # noqa: BLE001 - the database may be away; the dispatcher sends the rows again
        log.warning("the outcome of a job could not be written down", extra={"error": describe(error)})


async def _run(name: str, ids: list[UUID]) -> None:
    job = JOBS.get(name, _UNKNOWN)
    # The dispatcher sends again what waits for long; what is under way here need not begin a second time.
    mine = [id_ for id_ in ids if id_ not in _under_way]
    _under_way.update(mine)
    try:
        rows = await outbox.begin(mine, min(job.seconds + MARGIN_SECONDS, HOLD_SECONDS)) if mine else []
        if rows:
            await _observed(name, job, rows)
    finally:
        _under_way.difference_update(mine)


async def _observed(name: str, job: Job, rows: list[Record]) -> None:
    """Do a job so that its lines in the log, its span and what is counted know which one it is."""
    kind = name if name in JOBS else "unknown"
    facts = {"job": str(rows[0]["id"]), "kind": kind}
    if rows[0]["schema_name"] is not None:
        facts["committee"] = rows[0]["schema_name"]
    told = {f"nennep__{key}": value for key, value in facts.items()}
    causes = [row["trace"] for row in rows]
    began = time.monotonic()
    with about(**facts), traces.span(f"job {kind}", "consumer", causes=causes, **told) as span:
        outcome = await _do(name, job, rows)
        if outcome != "done":
            span.tell(failed=outcome)
    metrics.JOBS.labels(kind, outcome).inc()
    metrics.JOB_SECONDS.labels(kind).observe(time.monotonic() - began)


async def _do(name: str, job: Job, rows: list[Record]) -> str:
    """What became of it: done, put_off, failed or given_up."""
    ids, tries = [row["id"] for row in rows], max(row["attempts"] for row in rows)
    facts = {"rows": len(rows), "attempt": tries}
    arguments = json.loads(rows[0]["arguments"])
    holding = asyncio.create_task(_hold(ids))
    try:
        if tries > job.attempts:
            raise KilledWorker("begun too often and never ended: does it kill its worker?")
        async with asyncio.timeout(job.seconds):
            await perform(name, rows[0]["schema_name"], arguments)
    except Exception as error:
        if somebody_elses(error) and all(row["young"] for row in rows):
            await outbox.put_off(ids, describe(error.__cause__ or error))
            log.warning("job put off", extra=facts | {"error": describe(error.__cause__ or error)})
            return "put_off"
        over = tries >= job.attempts or isinstance(error, Hopeless)
        if over:
            await give_up(name, rows[0]["schema_name"], arguments, error)
        await outbox.failed(ids, describe(error), hopeless=over)
        log.error("job given up" if over else "job failed", extra=facts, exc_info=error)
        return "given_up" if over else "failed"
    else:
        await outbox.done(ids)
        log.debug("job done", extra=facts)
        return "done"
    finally:
        holding.cancel()


async def _hold(ids: list[UUID]) -> None:
    """Keep the dispatcher off rows for as long as this process works on them, and not for long after it was killed."""
    while True:
        await asyncio.sleep(HOLD_SECONDS / 3)
        with suppress(asyncpg.PostgresError, *Away):
            await outbox.hold(ids, HOLD_SECONDS)
