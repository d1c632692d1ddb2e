"""The roll live: server-sent events, so that the deputy's phone shows what the secretary taps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from web import hints
from web.access import in_committee
from web.asking import Asked, reader_of
from web.roll_call.routes import changes_since

# A comment this often keeps proxies from cutting the line; a look this often finds changes whose hint was lost.
_PING = 15.0
# Then the phone connects anew with its own cookie: rights that were taken away end here at the latest.
_LONGEST = 900.0


class _Seen(msgspec.Struct):
    version: int


@get("/{slug:str}/meetings/{meeting:uuid}/events", access=in_committee)
async def events(request: Asked, meeting: FromPath[UUID], since: FromQuery[int] = 0) -> Stream:
    """A stream of ``changes`` events for one roll, from a version on."""
    reader = reader_of(request)
    first = await changes_since(meeting, since, reader)
    return Stream(
        _follow(meeting, since, first, reader),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _follow(meeting: UUID, since: int, first: bytes, reader: Any) -> AsyncIterator[bytes]:
    body, until = first, asyncio.get_running_loop().time() + _LONGEST
    async with hints.hub().subscribe(hints.topic(meeting)) as told:
        while True:
            version = msgspec.json.decode(body, type=_Seen).version
            if version > since:
                since = version
                yield b"event: changes\ndata: " + body + b"\n\n"
            else:
                yield b": ping\n\n"
            if asyncio.get_running_loop().time() > until:
                return
            with contextlib.suppress(asyncio.TimeoutError):
                await told.wait(_PING)
            told.clear()
            body = await changes_since(meeting, since, reader)
