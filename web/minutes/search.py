"""Search in all minutes that the reader may see: one field, a few filters, and the lines in their pictures."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Response, get
from litestar.params import FromQuery

from server import clock
from server.cells.queries import cells_of
from server.meetings.rules import KINDS
from server.minutes.ladder import LONGEST_QUERY, NEAR, typed_words
from server.minutes.marking import MarkedLine
from server.minutes.search import COUNTED, After, Found, Hit, HitPage, Wanted, search
from server.words import Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, in_committee
from web.asking import Asked, date_in, reader_of, uuid_in
from web.meetings.routes import seen_cells
from web.minutes.shown import version
from web.render import page, translate
from web.words import day, kind_word

_ASKED = ("q", "cell", "kind", "since", "until", "person")
# Of a picture around what was found, in heights of the line: what is shown above and below, and to each side.
_AROUND, _ASIDE = 0.8, 1.5
# The strip's width as a share of the page's: on a phone a whole line would be too small to be read.
_STRIP = 0.42


@get("/{slug:str}/minutes/search", access=in_committee, support=True)
async def search_minutes(
    request: Asked,
    q: FromQuery[str] = "",
    cell: FromQuery[str] = "",
    kind: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    person: FromQuery[str] = "",
    after: FromQuery[str] = "",
) -> Response[str]:
    """Documents by what stands in them, ten at a time; all that was asked is in the address."""
    values = {
        "q": q[:LONGEST_QUERY],
        "cell": cell,
        "kind": kind,
        "since": since,
        "until": until,
        "person": person[:LONGEST_QUERY],
    }
    wanted, faults = _wanted(request, values)
    asked = not faults and bool(wanted.rungs())
    async with transaction(read_only=True):
        cells = await cells_of(seen_cells(reader_of(request)), on=clock.today())
        if wanted.cell and wanted.cell not in {row["id"] for row in cells}:
            raise NoSuchPage
        found = await search(wanted, after=_after(after)) if asked else Found([], 0, None)
    return page(
        request, "minutes/search.html", part="results", values=values, errors=faults, asked=asked,
        cells=[(str(row["id"]), row["name"]) for row in cells], kinds=list(KINDS.items()),
        told=_told(found), hits=[_hit(hit, values) for hit in found.hits],
        filtered=any(values[name] for name in _ASKED[1:]), wordless=bool(q.strip()) and not typed_words(q),
        next_href=_next(values, found.after), first=_after(after) is None,
    )  # fmt: skip


def _wanted(request: Asked, values: dict[str, str]) -> tuple[Wanted, dict[str, str]]:
    """What is looked for, and what is wrong with the filters, field by field."""
    faults, days = {}, dict[str, date | None]()
    for name in ("since", "until"):
        days[name] = date_in(values[name])
        if values[name] and days[name] is None:
            faults[name] = translate(request, say("Ngày không đúng, xin ghi như 03/11/2026."))
    since, until = days["since"], days["until"]
    if since and until and since > until:
        faults["until"] = translate(request, say("“Đến ngày” không được trước “Họp từ ngày”."))
    cell = uuid_in(values["cell"]) if values["cell"] else None
    if values["cell"] and cell is None:
        raise NoSuchPage
    kind = values["kind"] if values["kind"] in KINDS else None
    cells = seen_cells(reader_of(request))
    return Wanted(values["q"], cells, cell, kind, since, until, values["person"]), faults


def _after(text: str) -> After | None:
    """The document behind which to go on, as ``_next`` wrote it; None for none and for nonsense."""
    rung, _, rest = text.partition("_")
    held_on, _, minutes = rest.partition("_")
    known, on = uuid_in(minutes), date_in(held_on)
    return After(int(rung), on, known) if rung in set("12345") and known and on else None


def _next(values: dict[str, str], after: After | None) -> str | None:
    if after is None:
        return None
    behind = f"{after.rung}_{after.held_on.isoformat()}_{after.minutes}"
    given = {name: value for name, value in values.items() if value}
    return f"/{current().slug}/minutes/search?{urlencode({**given, 'after': behind})}"


def _told(found: Found) -> Say | None:
    """How many documents; only said on the first page of answers."""
    if found.total is None:
        return None
    if found.total > COUNTED:
        return say("Hơn {n} biên bản", n=COUNTED)
    return say("{n} biên bản", n=found.total)


def _hit(hit: Hit, values: dict[str, str]) -> dict[str, Any]:
    base = f"/{current().slug}/minutes/{hit.minutes}"
    words = values["q"] if typed_words(values["q"]) else values["person"]
    return {
        "href": base, "cell_name": hit.cell_name, "title": kind_word(hit.kind), "day": day(hit.held_on),
        "near": hit.rung == NEAR, "more": hit.more,
        "pages": [
            {
                "number": one.number, "href": f"{base}?{urlencode({'page': one.page, 'q': words})}{_place(one)}",
                "lines": [_line(one, line, base) for line in one.lines],
            }
            for one in hit.pages
        ],
    }  # fmt: skip


def _place(of: HitPage) -> str:
    """The line that was found, in the picture of the page."""
    return f"#l{of.lines[0].number}" if of.lines else ""


def _line(of: HitPage, line: MarkedLine, base: str) -> dict[str, Any]:
    """A line's text in parts, and the strip of the picture around what was found first in it."""
    _, y, _, height = line.box
    x, _, width, _ = line.marks[0]
    wide = min(max(width + 2 * height * _ASIDE, of.width * _STRIP), of.width)
    left = min(max(x + width / 2 - wide / 2, 0), of.width - wide)
    return {
        "parts": line.parts, "src": f"{base}/pages/{of.page}/colour.webp?v={version(of.clean_key)}",
        "width": of.width, "height": of.height, "marks": line.marks,
        "box": [round(value) for value in (left, max(y - height * _AROUND, 0), wide, height * (1 + 2 * _AROUND))],
    }  # fmt: skip
