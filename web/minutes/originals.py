"""The original of a page to keep as a file: what was sent, without where, when and with what it was taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from litestar import get
from litestar.params import FromPath
from litestar.response import Stream

from infra import objects
from infra.postgres import Record
from server.meetings.queries import NotFound
from server.minutes.actions import note_look
from server.minutes.names import attachment, download_name
from server.minutes.queries import original
from server.minutes.uploads import TYPES
from server.paper import child
from server.words import Refused, say
from tenants.transactions import transaction
from web.access import in_committee
from web.asking import Asked, reader_of

# Copies that a process makes at once; others wait.
_COPYING = asyncio.Semaphore(2)
_PIECE = 256 * 1024


@get("/{slug:str}/minutes/{minutes:uuid}/files/{file:uuid}/original", access=in_committee)
async def download(request: Asked, minutes: FromPath[UUID], file: FromPath[UUID]) -> Stream:
    """A bare copy of an original, under a name of ours; who took it is written down."""
    async with transaction():
        found = await original(minutes, file, reader_of(request))
        await note_look(minutes, "minutes_downloaded", by=reader_of(request))
    name = download_name(found["cell_name"], found["held_on"], found["place"], found["kind"])
    return await sent_bare(found, name)


async def sent_bare(found: Record, name: str) -> Stream:
    """A stored file (its object_key and kind) without EXIF, saved under ``name``. Raises NotFound, Refused(file=…)."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix=f"{child.FOLDER}copy-")))
        copy = await _bare_copy(found, folder)
        size = (await asyncio.to_thread(copy.stat)).st_size
        # From here on the answer owns the folder.
        sent = _sent(copy, stack.pop_all())
    return Stream(
        sent, media_type=TYPES[found["kind"]],
        headers={
            "Content-Disposition": attachment(name), "Content-Length": str(size),
            "Content-Security-Policy": "sandbox", "Cache-Control": "private, no-store",
        },
    )  # fmt: skip


async def _bare_copy(found: Record, folder: Path) -> Path:
    whole, copy = folder / "original", folder / "copy"
    try:
        async with _COPYING:
            await objects.get_file(found["object_key"], whole)
            await child.bare(whole, found["kind"], copy)
    except objects.Missing:
        raise NotFound(found["object_key"]) from None
    except (child.PageFailed, child.ChildDied):
        raise Refused(
            file=say(
                "Chưa tách được thông tin nơi chụp khỏi tệp gốc này nên không tải về được. Xin tải bản PDF."
            )
        ) from None
    return copy


async def _sent(copy: Path, stack: AsyncExitStack) -> AsyncIterator[bytes]:
    async with stack:
        with await asyncio.to_thread(copy.open, "rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece
