"""The roll live: server-sent events, so that the deputy's phone shows what the secretary taps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import msgspec
from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from infra import standing
from infra.postgres import Away
from server.accounts import sessions
from server.meetings.queries import NotFound
from tenants.current import current
from web import hints
from web.access import in_committee
from web.asking import Asked, reader_of
from web.roll_call.routes import changes_since

# A comment this often keeps proxies from cutting the line; a look this often finds changes whose hint was lost.
LOOK_SECONDS = 15.0
# Then the phone connects anew: streams do not pile up in a process behind phones that went away without a word.
LONGEST_SECONDS = 900.0


class _Seen(msgspec.Struct):
    version: int


@get("/{slug:str}/meetings/{meeting:uuid}/events", access=in_committee)
async def events(request: Asked, meeting: FromPath[UUID], since: FromQuery[int] = 0) -> Stream:
    """A stream of ``changes`` events for one roll, from a version on."""
    first = await changes_since(meeting, since, reader_of(request))
    return Stream(
        _follow(meeting, since, first, request.scope["state"]["token"]),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _follow(meeting: UUID, since: int, body: bytes, token: str) -> AsyncIterator[bytes]:
    until = asyncio.get_running_loop().time() + LONGEST_SECONDS
    async with hints.hub().subscribe(hints.topic(meeting)) as told:
        told.set()  # by what came between the first look and now
        yield b": begun\n\n"
        # A process that ends lets go of its phones: they come back to another one.
        while asyncio.get_running_loop().time() < until and not standing.closing():
            version = msgspec.json.decode(body, type=_Seen).version
            if version > since:
                since = version
                yield b"event: changes\ndata: " + body + b"\n\n"
            if not await told.wait(LOOK_SECONDS):
                yield b": ping\n\n"
            told.clear()
            # Asked anew each time: whoever was logged out, or lost the role, hears nothing more. Where the database is
            # away the phone comes back as after any line that broke.
            try:
                visit = await sessions.visit(token, current().slug)
                # Another committee at this path, or this one taken back to a backup, is another roll.
                if visit.reader is None or visit.committee != current() or current().state != "active":
                    return
                body = await changes_since(meeting, since, visit.reader)
            except (NotFound, *Away):
                return
