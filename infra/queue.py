"""The queue: dramatiq over Valkey or Redis. It carries ids of outbox rows and may forget them: PostgreSQL does not."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

import redis
import redis.asyncio
from dramatiq import Middleware
from dramatiq.brokers.redis import RedisBroker
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.settings import settings

CONNECT_SECONDS, ANSWER_SECONDS = 3, 5

# Whatever goes wrong between us and the queue.
QueueErrors = (redis.RedisError, OSError)
# A mistake in the password or the user's rights, which waiting does not mend.
QueueWrong = (redis.AuthenticationError, redis.exceptions.NoPermissionError)


def make_broker(url: str, queues: Iterable[str], *, middleware: Iterable[Middleware] = ()) -> RedisBroker:
    """A broker with these queues; it connects when it is first used and gives up after seconds, not minutes."""
    broker = RedisBroker(
        client=_connect(url),
        middleware=list(middleware),
        namespace="nennep",
        # A killed worker's messages come back once its heartbeat is a minute old *and* a random clean-up happens: one
        # command in ten instead of one in a thousand. Until then the dispatcher has sent them again anyway.
        heartbeat_timeout=60_000,
        maintenance_chance=100_000,
    )
    for name in queues:
        broker.declare_queue(name)
    return broker


def _connect(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        _plain(url),
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        health_check_interval=30,
        # Once more at once: the pooled connection may be one that the server's last restart has cut.
        retry=Retry(NoBackoff(), 1),
    )


def async_client(url: str) -> redis.asyncio.Redis:
    """A client for asyncio without retries of its own: trying again is the caller's."""
    return redis.asyncio.Redis.from_url(
        _plain(url),
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=AsyncRetry(NoBackoff(), 0),
    )


def ping() -> None:
    """Nothing if the queue of this process's settings answers; raises one of QueueErrors if it does not."""
    _client().execute_command("PING")


@lru_cache(maxsize=1)
def _client() -> redis.Redis:
    return _connect(settings().queue_url)


def _plain(url: str) -> str:
    # The same protocol under its other name.
    return "redis" + url.removeprefix("valkey") if url.startswith("valkey") else url
