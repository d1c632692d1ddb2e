"""Telling the other phones in the room, and the other web processes, that a roll has changed.

A hint carries no data and may be lost: who is told reads the changes from PostgreSQL, and polls now and then anyway.
"""

from __future__ import annotations

from uuid import UUID

from infra.hints import Hints
from tenants.current import current

_hints: Hints | None = None


async def start(url: str) -> None:
    """Begin to listen; a queue that is away is tried again quietly."""
    global _hints
    _hints = Hints(url)
    await _hints.start()


async def stop() -> None:
    """Stop listening."""
    if _hints is not None:
        await _hints.stop()


def topic(meeting: UUID) -> str:
    """The name under which a roll's changes are told: the tenant is part of it."""
    return f"{current().schema_name}:{meeting}"


def tell(meeting: UUID) -> None:
    """Say that a roll of the current committee has changed. Never fails, never waits."""
    if _hints is not None:
        _hints.tell(topic(meeting))


def queue_away() -> float:
    """For how many seconds the queue has not answered this process; 0 while it does."""
    return _hints.away if _hints is not None else 0.0


def hub() -> Hints:
    """The process's hints; only after ``start``."""
    assert _hints is not None
    return _hints
