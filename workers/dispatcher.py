"""Hands the outbox to the queue: what is due and what was sent but never done. Run as many as you like."""

from __future__ import annotations

import asyncio
import logging
import os
from collections import defaultdict
from uuid import UUID

import asyncpg
from dramatiq import Broker, Message

from infra import metrics, standing
from infra.log import Outage, describe
from infra.postgres import Away
from infra.queue import QueueErrors
from server import clock
from tenants.transactions import platform_transaction
from workers import outbox, runs, timetable
from workers.jobs import PAPER_JOBS, queue_of

ACTOR = "run"
IDLE_SECONDS, OUTAGE_SECONDS, TICK_SECONDS = 0.2, 1.0, 20.0
# So long after the last round that succeeded this process says that it is not ready.
LATE_SECONDS = 15.0
PER_TENANT, PER_ROUND, PER_MESSAGE = 100, 2000, 500
# For each page that can be worked on one more waits in the queue: no worker idles, and whoever comes next waits for
# one page, not for five hundred.
AHEAD = 2
CORES = os.cpu_count() or 1

log = logging.getLogger(__name__)


class QueueDown(Exception):
    """The queue took no message."""


class Dispatcher:
    """One loop over the outbox, until it is stopped."""

    def __init__(self, broker: Broker, *, paper: int = CORES) -> None:
        self._broker, self._paper = broker, paper
        self._stopped = asyncio.Event()
        self._queue_outage = Outage(log, "the queue")
        self._database_outage = Outage(log, "the database")
        self._tick_at = self._round_at = 0.0

    def stop(self) -> None:
        """End the loop after the present round."""
        self._stopped.set()

    async def stopped(self) -> None:
        """Return once it is stopped."""
        await self._stopped.wait()

    async def ready(self) -> tuple[bool, dict[str, str]]:
        """Whether rounds succeed, and since when they do not."""
        why = standing.not_ready()
        since = asyncio.get_running_loop().time() - self._round_at
        rounds = "ok" if since < LATE_SECONDS else "no round has succeeded for a while: see the log"
        return not why and rounds == "ok", {"standing": why or "ok", "rounds": rounds}

    async def run(self) -> None:
        """Round after round; what is unreachable is waited for."""
        while not self._stopped.is_set():
            await self._sleep(await self._try_round())

    async def round(self) -> int:
        """Send what is due now, at most PER_ROUND rows and PER_TENANT of one tenant, and of paper as much as can be
        worked on; how many rows were sent.

        Raises QueueDown with nothing written down, so everything is sent again: a job twice is harmless.
        """
        async with platform_transaction():
            rows = await outbox.claim(per_tenant=PER_TENANT, limit=PER_ROUND, besides=[*PAPER_JOBS])
            rows += await outbox.claim_few([*PAPER_JOBS], at_once=AHEAD * self._paper)
            if not rows:
                return 0
            # All these rows have committed before the job runs, so one run does for all that ask for the same.
            same: defaultdict[tuple[str | None, str, str], list[UUID]] = defaultdict(list)
            for row in rows:
                same[row["schema_name"], row["job"], row["arguments"]].append(row["id"])
            messages = [
                _message(job, ids[start : start + PER_MESSAGE])
                for (_, job, _), ids in same.items()
                for start in range(0, len(ids), PER_MESSAGE)
            ]
            await self._send(messages)
            await outbox.sent([row["id"] for row in rows])
            return len(rows)

    async def _send(self, messages: list[Message[None]]) -> None:
        try:
            for message in messages:
                await asyncio.to_thread(self._broker.enqueue, message)
        except QueueErrors as error:
            raise QueueDown(describe(error)) from error

    async def _try_round(self) -> float:
        try:
            await self._tick()
            rows = await self.round()
        except QueueDown as error:
            self._queue_outage.began(error)
            return OUTAGE_SECONDS
        except (asyncpg.PostgresError, *Away) as error:
            self._database_outage.began(error)
            return OUTAGE_SECONDS
        self._database_outage.over()
        metrics.ROUND_AT.set_to_current_time()
        self._round_at = asyncio.get_running_loop().time()
        if rows:
            self._queue_outage.over()
            log.debug("sent", extra={"rows": rows})
        return IDLE_SECONDS if rows < PER_ROUND else 0

    async def _tick(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._tick_at:
            await timetable.tick(clock.now())
            await runs.wake()
            self._tick_at = now + TICK_SECONDS

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopped.wait()
        except TimeoutError:
            return


def _message(job: str, ids: list[UUID]) -> Message[None]:
    return Message(
        queue_name=queue_of(job), actor_name=ACTOR, args=(job, [str(i) for i in ids]), kwargs={}, options={}
    )
