"""The floors of the roll-call page: the same queries in the same transactions, then a fixed page of the same size.

``python -m tests.bench.fixed bare|route FILE --port N``: a bare ASGI application, or a route of the product's framework
behind the product's own entrance and guard. FILE is the page, uncompressed; both compress it as the product does.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import brotli
import uvicorn
from litestar import Litestar, Request, Response, get
from litestar.params import FromPath

from infra.postgres import close_pool, open_pool
from infra.settings import settings
from server.accounts import sessions
from server.accounts.reader import Reader
from server.roll_call import queries
from tenants.current import set_current
from tenants.transactions import transaction
from web import csrf
from web.access import in_committee
from web.app import COMPRESSION, guard, lifespan
from web.health import live
from web.visit import Entrance


async def ask(meeting: UUID, reader: Reader) -> None:
    """The queries of the page."""
    async with transaction(read_only=True):
        await queries.meeting(meeting, reader)
        assert await queries.entries(meeting)


class Bare:
    """Answers every path as if it were a roll's page."""

    def __init__(self, page: bytes) -> None:
        self.page = page

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        body = b"live"
        if scope["path"] != "/health/live":
            await self._recognise_and_ask(scope)
            body = brotli.compress(self.page, mode=brotli.MODE_TEXT, quality=COMPRESSION.brotli_quality)
        headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-encoding", b"br"),
                   (b"content-length", b"%d" % len(body))]  # fmt: skip
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _recognise_and_ask(self, scope: Any) -> None:
        slug, meeting = scope["path"].split("/")[1:4:2]
        cookie = next(value for name, value in scope["headers"] if name == b"cookie").decode()
        visit = await sessions.visit(cookie.partition("=")[2], slug)
        set_current(visit.committee)
        assert visit.reader is not None
        await ask(UUID(meeting), visit.reader)


async def _live(receive: Any, send: Any) -> None:
    await receive()
    await open_pool(settings().database_url, size=settings().database_pool)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await close_pool()
    await send({"type": "lifespan.shutdown.complete"})


def route(page: bytes) -> Entrance:
    """The page as a handler among the product's own."""

    @get("/{slug:str}/meetings/{meeting:uuid}/roll-call", access=in_committee, media_type="text/html")
    async def show_fixed(request: Request[Any, Any, Any], meeting: FromPath[UUID]) -> Response[bytes]:
        await ask(meeting, request.scope["state"]["reader"])
        return Response(page)

    return Entrance(
        Litestar(
            route_handlers=[show_fixed, live], guards=[guard], before_request=csrf.check, lifespan=[lifespan],
            openapi_config=None, compression_config=COMPRESSION,
        )
    )  # fmt: skip


def main() -> None:
    kind, file, port = sys.argv[1], Path(sys.argv[2]), int(sys.argv[4])
    made: Any = Bare(file.read_bytes()) if kind == "bare" else route(file.read_bytes())
    uvicorn.run(made, port=port, http="httptools", ws="none", access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
