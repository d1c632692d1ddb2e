"""The list of assigned work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response, get

from server import clock
from server.accounts.reader import Reader
from server.assignments import queries, rules
from server.assignments.listing import Filter, Listed, listed
from server.assignments.sight import sight_of
from server.cells.queries import cells_of
from server.words import Say, say
from tenants.current import current
from tenants.transactions import transaction
from web.access import NoSuchPage, in_committee
from web.asking import Asked, reader_of
from web.assignments import asked
from web.assignments.shown import card, places
from web.meetings.routes import seen_cells
from web.render import page, translate


@get("/{slug:str}/assignments", access=in_committee, support=True)
async def list_work(request: Asked) -> Response[str]:
    """Assigned work, fifty at a time; all that was asked is in the address. The block ``results`` alone for htmx."""
    values, asks = asked.values_in(request), request.query_params
    reader = reader_of(request)
    wanted, faults = asked.filter_in(values)
    async with transaction(read_only=True):
        cells = await cells_of(seen_cells(reader), on=clock.today())
        if wanted.cell and not reader.may_see_cell(wanted.cell):
            raise NoSuchPage
        found = await listed(
            wanted,
            reader,
            after=asked.number(asks.get("after", "")),
            before=asked.number(asks.get("before", "")),
        )
        some = found.rows or (await listed(Filter(), reader, limit=1)).rows
        here = wanted.cell or (cells[0]["id"] if len(cells) == 1 else None)
        people = await queries.people(here, clock.today()) if here else []
        sight = await sight_of(reader)
    return page(
        request, "assignments/list.html", part="results", links=places(reader, "list", sight.cells), values=values,
        errors={name: translate(request, why) for name, why in faults.items()},
        cells=[(str(row["id"]), row["name"]) for row in cells], people=[(one["no"], one["name"]) for one in people],
        states=asked.STATES, dues=asked.DUES, areas=list(rules.AREAS.items()), sorts=asked.SORTED,
        filtered=any(values[name] for name in asked.NAMES[1:]), any=bool(some), several=len(cells) > 1,
        rows=[card(row, clock.today()) for row in found.rows], found=found.total, told=_told(values),
        exports=[] if reader.only_looks else _exports(values), all_href=_all_href(values), more=_more(reader),
        give_href=_give_href(reader), **_paging(found, values),
    )  # fmt: skip


def _told(values: Mapping[str, str]) -> Say:
    """What the number of hits counts."""
    if any(values[name] for name in asked.NAMES if name not in ("sort", "state")):
        return say("việc phù hợp")
    match values["state"] or asked.USUAL_STATE:
        case asked.USUAL_STATE:
            return say("việc chưa xong: đang làm, hoặc đã báo xong và chờ nhận")
        case "all":
            return say("việc đã giao, cả đang làm lẫn đã kết thúc")
    return say("việc phù hợp")


def _all_href(values: Mapping[str, str]) -> str | None:
    """The same list with what is ended; None where that is in it already."""
    if values["state"] not in ("", asked.USUAL_STATE):
        return None
    return f"/{current().slug}/assignments?{asked.address({**values, 'state': 'all'})}"


def _paging(found: Listed, values: Mapping[str, str]) -> dict[str, Any]:
    path = f"/{current().slug}/assignments"
    return {
        "previous_href": f"{path}?{asked.address(values, before=found.before)}" if found.before else None,
        "next_href": f"{path}?{asked.address(values, after=found.after)}" if found.after else None,
    }


def _exports(values: Mapping[str, str]) -> list[tuple[str, Say]]:
    kinds = {"xlsx": say("Excel (.xlsx)"), "docx": say("Phụ lục Word (.docx)"), "pdf": say("Phụ lục PDF")}
    query = asked.address(values)
    return [
        (f"/{current().slug}/assignments/list.{kind}" + (f"?{query}" if query else ""), words)
        for kind, words in kinds.items()
    ]


def _more(reader: Reader) -> list[tuple[str, Say]]:
    """The other pages of assigned work for who works for the office or leads a cell."""
    base = f"/{current().slug}"
    if reader.whole_committee:
        return [
            (f"{base}/assignments/figures", say("Số liệu giao việc của các chi bộ")),
            (f"{base}/resolutions", say("Nghị quyết chuyên đề về phân công")),
            (f"{base}/reminders", say("Danh sách cần báo trực tiếp")),
            (f"{base}/assignments/reminding", say("Cài đặt nhắc việc")),
        ]
    if reader.only_looks:
        return [(f"{base}/assignments/figures", say("Số liệu giao việc của các chi bộ"))]
    if reader.has("secretary", "deputy"):
        return [
            (f"{base}/reminders", say("Danh sách cần báo trực tiếp")),
            (f"{base}/resolutions", say("Nghị quyết chuyên đề về phân công")),
        ]
    if reader.has("recorder", "group_leader"):
        return [(f"{base}/reminders", say("Danh sách cần báo trực tiếp"))]
    return []


def _give_href(reader: Reader) -> str | None:
    gives = reader.whole_committee or any(rules.may_give(reader, cell) for cell in reader.cells())
    return f"/{current().slug}/assignments/new" if gives else None
