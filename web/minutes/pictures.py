"""A document's pictures, and the searchable PDF to keep: all of our own making, nothing of an upload."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from infra.objects import Missing, ObjectErrors, open_stream
from infra.postgres import Record, one
from server.accounts.reader import Reader
from server.meetings.queries import NotFound
from server.minutes import rules, viewing
from server.minutes.actions import note_look
from server.minutes.names import attachment, download_name
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of
from web.minutes.shown import version
from web.problems import Down

# Kept by the browser and asked for every time: who may no longer see it, or has logged out, is shown nothing.
_KEPT = "private, no-cache"


@get("/{slug:str}/minutes/{minutes:uuid}/pages/{page:uuid}/colour.webp", access=in_committee, support=True)
async def colour(request: Asked, minutes: FromPath[UUID], page: FromPath[UUID]) -> Response[Any] | Stream:
    """A page's picture, cleaned and in colour; to look at it is to open the document."""
    async with transaction():
        held = await viewing.document(minutes, reader_of(request))
        found = await _page(held, page, reader_of(request))
        await viewing.note_opened(held, by=reader_of(request))
    return await picture(request, found["clean_key"])


@get("/{slug:str}/minutes/{minutes:uuid}/pages/{page:uuid}/thumb.webp", access=in_committee, support=True)
async def thumb(request: Asked, minutes: FromPath[UUID], page: FromPath[UUID]) -> Response[Any] | Stream:
    """A page's picture, small."""
    async with transaction(read_only=True):
        held = await viewing.document(minutes, reader_of(request))
        found = await _page(held, page, reader_of(request))
    return await picture(request, found["thumb_key"])


async def _page(held: Record, page: UUID, reader: Reader) -> Record:
    """Where a page's pictures lie. One that was taken out is shown only to those who may bring it back."""
    row = await one(
        "SELECT clean_key, thumb_key, file FROM minutes_page WHERE id = $1 AND minutes = $2", page, held["id"]
    )
    if row is None or (row["file"] not in held["wanted"] and not rules.may_send(reader, held["cell"])):
        raise NotFound(page)
    return row


async def picture(request: Asked, key: str) -> Response[Any] | Stream:
    """A stored picture by its key, kept by the browser; 304 where it has it. Raises NotFound for none."""
    if not key:
        raise NotFound(key)
    tag = f'"{version(key)}"'
    headers = {"Cache-Control": _KEPT, "ETag": tag, "Vary": "Cookie"}
    if request.headers.get("If-None-Match") == tag:
        return Response(None, status_code=304, headers=headers)
    return Stream(await begun(key), media_type="image/webp", headers=headers)


@get("/{slug:str}/minutes/{minutes:uuid}/document.pdf", access=in_committee)
async def pdf(request: Asked, minutes: FromPath[UUID]) -> Stream:
    """All pages as one searchable PDF; who took it is written down."""
    async with transaction():
        held = await viewing.document(minutes, reader_of(request))
        if not held["pdf_key"]:
            raise NotFound(minutes)
        await note_look(minutes, "minutes_downloaded", by=reader_of(request))
    name = download_name(held["cell_name"], held["held_on"], None, "pdf")
    return Stream(
        await begun(held["pdf_key"]), media_type="application/pdf",
        headers={"Content-Disposition": attachment(name), "Cache-Control": "private, no-store"},
    )  # fmt: skip


async def begun(key: str) -> AsyncIterator[bytes]:
    """An object's bytes, of which the first have come: what is away is said before the answer begins."""
    pieces = open_stream(key)
    try:
        first = await anext(pieces, b"")
    except Missing:
        raise NotFound(key) from None
    except ObjectErrors:
        raise Down from None

    async def all_of_it() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_of_it()
