"""Traces: what one request led to, through the outbox and the job, down to its SQL. Off unless an address is set.

Here stands only what the product says; what is said to it is passed on by infra/otlp.py, which loads OpenTelemetry and
is imported by ``start`` alone. While it is off a span is nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Literal, Protocol

from infra.log import describe, facts_from

Kind = Literal["server", "consumer", "internal"]
# Jobs that one row each of many asked for: so many of them are named as causes.
MOST_CAUSES = 20

log = logging.getLogger(__name__)


class Span(Protocol):
    """Something that takes its time."""

    def tell(self, *, name: str = "", failed: str = "", **facts: str | int) -> None:
        """A better name, the kind of an error, more facts. Never a person's data."""


class Tracer(Protocol):
    """What infra/otlp.py does when traces are on."""

    def span(
        self, name: str, kind: Kind, causes: Sequence[str], facts: dict[str, str | int]
    ) -> AbstractContextManager[Span]:
        """A span below the present one or below its first cause."""

    def traceparent(self) -> str | None:
        """The present span as W3C writes it."""

    async def watch(self, connection: Any) -> None:
        """Make spans of a connection's statements."""

    def stop(self) -> None:
        """Send what is left, for a moment."""


class _Nothing:
    def tell(self, *, name: str = "", failed: str = "", **facts: str | int) -> None:
        """Nobody listens."""


_NOTHING = _Nothing()
_tracer: Tracer | None = None


def start(process: str, url: str) -> None:
    """Send this process's spans to a collector (OTLP over HTTP); nothing for ``""``. A collector that is wrong or away
    is told in the log and hurts nothing else.
    """
    global _tracer
    if not url or _tracer is not None:
        return
    try:
        from infra.otlp import Sender  # noqa: PLC0415 - takes long and megabytes, so only where it is wanted

        _tracer = Sender(process, url)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the product goes on
        log.error("traces are off", extra={"error": describe(error)})
        return
    facts_from(_told)


def stop() -> None:
    """Send what is left, for a moment at most, and be off."""
    global _tracer
    tracer, _tracer = _tracer, None
    if tracer is not None:
        tracer.stop()


@contextmanager
def span(
    name: str, kind: Kind = "internal", *, causes: Sequence[str | None] = (), **facts: str | int
) -> Iterator[Span]:
    """A span for the length of a block: below the present one, or below the first of ``causes`` (traceparents), linked
    with the others.
    """
    if _tracer is None:
        yield _NOTHING
        return
    known = list(dict.fromkeys(cause for cause in causes if cause))[:MOST_CAUSES]
    with _tracer.span(name, kind, known, facts) as made:
        yield made


def traceparent() -> str | None:
    """The present span, to be kept beside what it asks for; None without one."""
    return None if _tracer is None else _tracer.traceparent()


async def watch(connection: Any) -> None:
    """For a new connection of the pool: its statements are spans, without their values."""
    if _tracer is not None:
        await _tracer.watch(connection)


def _told() -> dict[str, str]:
    made = traceparent()
    return {} if made is None else {"trace": made.split("-")[1]}
