"""Hints between web processes: "something changed at this topic, look again".

A hint carries nothing and may be lost; who waits for one looks anyway after a while. Inside this process it arrives at
once, with or without a queue; other processes hear of it by Valkey's pub/sub, at most every tenth of a second.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

from infra import metrics
from infra.log import Outage
from infra.queue import QueueErrors, async_client

CHANNEL = "nennep:hints"
WINDOW_SECONDS, OUTAGE_SECONDS, LISTEN_SECONDS, STOP_SECONDS = 0.1, 1.0, 30.0, 1.0
# More topics than this in one window, or during an outage, and all are told to look.
MANY, ALL = 1000, "*"

log = logging.getLogger(__name__)


class Hint:
    """What a subscriber waits on; stays set until it is cleared, so nothing told in between is missed."""

    def __init__(self) -> None:
        self._told = asyncio.Event()

    async def wait(self, timeout: float | None = None) -> bool:  # noqa: ASYNC109 - part of what a caller asks for
        """True once told, False after ``timeout`` seconds without a word. Clear it before you look."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._told.wait()
        return self._told.is_set()

    def clear(self) -> None:
        """Wait for the next word from now on."""
        self._told.clear()

    def set(self) -> None:
        """Wake who waits."""
        self._told.set()


class Hints:
    """All hints of one process. Used from one event loop."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._me = uuid4().hex
        self._waiting: dict[str, set[Hint]] = defaultdict(set)
        self._untold: set[str] = set()
        self._wanted = asyncio.Event()
        self._outage = Outage(log, "the queue (hints)")
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to tell other processes and to hear them; the queue may be down and may come later."""
        self._client = async_client(self._url)
        self._tasks = [asyncio.create_task(self._tell_others()), asyncio.create_task(self._hear_others())]

    async def stop(self) -> None:
        """End both; what was not yet told is lost."""
        going = set(self._tasks)
        while going:
            # More than once: a cancellation that meets a time limit inside the client can be lost there.
            for task in going:
                task.cancel()
            _, going = await asyncio.wait(going, timeout=STOP_SECONDS)
        if self._tasks:
            self._tasks = []
            await self._client.aclose()

    @property
    def away(self) -> float:
        """For how many seconds the queue has not answered; 0 while it does."""
        return self._outage.lasts

    def tell(self, topic: str) -> None:
        """Something changed at ``topic``. Never waits and never fails."""
        self._wake(topic)
        self._untold.add(topic if len(self._untold) < MANY else ALL)
        self._wanted.set()

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator[Hint]:
        """A hint that is set whenever something is told of ``topic``, here or in another process."""
        hint = Hint()
        self._waiting[topic].add(hint)
        metrics.LISTENERS.inc()
        try:
            yield hint
        finally:
            metrics.LISTENERS.dec()
            self._waiting[topic].discard(hint)
            if not self._waiting[topic]:
                del self._waiting[topic]

    def _wake(self, topic: str) -> None:
        # A copy, and get(): an answer to the wake-up may unsubscribe, and asking must not make an entry.
        for hint in list(self._waiting.get(topic, ())):
            hint.set()

    def wake_all(self) -> None:
        """Have everybody look."""
        for topic in list(self._waiting):
            self._wake(topic)

    async def _tell_others(self) -> None:
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            topics, self._untold = self._untold, set()
            pause = WINDOW_SECONDS
            try:
                await self._client.publish(CHANNEL, json.dumps([self._me, sorted(topics)]))
                self._outage.over()
            except QueueErrors as error:
                self._outage.began(error)
                self._untold |= topics
                self._wanted.set()
                pause = OUTAGE_SECONDS
            # The first word goes out at once, what follows within the window goes together.
            await asyncio.sleep(pause)

    async def _hear_others(self) -> None:
        while True:
            try:
                async with self._client.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    while True:
                        message = await channel.get_message(timeout=LISTEN_SECONDS)
                        if message is not None:
                            self._heard(message)
            except QueueErrors as error:
                self._outage.began(error)
            await asyncio.sleep(OUTAGE_SECONDS)

    def _heard(self, message: dict[str, object]) -> None:
        if message["type"] == "subscribe":
            self._outage.over()
            # Whatever was told while nobody listened is unknown: let everybody look.
            self.wake_all()
        elif message["type"] == "message" and isinstance(message["data"], bytes):
            sender, topics = json.loads(message["data"])
            if sender != self._me:
                for topic in topics:
                    self.wake_all() if topic == ALL else self._wake(topic)
