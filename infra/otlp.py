"""Traces on their way out: OpenTelemetry's SDK, which sends from a thread of its own and forgets what it can't send."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from asyncpg.connection import LoggedQuery
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Link, Span, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from infra.metrics import product_version
from infra.traces import Kind

# How long a collector may take for one parcel, how often one is sent, and how long a process that ends waits for it.
EXPORT_SECONDS, EVERY_SECONDS, STOP_SECONDS = 5, 2, 2
# So many spans may wait for a parcel; more are dropped. A request has some ten: a burst fits, and at about a kilobyte
# each they are no weight.
WAITING_SPANS = 8192
LONGEST_STATEMENT = 1000

_KINDS = {"server": SpanKind.SERVER, "consumer": SpanKind.CONSUMER, "internal": SpanKind.INTERNAL}
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
# A text between quotation marks, in each way that PostgreSQL knows.
_LITERAL = re.compile(r"\$(\w*)\$.*?\$\1\$|'(?:[^']|'')*'", re.DOTALL)


class _Telling:
    def __init__(self, span: Span) -> None:
        self._span = span

    def tell(self, *, name: str = "", failed: str = "", **facts: str | int) -> None:
        """See infra.traces.Span."""
        if name:
            self._span.update_name(name)
        if failed:
            self._span.set_status(Status(StatusCode.ERROR))
            self._span.set_attribute("error.type", failed)
        self._span.set_attributes(_dotted(facts))


class Sender:
    """See infra.traces.Tracer."""

    def __init__(self, process: str, url: str) -> None:
        resource = Resource.create(
            {"service.name": f"nennep-{process}", "service.version": product_version()}
        )
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{url}/v1/traces", timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(
            BatchSpanProcessor(
                exporter,
                max_queue_size=WAITING_SPANS,
                schedule_delay_millis=EVERY_SECONDS * 1000,
                export_timeout_millis=EXPORT_SECONDS * 1000,
            )
        )
        self._tracer = self._provider.get_tracer("nennep")

    @contextmanager
    def span(
        self, name: str, kind: Kind, causes: Sequence[str], facts: dict[str, str | int]
    ) -> Iterator[_Telling]:
        """Texts of exceptions may quote what somebody typed: only their kind is told."""
        contexts = [context for cause in causes if (context := _context(cause)) is not None]
        above = trace.set_span_in_context(trace.NonRecordingSpan(contexts[0])) if contexts else None
        with self._tracer.start_as_current_span(
            name, above, _KINDS[kind], _dotted(facts), [Link(context) for context in contexts[1:]],
            record_exception=False, set_status_on_exception=False,
        ) as made:  # fmt: skip
            telling = _Telling(made)
            try:
                yield telling
            except BaseException as error:
                telling.tell(failed=type(error).__name__)
                raise

    def traceparent(self) -> str | None:
        """The present span; None without one."""
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"

    async def watch(self, connection: Any) -> None:
        """Asyncpg tells a statement when it is over, in the task's own context."""
        connection.add_query_logger(self._said)

    def stop(self) -> None:
        """Send what is left; a collector that is slow keeps nobody from ending."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(STOP_SECONDS)

    def _said(self, said: LoggedQuery) -> None:
        """A span of a statement that has ended. What was bound to it (``said.args``) is never looked at."""
        if not trace.get_current_span().get_span_context().is_valid:
            return
        ended = time.time_ns()
        statement = plain(said.query)
        made = self._tracer.start_span(
            first_words(statement), kind=SpanKind.CLIENT, start_time=ended - int(said.elapsed * 1e9),
            attributes={"db.system.name": "postgresql", "db.query.text": statement[:LONGEST_STATEMENT]},
        )  # fmt: skip
        if said.exception is not None:
            _Telling(made).tell(failed=type(said.exception).__name__)
        made.end(ended)


def plain(statement: str) -> str:
    """A statement in one line, without what stands between quotation marks."""
    return " ".join(_LITERAL.sub("?", statement).split())


def first_words(statement: str) -> str:
    """What a statement's span is called: ``INSERT INTO platform.outbox``, ``SELECT id, name``."""
    return " ".join(statement.split(" ", 3)[:3])[:60].rstrip(";, (") or "statement"


def _dotted(facts: dict[str, str | int]) -> dict[str, str | int]:
    return {key.replace("__", "."): value for key, value in facts.items()}


def _context(cause: str) -> SpanContext | None:
    found = _TRACEPARENT.fullmatch(cause)
    if found is None:
        return None
    return SpanContext(
        int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=TraceFlags(int(found[3], 16))
    )
