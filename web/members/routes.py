"""The register of members for the committee's office: found by name, taken out as a workbook."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get
from litestar.params import FromQuery

from infra.postgres import Record
from server import clock, names
from server.cells.queries import cells_of
from server.members import actions, queries
from server.members.queries import Found, Search
from server.words import say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, office
from web.asking import Asked, reader_of
from web.assignments.year import year_href
from web.cells.routes import exempt_word
from web.members.imports import workbook
from web.render import page, translate

FORMER = "former"
_FORMER_WORDS = say("Đã thôi sinh hoạt")


@get("/{slug:str}/members", access=office, support=True)
async def members(
    request: Asked,
    q: FromQuery[str] = "",
    cell: FromQuery[str] = "",
    after: FromQuery[str] = "",
    before: FromQuery[str] = "",
) -> Response[str]:
    """Members by name and cell, fifty at a time; the block ``results`` alone for htmx."""
    today = clock.today()
    async with transaction(read_only=True):
        cells = await cells_of(None, on=today)
        wanted = _search(q, cell, cells)
        found = await queries.search(wanted, on=today, after=_number(after), before=_number(before))
        total = found.total or await queries.anybody()
    await actions.note_look("members", by=reader_of(request))
    return page(
        request, "members/members.html", part="results", q=q, cell=cell, found=found.total, total=bool(total),
        cells=[*((str(row["id"]), row["name"]) for row in cells), (FORMER, translate(request, _FORMER_WORDS))],
        members=[_person(request, row) for row in found.people], office=reader_of(request).whole_committee,
        **_paging(found, q, cell),
    )  # fmt: skip


def _search(q: str, cell: str, cells: list[Record]) -> Search:
    if cell in ("", FORMER):
        return Search(q, former=cell == FORMER)
    chosen: UUID | None = next((row["id"] for row in cells if str(row["id"]) == cell), None)
    if chosen is None:
        raise NoSuchPage
    return Search(q, chosen)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _person(request: Asked, row: Record) -> dict[str, Any]:
    family, given = names.split(row["name"])
    works_here, kind = reader_of(request).whole_committee, row["exempt_kind"]
    return {
        "no": row["no"], "href": year_href(row["no"]) if works_here else None,
        "family": family, "given": given, "cell_name": row["cell_name"],
        "group_name": row["group_name"], "probationary": row["probationary"],
        "exempt_word": exempt_word(request, kind) if works_here or not kind
        else translate(request, say("miễn sinh hoạt")),
        "away_word": translate(request, say("đang sinh hoạt tạm thời nơi khác")) if row["away"] else None,
    }  # fmt: skip


def _paging(found: Found, q: str, cell: str) -> dict[str, Any]:
    def link(name: str, row: Record) -> str:
        return f"/{current().slug}/members?" + urlencode({"q": q, "cell": cell, name: row["no"]})

    last = found.before + len(found.people)
    more, less = last < found.total, found.before > 0
    return {
        "previous_href": link("before", found.people[0]) if found.people and less else None,
        "next_href": link("after", found.people[-1]) if found.people and more else None,
        "page_text": f"{found.before + 1}–{last} / {found.total:,}".replace(",", "."),
    }


@get("/{slug:str}/members/export.xlsx", access=office)
async def export(request: Asked) -> Response[bytes]:
    """The whole register as a workbook; who took it is written down."""
    made = await actions.export(by=reader_of(request))
    return workbook(made, f"dang-vien-{current().slug}-{clock.today():%Y-%m-%d}.xlsx")
