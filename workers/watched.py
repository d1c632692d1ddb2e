"""A worker is watched from a loop beside it: its own begins late, and must be seen from outside when it is stuck."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from dramatiq.asyncio import get_event_loop_thread

from infra import standing
from infra.postgres import lookup
from infra.settings import Settings
from infra.watching import Watched

Answer = TypeVar("Answer")

# How long the loop of the jobs may take to say a word, and a server to answer.
LOOP_SECONDS, ASK_SECONDS = 5.0, 3.0


@contextmanager
def watched_beside(given: Settings, ping_queue: Callable[[], None]) -> Iterator[None]:
    """Have a thread answer for this worker during a block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="watched", daemon=True)
    thread.start()
    watched = Watched("worker", given, _ready_for(ping_queue), _alive)
    asyncio.run_coroutine_threadsafe(watched.start(), loop).result()
    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(watched.stop(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _ready_for(ping_queue: Callable[[], None]) -> Callable[[], Awaitable[tuple[bool, dict[str, str]]]]:
    async def ready() -> tuple[bool, dict[str, str]]:
        if why := standing.not_ready():
            return False, {"standing": why}
        database, queue = await asyncio.gather(
            _said(_of_the_jobs(lookup("SELECT 1"), ASK_SECONDS)), _said(asyncio.to_thread(ping_queue))
        )
        return database == queue == "ok", {"database": database, "queue": queue}

    return ready


async def _alive() -> bool:
    try:
        await _of_the_jobs(asyncio.sleep(0), LOOP_SECONDS)
    except TimeoutError:
        return False
    return True


async def _of_the_jobs(asked: Coroutine[Any, Any, Answer], seconds: float) -> Answer | None:
    """What the loop of the jobs says; None before there is one. Raises TimeoutError where it says nothing."""
    thread = get_event_loop_thread()
    if thread is None or not thread.loop.is_running():
        asked.close()
        return None
    async with asyncio.timeout(seconds):
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(asked, thread.loop))


async def _said(check: Awaitable[object]) -> str:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            await check
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a server is an answer here, not a fault
        return type(error).__name__
    return "ok"
