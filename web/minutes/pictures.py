"""A document's pictures, and the searchable PDF to keep: all of our own making, nothing of an upload."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from litestar import get
from litestar.params import FromPath, FromQuery
from litestar.response import Stream

from infra.objects import Missing, ObjectErrors, open_stream
from infra.postgres import Record, one
from server.meetings.queries import NotFound
from server.minutes import viewing
from server.minutes.actions import note_look
from server.minutes.names import attachment, download_name
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of
from web.minutes.shown import version
from web.problems import Down

# A picture's address says which run has made it, so what lies behind it never changes.
_KEPT = "private, max-age=604800, immutable"


@get("/{slug:str}/minutes/{minutes:uuid}/pages/{page:uuid}/colour.webp", access=in_committee)
async def colour(
    request: Asked, minutes: FromPath[UUID], page: FromPath[UUID], v: FromQuery[str] = ""
) -> Stream:
    """A page's picture, cleaned and in colour; to look at it is to open the document."""
    async with transaction():
        held = await viewing.document(minutes, reader_of(request))
        found = await _page(minutes, page)
        await viewing.note_opened(held, by=reader_of(request))
    return await _picture(found["clean_key"], v)


@get("/{slug:str}/minutes/{minutes:uuid}/pages/{page:uuid}/thumb.webp", access=in_committee)
async def thumb(
    request: Asked, minutes: FromPath[UUID], page: FromPath[UUID], v: FromQuery[str] = ""
) -> Stream:
    """A page's picture, small."""
    async with transaction(read_only=True):
        await viewing.document(minutes, reader_of(request))
        found = await _page(minutes, page)
    return await _picture(found["thumb_key"], v)


async def _page(minutes: UUID, page: UUID) -> Record:
    row = await one(
        "SELECT clean_key, thumb_key FROM minutes_page WHERE id = $1 AND minutes = $2", page, minutes
    )
    if row is None:
        raise NotFound(page)
    return row


async def _picture(key: str, v: str) -> Stream:
    if not key:
        raise NotFound(key)
    return Stream(
        await _begun(key), media_type="image/webp",
        headers={"Cache-Control": _KEPT if v == version(key) else "private, no-store", "Vary": "Cookie"},
    )  # fmt: skip


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
        await _begun(held["pdf_key"]), media_type="application/pdf",
        headers={"Content-Disposition": attachment(name), "Cache-Control": "private, no-store"},
    )  # fmt: skip


async def _begun(key: str) -> AsyncIterator[bytes]:
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
