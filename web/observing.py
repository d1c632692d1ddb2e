"""Around every request: its number, its line in the log, its span, and what is counted of it."""

from __future__ import annotations

import logging
import os
import time
from base64 import b32encode

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from infra import metrics, traces
from infra.log import about

HEADER = b"x-request-id"
UNKNOWN_ROUTE = "unmatched"
# Of files nobody reads a number out, and every byte of a first visit counts.
_FILES = ("/static/", "/sw.js", "/favicon.ico", "/manifest.webmanifest")
# Whoever asked has gone before there was an answer.
GONE = 499

log = logging.getLogger("nennep.access")


def new_number() -> str:
    """Ten letters and digits that a person can read out to the office: 2QF7C-MN4KA. Never a client's own, which could
    say anything and would stand in the log.
    """
    drawn = b32encode(os.urandom(7))[:10].decode()
    return f"{drawn[:5]}-{drawn[5:]}"


class Observed:
    """Numbers requests (``state.request_id`` and the header X-Request-Id), and tells of each when it is over."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        number = new_number()
        scope.setdefault("state", {})["request_id"] = number
        answer = _Answer(send, b"" if scope["path"].startswith(_FILES) else number.encode())
        metrics.IN_FLIGHT.inc()
        try:
            with (
                about(request=number),
                traces.span(scope["method"], "server", nennep__request=number) as span,
            ):
                try:
                    await self.app(scope, receive, answer.send)
                finally:
                    _tell(scope, answer, span)
        finally:
            metrics.IN_FLIGHT.dec()


class _Answer:
    """What of an answer can be told: its status (GONE until there is one), its bytes, whether it is a live stream."""

    __slots__ = ("_headers", "_send", "began", "bytes", "status", "streamed")

    def __init__(self, send: Send, number: bytes) -> None:
        self._send, self._headers = send, [(HEADER, number)] if number else []
        self.began = time.perf_counter()
        self.status, self.bytes, self.streamed = GONE, 0, False

    async def send(self, message: Message) -> None:
        """Pass a message on, with the number in the head of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [*message["headers"], *self._headers]
            message["headers"] = headers
            self.streamed = any(value.startswith(b"text/event-stream") for _, value in headers)
        elif message["type"] == "http.response.body":
            self.bytes += len(message.get("body", b""))
        await self._send(message)


def _tell(scope: HTTPScope, answer: _Answer, span: traces.Span) -> None:
    seconds = time.perf_counter() - answer.began
    # The template and never the path, which names committees, people and what they looked for.
    route, method = scope.get("path_template") or UNKNOWN_ROUTE, scope["method"]
    metrics.answered(route, method, answer.status, seconds, streamed=answer.streamed)
    committee = scope["state"].get("committee")
    span.tell(
        name=f"{method} {route}", failed=str(answer.status) if answer.status >= 500 else "",
        http__request__method=method, http__route=route, http__response__status_code=answer.status,
        nennep__committee=committee.schema_name if committee is not None else "",
    )  # fmt: skip
    # A probe asks every few seconds and has nothing to tell.
    log.log(
        logging.DEBUG if route.startswith("/health/") else logging.INFO,
        "request",
        extra={"method": method, "route": route, "status": answer.status, "ms": round(seconds * 1000, 1),
               "bytes": answer.bytes},
    )  # fmt: skip
