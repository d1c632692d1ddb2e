"""The floor of the roll-call page: the same queries in the same transactions, then a fixed page of the same size.

A bare ASGI application, run as ``python -m tests.bench.fixed FILE --port N``; FILE is the page, uncompressed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import brotli
import uvicorn

from infra.postgres import close_pool, open_pool
from infra.settings import settings
from server.accounts import sessions
from server.roll_call import queries
from tenants.current import set_current
from tenants.transactions import transaction
from web.app import COMPRESSION


class Fixed:
    """Answers every path as if it were a roll's page."""

    def __init__(self, page: bytes) -> None:
        self.page = page

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        body = b"live"
        if scope["path"] != "/health/live":
            await _ask(scope)
            body = brotli.compress(self.page, mode=brotli.MODE_TEXT, quality=COMPRESSION.brotli_quality)
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-encoding", b"br"),
                   (b"content-length", b"%d" % len(body))]  # fmt: skip
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


async def _live(receive: Any, send: Any) -> None:
    await receive()
    await open_pool(settings().database_url, size=settings().database_pool)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await close_pool()
    await send({"type": "lifespan.shutdown.complete"})


async def _ask(scope: Any) -> None:
    slug, meeting = scope["path"].split("/")[1:4:2]
    cookie = next(value for name, value in scope["headers"] if name == b"cookie").decode()
    visit = await sessions.visit(cookie.partition("=")[2], slug)
    set_current(visit.committee)
    assert visit.reader is not None
    async with transaction(read_only=True):
        await queries.meeting(UUID(meeting), visit.reader)
        assert await queries.entries(UUID(meeting))


def main() -> None:
    page, port = Path(sys.argv[1]).read_bytes(), int(sys.argv[3])
    uvicorn.run(
        Fixed(page),
        port=port,
        http="httptools",
        ws="none",
        access_log=False,
        log_level="warning",
        server_header=False,
    )


if __name__ == "__main__":
    main()
