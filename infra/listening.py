"""A port for machines: /metrics, /live and /ready of one process, on its own event loop.

Where the loop that does the work answers here too, "alive" is true of it and not of a thread beside it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from infra import metrics

# Several processes of one machine may be given the same port: each takes the first that is free from there on.
PORTS_TRIED = 100
ASK_SECONDS, LARGEST_HEAD = 5.0, 8192

# Whether work may come, and each thing that a process needs with "ok" or what is wrong with it.
Ready = Callable[[], Awaitable[tuple[bool, Mapping[str, str]]]]
Alive = Callable[[], Awaitable[bool]]
Answer = tuple[int, str, bytes]

_WORDS = {200: "OK", 404: "Not Found", 405: "Method Not Allowed", 503: "Service Unavailable"}
_JSON = "application/json"
# A line that broke, an asker that is slow, a head that is too long.
_NOBODY_WAITS = (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)

log = logging.getLogger(__name__)


async def answers() -> bool:
    """This loop does; it could not say so otherwise."""
    return True


class Listening:
    """Answers until it is stopped. ``port``: the one that was free; 0 where nothing listens."""

    def __init__(self, ready: Ready, alive: Alive = answers, *, measured: bool = False) -> None:
        self._ready, self._alive, self._measured = ready, alive, measured
        self._server: asyncio.Server | None = None
        self.port = 0

    async def start(self, host: str, port: int) -> None:
        """Listen on the first free port from ``port`` on; 0 is no port. Where none is free the process goes on
        without: what is watched must not fall because nobody watches it.
        """
        for number in range(port, min(port + PORTS_TRIED, 65536)) if port else ():
            with suppress(OSError):
                self._server = await asyncio.start_server(self._answer, host, number, limit=LARGEST_HEAD)
                self.port = number
                log.info("metrics", extra={"port": number})
                return
        if port:
            log.error("no port is free for metrics", extra={"port": port})

    async def stop(self) -> None:
        """Listen no longer."""
        if self._server is not None:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(*_NOBODY_WAITS):
                if (asked := await _asked(reader)) is not None:
                    await _send(writer, await self._say(*asked), body=asked[0] != b"HEAD")
        except Exception as error:
            log.error("a probe was not answered", exc_info=error)
        finally:
            writer.close()

    async def _say(self, method: bytes, path: bytes) -> Answer:
        if method not in (b"GET", b"HEAD"):
            return 405, "text/plain", b""
        if path == b"/metrics":
            # Put together beside the loop: thousands of lines would hold up whoever marks just now.
            return 200, metrics.CONTENT_TYPE, await asyncio.to_thread(metrics.text, measured=self._measured)
        if path == b"/live":
            alive = await self._alive()
            return (200, _JSON, b'{"state": "alive"}') if alive else (503, _JSON, b'{"state": "stuck"}')
        if path == b"/ready":
            good, found = await self._ready()
            told = {"state": "ready" if good else "not ready"} | dict(found)
            return 200 if good else 503, _JSON, json.dumps(told).encode()
        return 404, "text/plain", b""


async def _asked(reader: asyncio.StreamReader) -> tuple[bytes, bytes] | None:
    """Method and path; None for what is no request."""
    async with asyncio.timeout(ASK_SECONDS):
        words = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)
    return (words[0], words[1].split(b"?")[0]) if len(words) > 1 else None


async def _send(writer: asyncio.StreamWriter, answer: Answer, *, body: bool) -> None:
    status, kind, text = answer
    head = f"HTTP/1.1 {status} {_WORDS[status]}\r\nContent-Type: {kind}\r\nContent-Length: {len(text)}"
    writer.write(f"{head}\r\nConnection: close\r\n\r\n".encode() + (text if body else b""))
    async with asyncio.timeout(ASK_SECONDS):
        await writer.drain()
