"""The one actor: runs the job of some outbox rows and writes down what became of it.

dramatiq's own retries are off: it loses a message when the queue fails just then, and the truth is in PostgreSQL.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import dramatiq
from dramatiq import Broker, Middleware, Worker
from dramatiq.asyncio import get_event_loop_thread
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AsyncIO, MiddlewareError

from infra.log import describe
from infra.postgres import close_pool, open_pool
from infra.queue import make_broker
from infra.settings import Settings
from workers import outbox
from workers.dispatcher import ACTOR
from workers.jobs import INTERACTIVE, JOBS, QUEUES, Hopeless, perform

UNKNOWN_SECONDS, MARGIN_SECONDS = 20.0, 5.0

log = logging.getLogger(__name__)


def make_worker(
    given: Settings, *, threads: int, queues: set[str] | None = None
) -> tuple[RedisBroker, Worker]:
    """A worker of this process, not yet started. ``queues`` None: all."""
    broker = make_broker(
        given.queue_url, QUEUES, middleware=[AsyncIO(), Pool(given.database_url, threads + 1)]
    )
    dramatiq.actor(actor_name=ACTOR, queue_name=INTERACTIVE, broker=broker)(run)
    # How long an idle consumer sleeps before it asks again: part of the time from a closed roll to its figure.
    return broker, Worker(broker, queues=queues, worker_threads=threads, worker_timeout=200)


class PoolFailed(MiddlewareError):
    """The database can't be reached at the start of a worker."""


class Pool(Middleware):
    """Opens the database's pool on the event loop of the actors before the first message, and closes it after the last.

    It stands behind AsyncIO: "before" hooks run in the order of the list, "after" hooks in the reverse. Not
    after_worker_boot, as one might think: consumers run by then.
    """

    def __init__(self, url: str, size: int) -> None:
        self._url, self._size = url, size

    def before_worker_boot(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002 - dramatiq's signature
        """Open it; what an ordinary exception would say here, dramatiq would only log."""
        loop = get_event_loop_thread()
        assert loop is not None
        try:
            loop.run_coroutine(open_pool(self._url, size=self._size))
        except (asyncpg.PostgresError, OSError) as error:
            loop.stop()
            raise PoolFailed(describe(error)) from error

    def after_worker_shutdown(self, broker: Broker, worker: Worker) -> None:  # noqa: ARG002 - dramatiq's signature
        """Close it."""
        loop = get_event_loop_thread()
        assert loop is not None
        loop.run_coroutine(close_pool())


async def run(name: str, ids: Sequence[str]) -> None:
    """Do what the rows ``ids`` ask for, all the same job ``name``, unless it is done; never raises: the rows know."""
    try:
        await _run(name, [UUID(text) for text in ids])
    except Exception as error:  # noqa: BLE001 - the database may be away; the dispatcher sends the rows again
        log.warning("the outcome of a job could not be written down", extra={"error": describe(error)})


async def _run(name: str, ids: list[UUID]) -> None:
    seconds = JOBS[name].seconds if name in JOBS else UNKNOWN_SECONDS
    rows = await outbox.begin(ids, seconds + MARGIN_SECONDS)
    if not rows:
        return
    tries = max(row["attempts"] for row in rows)
    facts = {"job": name, "schema": rows[0]["schema_name"], "rows": len(rows), "attempt": tries}
    open_ids = [row["id"] for row in rows]
    if tries > outbox.ATTEMPTS:
        await outbox.failed(
            open_ids, "begun too often and never ended: does it kill its worker?", hopeless=True
        )
        log.error("job given up", extra=facts)
        return
    try:
        async with asyncio.timeout(seconds):
            await perform(name, rows[0]["schema_name"], json.loads(rows[0]["arguments"]))
    except Exception as error:
        await outbox.failed(open_ids, describe(error), hopeless=isinstance(error, Hopeless))
        log.error("job failed", extra=facts, exc_info=error)
    else:
        await outbox.done(open_ids)
        log.debug("job done", extra=facts)
