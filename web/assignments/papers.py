"""Assigned work on paper: the annex of minutes, the annex of a resolution, and the list as it is filtered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from uuid import UUID

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from infra.lazy import lazy
from server import clock, names
from server.assignments import annex_of, resolutions
from server.assignments.annex import Annex
from server.assignments.listing import listed
from server.events import record_event
from server.meetings.queries import NotFound
from server.minutes.names import attachment
from server.words import say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, in_committee
from web.asking import Asked, reader_of
from web.assignments import asked
from web.assignments.resolutions import cell_in

# More rows than anybody reads on paper; past it the paper says how many there are.
MOST = 5_000
# Papers that a process makes at once: each takes a core for as long as its rows are many.
_MAKING = asyncio.Semaphore(2)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS: dict[str, tuple[str, Callable[[Annex], bytes]]] = {
    "docx": (_WORD, lazy("server.assignments.annex_docx:write")),
    "pdf": ("application/pdf", lazy("server.assignments.annex_pdf:write")),
    "xlsx": (_EXCEL, lambda annex: _write_list(annex.entries)),
}
_write_list: Callable[..., bytes] = lazy("server.assignments.workbook:write")


@get(
    [f"/{{slug:str}}/meetings/{{meeting:uuid}}/assignments/annex.{kind}" for kind in ("docx", "pdf")],
    access=in_committee,
)
async def meeting_annex(request: Asked, meeting: FromPath[UUID]) -> Response[bytes]:
    """The work given in a meeting, to be kept with its minutes."""
    held, annex = await annex_of.of_meeting(meeting, reader_of(request))
    return await _paper(request, annex, f"phan-cong-{_plain(held['cell_name'])}-{held['held_on']:%Y-%m-%d}")


@get([f"/{{slug:str}}/resolutions/{{year:int}}/annex.{kind}" for kind in _KINDS], access=in_committee)
async def resolution_annex(request: Asked, year: FromPath[int], cell: FromQuery[str] = "") -> Response[bytes]:
    """The work that a yearly resolution names."""
    async with transaction(read_only=True):
        row, cell_name = await resolutions.resolution(cell_in(cell), year, reader_of(request))
        if row is None:
            raise NotFound(year)
        found, count = (
            await resolutions.works(row["id"], limit=MOST),
            await resolutions.count_works(row["id"]),
        )
    annex = await annex_of.of_resolution(row, cell_name, found, note=_note(count))
    return await _paper(request, annex, f"nghi-quyet-{year}-{_plain(cell_name or current().title)}")


@get([f"/{{slug:str}}/assignments/list.{kind}" for kind in _KINDS], access=in_committee)
async def list_paper(request: Asked) -> Response[bytes]:
    """The list as it is filtered, as much of it as the reader may see."""
    reader = reader_of(request)
    wanted, _ = asked.filter_in(asked.values_in(request))
    async with transaction(read_only=True):
        if wanted.cell and not reader.may_see_cell(wanted.cell):
            raise NoSuchPage
        found = await listed(wanted, reader, limit=MOST)
    cells = {row["cell_name"] for row in found.rows}
    annex = await annex_of.of_list(
        found.rows, cell_name=cells.pop() if len(cells) == 1 else None, note=_note(found.total), by=reader
    )
    return await _paper(request, annex, f"phan-cong-{current().slug}-{clock.today():%Y-%m-%d}")


def _note(works: int) -> str:
    """What a paper says that has not room for all of its works."""
    if works <= MOST:
        return ""
    all_works, here = (f"{n:,}".replace(",", ".") for n in (works, MOST))
    return say("Danh sách có {works} việc; ở đây là {here} việc đầu.", works=all_works, here=here)


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", names.fold(name)).strip("-")[:60]


async def _paper(request: Asked, annex: Annex, name: str) -> Response[bytes]:
    """A paper of the kind that the address ends in; who took it is written down."""
    kind = request.url.path.rpartition(".")[2]
    media_type, write = _KINDS[kind]
    async with _MAKING:
        content = await asyncio.to_thread(write, annex)
    async with transaction():
        subject = request.url.path.removeprefix(f"/{current().slug}/")
        await record_event(reader_of(request), "assignments_exported", subject, str(len(annex.entries)))
    return Response(
        content, media_type=media_type,
        headers={"Content-Disposition": attachment(f"{name}.{kind}"), "Cache-Control": "private, no-store"},
    )  # fmt: skip
