"""The yearly thematic resolution on assigning work: which there are, one of them, and the work it names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from infra.postgres import Record
from server import clock
from server.accounts.reader import Reader
from server.assignments import resolutions
from server.assignments.resolutions import CHOICES, LONGEST_ABSTRACT, Choice
from server.assignments.resolutions import Body as Written
from server.assignments.rules import AREAS
from server.cells.queries import cells_of
from server.words import Refused, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, in_committee
from web.asking import Asked, Form, date_in, reader_of, uuid_in
from web.assignments.shown import card
from web.meetings.routes import seen_cells
from web.render import errors, page, translate
from web.words import day

# Of what a resolution names, as much as a page shows; all of it is in its annex.
SHOWN = 200
# What a form may ask for.
_VERBS = ("write", "put", "put_all", "take")


def resolution_href(year: int, cell: UUID | None, **more: str) -> str:
    """The address of a year's resolution, of the committee where no cell is given."""
    asked = {"cell": str(cell) if cell else "", **more}
    query = urlencode({key: value for key, value in asked.items() if value})
    return f"/{current().slug}/resolutions/{year}{f'?{query}' if query else ''}"


def writes(reader: Reader) -> bool:
    """Whether this reader writes any resolution here."""
    return reader.whole_committee or any(reader.may_close_roll(cell) for cell in reader.cells())


@get("/{slug:str}/resolutions", access=in_committee)
async def show_resolutions(request: Asked) -> Response[str]:
    """All that the reader writes or works for, and where the next is begun."""
    reader, today = reader_of(request), clock.today()
    if not writes(reader):
        raise NoSuchPage
    async with transaction(read_only=True):
        found = await resolutions.resolutions(reader)
        cells = [
            row for row in await cells_of(seen_cells(reader), on=today) if _writes_for(row["id"], reader)
        ]
    bodies = [(None, current().title)] if reader.whole_committee else []
    begun = {(row["cell"], row["year"]) for row in found}
    fresh = [
        (resolution_href(today.year, cell), name)
        for cell, name in [*bodies, *((row["id"], row["name"]) for row in cells)]
        if (cell, today.year) not in begun
    ]
    return page(
        request, "assignments/resolutions.html", rows=[_listed(row) for row in found], year=today.year,
        fresh=fresh if len(fresh) <= 1 or not reader.whole_committee else fresh[:1],
        cells=[(str(row["id"]), row["name"]) for row in cells] if reader.whole_committee else [],
        go=f"/{current().slug}/resolutions/{today.year}",
        back=(f"/{current().slug}/assignments", translate(request, say("Danh sách việc"))),
    )  # fmt: skip


def _writes_for(cell: UUID, reader: Reader) -> bool:
    return reader.whole_committee or reader.may_close_roll(cell)


def _listed(row: Record) -> dict[str, Any]:
    return {
        "href": resolution_href(row["year"], row["cell"]), "year": row["year"],
        "body": row["cell_name"] or current().title, "number": row["number"], "works": row["works"],
        "adopted": day(row["adopted_on"]) if row["adopted_on"] else None, "abstract": row["abstract"],
    }  # fmt: skip


@get("/{slug:str}/resolutions/{year:int}", access=in_committee)
async def show_resolution(
    request: Asked,
    year: FromPath[int],
    cell: FromQuery[str] = "",
    q: FromQuery[str] = "",
    area: FromQuery[str] = "",
    of: FromQuery[str] = "",
) -> Response[str]:
    """One resolution: what is written of it, what it names, and what it might name (``q``, ``area``, cell ``of``)."""
    return await _show(request, year, cell_in(cell), _choice(q, area, of), {}, {})


def cell_in(text: str) -> UUID | None:
    """The cell whose resolution is meant; None for the committee's. Raises NoSuchPage for what is no id."""
    found = uuid_in(text)
    if text and found is None:
        raise NoSuchPage
    return found


def _choice(q: str, area: str, of: str) -> Choice:
    return Choice(q.replace("\0", " ")[:100], area if area in AREAS else "", uuid_in(of))


async def _show(
    request: Asked, year: int, cell: UUID | None, choice: Choice, typed: Mapping[str, str], faults: Mapping[str, str],
    status: int = 200,
) -> Response[str]:  # fmt: skip
    reader, today = reader_of(request), clock.today()
    async with transaction(read_only=True):
        row, cell_name = await resolutions.resolution(cell, year, reader)
        named = await resolutions.works(row["id"], limit=SHOWN) if row else []
        count = await resolutions.count_works(row["id"]) if row else 0
        rest, more = await resolutions.open_works(cell, year, choice)
        cells = await cells_of(None, on=today) if cell is None else []
    values = _values(row) | {"q": choice.words, "area": choice.area, "of": str(choice.cell or ""), **typed}
    return page(
        request, "assignments/resolution.html", status=status, year=year, body=cell_name or current().title,
        whole=cell is None, cell=str(cell or ""), begun=row is not None, values=values, errors=faults,
        here=resolution_href(year, cell), named=[_work(one, today) for one in named], count=count,
        rest=[_work(one, today) for one in rest], rest_count=more, longest=LONGEST_ABSTRACT, most=CHOICES,
        areas=[(code, translate(request, words)) for code, words in AREAS.items()],
        cells=[(str(one["id"]), one["name"]) for one in cells], filtered=any((choice.words, choice.area, choice.cell)),
        exports=_exports(year, cell) if count else [],
        previous=_year_href(year - 1, cell, today), next=_year_href(year + 1, cell, today),
        back=(f"/{current().slug}/resolutions", translate(request, say("Nghị quyết chuyên đề"))),
    )  # fmt: skip


def _values(row: Record | None) -> dict[str, str]:
    if row is None:
        return {"number": "", "adopted_on": "", "abstract": ""}
    adopted = row["adopted_on"].isoformat() if row["adopted_on"] else ""
    return {"number": row["number"], "adopted_on": adopted, "abstract": row["abstract"]}


def _work(row: Record, today: date) -> dict[str, Any]:
    return card({**row, "asked_due": None}, today)


def _exports(year: int, cell: UUID | None) -> list[tuple[str, str]]:
    base, query = f"/{current().slug}/resolutions/{year}/annex", f"?cell={cell}" if cell else ""
    return [(f"{base}.{kind}{query}", words) for kind, words in
            (("docx", "Word"), ("pdf", "PDF"), ("xlsx", "Excel"))]  # fmt: skip


def _year_href(year: int, cell: UUID | None, today: date) -> str | None:
    return resolution_href(year, cell) if year in resolutions.years(today) else None


@post("/{slug:str}/resolutions/{year:int}", access=in_committee)
async def change_resolution(
    request: Asked, year: FromPath[int], data: Form, cell: FromQuery[str] = ""
) -> Response[Any]:
    """Write it, name works in it, or take them out again: the button pressed says which."""
    reader, of = reader_of(request), cell_in(cell)
    verb = data.get("do", "")
    if verb not in _VERBS:
        raise NoSuchPage
    choice = _choice(data.get("q", ""), data.get("area", ""), data.get("of", ""))
    ticked = [
        int(key[5:]) for key in data if key.startswith("take.") and key[5:].isdecimal() and len(key) < 15
    ]
    if verb == "write":
        typed = {name: data.get(name, "").strip() for name in ("number", "adopted_on", "abstract")}
        try:
            await resolutions.write(of, year, _written(typed), by=reader)
        except Refused as refusal:
            return await _show(request, year, of, choice, typed, errors(request, refusal), status=422)
    elif verb == "put":
        await resolutions.put_in(of, year, ticked, by=reader)
    elif verb == "put_all":
        await resolutions.put_in_all(of, year, choice, by=reader)
    else:
        await resolutions.take_out(of, year, ticked, by=reader)
    kept = {"q": choice.words, "area": choice.area, "of": str(choice.cell or "")} if verb == "put" else {}
    return Redirect(resolution_href(year, of, **kept), status_code=303)


def _written(typed: Mapping[str, str]) -> Written:
    adopted = date_in(typed["adopted_on"])
    if typed["adopted_on"] and adopted is None:
        raise Refused(adopted_on=say("Ngày không đúng, xin ghi như 03/11/2026."))
    return Written(" ".join(typed["number"].upper().split()), adopted, " ".join(typed["abstract"].split()))
