"""Processes and servers may start in any order: what is not there yet is waited for and said once.

A wrong password, user or database is a mistake, which no waiting mends: it is raised at once.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable

import asyncpg

from infra import standing
from infra.addresses import host_and_port
from infra.log import Outage
from infra.postgres import Away, Wrong, connect, open_pool

AGAIN_SECONDS = 1.0

log = logging.getLogger(__name__)

# Whatever PostgreSQL says of itself while it starts, recovers or has no free connection.
_NOT_YET = (asyncpg.PostgresError, *Away)


async def knock(url: str) -> None:
    """Connect and let go again. Raises one of Wrong, or of what says that PostgreSQL is away."""
    await (await connect(url)).close()


async def open_pool_when_there(url: str, *, size: int, queries: int) -> None:
    """``open_pool``, tried again for as long as PostgreSQL is away. Raises one of Wrong."""
    waiting = _Waiting("database", "PostgreSQL", url)
    while True:
        try:
            await open_pool(url, size=size, queries=queries)
        except Wrong:
            raise
        except _NOT_YET as error:
            waiting.goes_on(error)
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            waiting.over()
            return


def await_database(url: str, stopped: threading.Event) -> None:
    """Return once PostgreSQL lets us in, or ``stopped`` is set. Raises one of Wrong."""
    _await("database", "PostgreSQL", url, lambda: asyncio.run(knock(url)), (Wrong, _NOT_YET), stopped)


def await_queue(url: str, ping: Callable[[], None], stopped: threading.Event) -> None:
    """Return once the queue answers, or ``stopped`` is set. Raises one of QueueWrong."""
    from infra.queue import QueueErrors, QueueWrong  # noqa: PLC0415 - redis takes long, and the web does without this

    _await("queue", "the queue", url, ping, (QueueWrong, QueueErrors), stopped)


_Errors = tuple[type[BaseException], ...]


def _await(
    what: str, name: str, url: str, ask: Callable[[], None], errors: tuple[_Errors, _Errors],
    stopped: threading.Event,
) -> None:  # fmt: skip
    wrong, not_yet = errors
    waiting = _Waiting(what, name, url)
    while not stopped.is_set():
        try:
            ask()
        except wrong:
            raise
        except not_yet as error:
            waiting.goes_on(error)
            stopped.wait(AGAIN_SECONDS)
        else:
            waiting.over()
            return


class _Waiting:
    """One thing that is waited for: said once, and shown by this process's readiness."""

    def __init__(self, what: str, name: str, url: str) -> None:
        self._what = what
        self._outage = Outage(log, f"{name} at {host_and_port(url)}", "waiting for it")
        standing.awaits(what, "not asked yet")

    def goes_on(self, error: BaseException) -> None:
        # The kind alone: everybody may ask the web whether it is ready, and the text would name the server's address.
        standing.awaits(self._what, type(error).__name__)
        self._outage.began(error)

    def over(self) -> None:
        standing.has(self._what)
        self._outage.over()
